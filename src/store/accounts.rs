//! Dashboard accounts and what tenants among them may see.

use sqlx::FromRow;

use super::exactly_one;
use crate::{
    db::{Tx, bulk, listed, sql},
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
    disabled_at: Option<i64>,
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
        join(tx, &viewer.account, &viewer.organizations).await?;
    }
    Ok(hit == 1)
}

/// Makes an account a member of these organizations. Gives of how many it was none.
pub async fn join(tx: &mut Tx, account: &AccountId, organizations: &[OrganizationId]) -> sqlx::Result<u64> {
    Ok(bulk!(
        tx,
        organizations,
        1_024,
        "insert into account_organizations (organization_id, account_id) ",
        |id| [id.as_str(), account.as_str()],
        " on conflict (organization_id, account_id) do nothing"
    ))
}

/// Who this is, as of now; their rights are never remembered from the last request. Nobody, once the account is disabled.
pub async fn viewer(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<Viewer>> {
    Ok(listed(tx, id).await?.filter(|(_, disabled)| !disabled).map(|(viewer, _)| viewer))
}

/// The same of any account, and whether it is disabled.
pub async fn listed(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<(Viewer, bool)>> {
    let row: Option<Row> = sql!(optional(tx), "select id, email, name, role, disabled_at from accounts where id = $1", id.as_str())?;
    let Some((row, role)) = row.and_then(|row| Role::parse(&row.role).map(|role| (row, role))) else { return Ok(None) };
    let disabled = row.disabled_at.is_some();
    let organizations: Vec<String> = sql!(
        values(tx),
        "select organization_id from account_organizations where account_id = $1 order by organization_id limit 10000",
        id.as_str(),
    )?;
    let organizations = organizations.into_iter().map(OrganizationId::new).collect();
    Ok(Some((Viewer { account: AccountId::new(row.id), name: row.name, email: row.email, role, organizations }, disabled)))
}

/// The accounts after an address, by address: (`email_key`, id).
pub async fn after(tx: &mut Tx, email_key: &str, most: i64) -> sqlx::Result<Vec<(String, String)>> {
    sql!(all(tx), "select email_key, id from accounts where email_key > $1 order by email_key limit $2", email_key, most)
}

/// The account of an address, disabled or not.
pub async fn by_email(tx: &mut Tx, email_key: &str) -> sqlx::Result<Option<AccountId>> {
    let row: Option<(String,)> = sql!(optional(tx), "select id from accounts where email_key = $1", email_key)?;
    Ok(row.map(|(id,)| AccountId::new(id)))
}

/// False: it was disabled before.
pub async fn disable(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(execute(tx), "update accounts set disabled_at = $2 where id = $1 and disabled_at is null", id.as_str(), now.nanos())?;
    Ok(hit == 1)
}

/// False: it was not disabled.
pub async fn enable(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update accounts set disabled_at = null, enabled_at = $2 where id = $1 and disabled_at is not null",
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// A tenant's account and one of its organizations.
#[derive(Clone, Debug)]
pub struct Membership {
    pub organization: OrganizationId,
    pub account: AccountId,
    pub email: String,
    pub email_key: String,
}

/// What tenants' accounts of these addresses (`email_key`) may see although nobody in that organization's directory is there under
/// the address, by account. Staff are no tenants.
pub async fn without_a_live_person(tx: &mut Tx, email_keys: &[String]) -> sqlx::Result<Vec<Membership>> {
    let rows: Vec<(String, String, String, String)> = listed!(
        tx,
        email_keys,
        1_024,
        "select o.organization_id, a.id, a.email, a.email_key from accounts a join account_organizations o on o.account_id = a.id \
         where a.role in ('tenant-admin', 'tenant-viewer') and not exists (select 1 from directory_users u where \
         u.organization_id = o.organization_id and u.email_key = a.email_key and u.state not in ('inactive', 'removed')) \
         and a.email_key in",
        |key| [key.as_str()],
        "order by a.id, o.organization_id"
    );
    let mut found: Vec<Membership> = rows.into_iter().map(membership).collect();
    found.sort_by(|a, b| (&a.account, &a.organization).cmp(&(&b.account, &b.organization)));
    Ok(found)
}

fn membership((organization, account, email, email_key): (String, String, String, String)) -> Membership {
    Membership { organization: OrganizationId::new(organization), account: AccountId::new(account), email, email_key }
}

pub async fn end_membership(tx: &mut Tx, organization: &OrganizationScope, account: &AccountId) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "delete from account_organizations where organization_id = $1 and account_id = $2",
        organization.id().as_str(),
        account.as_str(),
    )
    .map(|_| ())
}

pub async fn set_password(tx: &mut Tx, id: &AccountId, password_hash: &str) -> sqlx::Result<()> {
    sql!(execute(tx), "update accounts set password_hash = $2 where id = $1", id.as_str(), password_hash).and_then(exactly_one)
}

/// The account of an address that may sign in, with the hash its password is compared to.
pub async fn credentials(tx: &mut Tx, email_key: &str) -> sqlx::Result<Option<(AccountId, String)>> {
    let row: Option<(String, String)> =
        sql!(optional(tx), "select id, password_hash from accounts where email_key = $1 and disabled_at is null", email_key)?;
    Ok(row.map(|(id, hash)| (AccountId::new(id), hash)))
}

/// The addresses of an organization's own admins.
pub async fn tenant_admins(tx: &mut Tx, organization: &OrganizationScope) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        "select a.email from account_organizations o join accounts a on a.id = o.account_id \
         where o.organization_id = $1 and a.role = 'tenant-admin' and a.disabled_at is null order by a.email_key limit 1000",
        organization.id().as_str(),
    )
}

/// The addresses of our own staff.
pub async fn staff(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        "select email from accounts where role in ('staff', 'staff-admin') and disabled_at is null order by email_key limit 1000"
    )
}
