//! Dashboard accounts and what tenants among them may see.

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::{AccountId, OrganizationId},
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    id: String,
    email: String,
    name: String,
    role: String,
}

/// A new account. False: the address has one already.
pub async fn add(tx: &mut Tx, viewer: &Viewer, email_key: &str, password_hash: &str, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "insert into accounts (id, email, email_key, name, role, password_hash, created_at) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (email_key) do nothing",
        viewer.account.as_str(),
        viewer.email.as_str(),
        email_key,
        viewer.name.as_str(),
        viewer.role.as_str(),
        password_hash,
        now.nanos(),
    )?;
    if hit == 1 {
        let rows = &viewer.organizations;
        bulk!(
            tx,
            rows,
            1_024,
            "insert into account_organizations (organization_id, account_id) ",
            |id| [id.as_str(), viewer.account.as_str()],
            ""
        );
    }
    Ok(hit == 1)
}

/// Who this is, as of now; their rights are never remembered from the last request.
pub async fn viewer(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<Viewer>> {
    let row: Option<Row> = sql!(optional(tx), "select id, email, name, role from accounts where id = $1", id.as_str())?;
    let Some((row, role)) = row.and_then(|row| Role::parse(&row.role).map(|role| (row, role))) else { return Ok(None) };
    let organizations: Vec<String> = sql!(
        values(tx),
        "select organization_id from account_organizations where account_id = $1 order by organization_id limit 10000",
        id.as_str(),
    )?;
    let organizations = organizations.into_iter().map(OrganizationId::new).collect();
    Ok(Some(Viewer { account: AccountId::new(row.id), name: row.name, email: row.email, role, organizations }))
}

/// The account of an address, with the hash its password is compared to.
pub async fn credentials(tx: &mut Tx, email_key: &str) -> sqlx::Result<Option<(AccountId, String)>> {
    let row: Option<(String, String)> = sql!(optional(tx), "select id, password_hash from accounts where email_key = $1", email_key)?;
    Ok(row.map(|(id, hash)| (AccountId::new(id), hash)))
}

/// The addresses of an organization's own admins.
pub async fn tenant_admins(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        "select a.email from account_organizations o join accounts a on a.id = o.account_id \
         where o.organization_id = $1 and a.role = 'tenant-admin' order by a.email_key limit 1000",
        organization.id().as_str(),
    )
}

/// The addresses of our own staff.
pub async fn staff(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    sql!(values(tx), "select email from accounts where role in ('staff', 'staff-admin') order by email_key limit 1000")
}
