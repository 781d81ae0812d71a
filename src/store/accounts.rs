//! Dashboard accounts and the organizations that tenants may see.

use sqlx::FromRow;

use super::exactly_one;
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::{AccountId, DirectoryUserId, OrganizationId},
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

/// Adds an account. False: the address already has one.
pub async fn add(
    tx: &mut Tx,
    viewer: &Viewer,
    email_key: &str,
    password_hash: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
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
        join(tx, (&viewer.account, email_key), &viewer.organizations, now).await?;
    }
    Ok(hit == 1)
}

/// Makes an account a member of these organizations. Each membership belongs to the directory user
/// with the account's address who is neither inactive nor removed, if there is one. Returns how
/// many are new. The organizations must be locked, because the directory can end the membership
/// from now on.
pub async fn join(
    tx: &mut Tx,
    (account, email_key): (&AccountId, &str),
    organizations: &[OrganizationId],
    now: Timestamp,
) -> sqlx::Result<u64> {
    Ok(bulk!(
        tx,
        organizations,
        1_024,
        "with granted (organization_id, account_id, email_key, granted_at) as (",
        |id| [id.as_str(), account.as_str(), email_key, now.nanos()],
        ") insert into account_organizations (organization_id, account_id, user_id, granted_at) \
         select g.organization_id, g.account_id, (select min(u.id) from directory_users u where u.organization_id = g.organization_id \
         and u.email_key = g.email_key and u.state not in ('inactive', 'removed')), g.granted_at from granted g where true \
         on conflict (organization_id, account_id) do nothing"
    ))
}

/// The viewer of an account, with its current rights; rights are never cached between requests.
/// `None` if the account is disabled.
pub async fn viewer(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<Viewer>> {
    Ok(listed(tx, id).await?.filter(|(_, disabled)| !disabled).map(|(viewer, _)| viewer))
}

/// The viewer of any account, and whether the account is disabled.
pub async fn listed(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<(Viewer, bool)>> {
    let row: Option<Row> = sql!(
        optional(tx),
        "select id, email, name, role, disabled_at from accounts where id = $1",
        id.as_str()
    )?;
    let Some((row, role)) = row.and_then(|row| Role::parse(&row.role).map(|role| (row, role)))
    else {
        return Ok(None);
    };
    let disabled = row.disabled_at.is_some();
    let organizations: Vec<String> = sql!(
        values(tx),
        "select organization_id from account_organizations where account_id = $1 order by organization_id limit 10000",
        id.as_str(),
    )?;
    let organizations = organizations.into_iter().map(OrganizationId::new).collect();
    Ok(Some((
        Viewer {
            account: AccountId::new(row.id),
            name: row.name,
            email: row.email,
            role,
            organizations,
        },
        disabled,
    )))
}

/// The accounts after an address, in order of address, as (`email_key`, id).
pub async fn after(tx: &mut Tx, email_key: &str, most: i64) -> sqlx::Result<Vec<(String, String)>> {
    sql!(
        all(tx),
        "select email_key, id from accounts where email_key > $1 order by email_key limit $2",
        email_key,
        most
    )
}

/// The account of an address, disabled or not.
pub async fn by_email(tx: &mut Tx, email_key: &str) -> sqlx::Result<Option<AccountId>> {
    let row: Option<(String,)> =
        sql!(optional(tx), "select id from accounts where email_key = $1", email_key)?;
    Ok(row.map(|(id,)| AccountId::new(id)))
}

/// Disables an account. False: it was already disabled.
pub async fn disable(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update accounts set disabled_at = $2 where id = $1 and disabled_at is null",
        id.as_str(),
        now.nanos()
    )?;
    Ok(hit == 1)
}

/// Enables an account. False: it was not disabled.
pub async fn enable(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update accounts set disabled_at = null, enabled_at = $2 where id = $1 and disabled_at is not null",
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// The membership of a tenant's account in an organization. Only staff grant one; the directory or
/// staff end one.
#[derive(Clone, Debug)]
pub struct Membership {
    pub organization: OrganizationId,
    pub account: AccountId,
    pub email: String,
    pub email_key: String,
    /// The directory user that it belongs to; `None`: the first one that has the account's address.
    pub user: Option<DirectoryUserId>,
    pub granted_at: Timestamp,
}

type MembershipRow = (String, String, String, String, Option<String>, i64);

fn membership(
    (organization, account, email, email_key, user, granted_at): MembershipRow,
) -> Membership {
    Membership {
        organization: OrganizationId::new(organization),
        account: AccountId::new(account),
        email,
        email_key,
        user: user.map(DirectoryUserId::new),
        granted_at: Timestamp::from_nanos(granted_at),
    }
}

/// The memberships of tenants that belong to these directory users.
pub async fn memberships_of_users(
    tx: &mut Tx,
    users: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<Membership>> {
    let rows: Vec<MembershipRow> = listed!(
        tx,
        users,
        1_024,
        "select o.organization_id, a.id, a.email, a.email_key, o.user_id, o.granted_at \
         from account_organizations o join accounts a on a.id = o.account_id \
         where a.role in ('tenant-admin', 'tenant-viewer') and (o.organization_id, o.user_id) in",
        |key| [key.0.as_str(), key.1.as_str()],
        "order by a.id, o.organization_id"
    );
    Ok(rows.into_iter().map(membership).collect())
}

/// The memberships of tenants with these addresses (`email_key`) that are not assigned to a
/// directory user.
pub async fn memberships_by_address(
    tx: &mut Tx,
    addresses: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<Membership>> {
    let rows: Vec<MembershipRow> = listed!(
        tx,
        addresses,
        1_024,
        "select o.organization_id, a.id, a.email, a.email_key, o.user_id, o.granted_at \
         from account_organizations o join accounts a on a.id = o.account_id \
         where a.role in ('tenant-admin', 'tenant-viewer') and o.user_id is null and (o.organization_id, a.email_key) in",
        |key| [key.0.as_str(), key.1.as_str()],
        "order by a.id, o.organization_id"
    );
    Ok(rows.into_iter().map(membership).collect())
}

/// The memberships of tenants that belong to a present or former directory user of this
/// organization, by id or by address.
pub async fn memberships_of_directory(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<Membership>> {
    let rows: Vec<MembershipRow> = sql!(
        all(tx),
        r"
        select o.organization_id, a.id, a.email, a.email_key, o.user_id, o.granted_at
        from account_organizations o
        join accounts a on a.id = o.account_id
        where o.organization_id = $1 and a.role in ('tenant-admin', 'tenant-viewer')
          and (o.user_id is not null or exists (
            select 1 from directory_users u where u.organization_id = o.organization_id and u.email_key = a.email_key
          ))
        order by a.id
        ",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(membership).collect())
}

/// A directory user had this address (`email_key`) until `until`. The memberships that this address
/// got by then, and that belong to no user, now belong to that user, unless another directory user
/// who is neither inactive nor removed has the address.
pub async fn belongs_to_former(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
    address: &str,
    until: Timestamp,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update account_organizations
        set user_id = $2
        where organization_id = $1 and user_id is null and granted_at <= $4
          and account_id in (select id from accounts where email_key = $3 and role in ('tenant-admin', 'tenant-viewer'))
          and not exists (
            select 1 from directory_users u
            where u.organization_id = $1 and u.email_key = $3 and u.id <> $2 and u.state not in ('inactive', 'removed')
          )
        ",
        organization.id().as_str(),
        user.as_str(),
        address,
        until.nanos(),
    )
}

/// Assigns a membership to another directory user.
pub async fn pass_on(
    tx: &mut Tx,
    membership: &Membership,
    user: &DirectoryUserId,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update account_organizations set user_id = $3 where organization_id = $1 and account_id = $2",
        membership.organization.as_str(),
        membership.account.as_str(),
        user.as_str(),
    )
    .and_then(exactly_one)
}

/// Assigns a placeholder's memberships to the directory user.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "update account_organizations set user_id = $3 where organization_id = $1 and user_id = $2",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )
}

/// Ends a membership. Returns the organization's scope, for the audit log.
pub async fn end_membership(
    tx: &mut Tx,
    membership: &Membership,
) -> sqlx::Result<OrganizationScope> {
    sql!(
        execute(tx),
        "delete from account_organizations where organization_id = $1 and account_id = $2",
        membership.organization.as_str(),
        membership.account.as_str(),
    )
    .and_then(exactly_one)?;
    Ok(OrganizationScope::of_locked_row(membership.organization.clone()))
}

/// Removes an account's membership in an organization. False: there was none.
pub async fn revoke_membership(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
) -> sqlx::Result<bool> {
    let rows = sql!(
        execute(tx),
        "delete from account_organizations where organization_id = $1 and account_id = $2",
        organization.id().as_str(),
        account.as_str(),
    )?;
    Ok(rows == 1)
}

pub async fn set_password(tx: &mut Tx, id: &AccountId, password_hash: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update accounts set password_hash = $2 where id = $1",
        id.as_str(),
        password_hash
    )
    .and_then(exactly_one)
}

/// The account of an address that may sign in, with its password hash.
pub async fn credentials(
    tx: &mut Tx,
    email_key: &str,
) -> sqlx::Result<Option<(AccountId, String)>> {
    let row: Option<(String, String)> = sql!(
        optional(tx),
        "select id, password_hash from accounts where email_key = $1 and disabled_at is null",
        email_key
    )?;
    Ok(row.map(|(id, hash)| (AccountId::new(id), hash)))
}

/// Whether an account may still sign in with the password of this hash. Its row is locked, so that
/// the answer holds until the transaction ends.
pub async fn is_unchanged(tx: &mut Tx, id: &AccountId, password_hash: &str) -> sqlx::Result<bool> {
    let text = format!(
        "select id from accounts where id = $1 and disabled_at is null and password_hash = $2 order by id {}",
        tx.for_update()
    );
    let unchanged: Vec<String> =
        sql!(values(tx), sqlx::AssertSqlSafe(text), id.as_str(), password_hash)?;
    Ok(!unchanged.is_empty())
}

/// Records that the account's sessions or rights changed; open pages are notified after the commit,
/// in every process.
pub async fn note_access_change(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set access_changed_at = case when access_changed_at < $2 then $2 else access_changed_at + 1 end
        where id = $1
        ",
        id.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)?;
    tx.announce_access_change(id.clone());
    Ok(())
}

/// The addresses of an organization's tenant admins, without disabled accounts.
pub async fn tenant_admins(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        "select a.email from account_organizations o join accounts a on a.id = o.account_id \
         where o.organization_id = $1 and a.role = 'tenant-admin' and a.disabled_at is null order by a.email_key limit 1000",
        organization.id().as_str(),
    )
}

/// The addresses of the staff, without disabled accounts.
pub async fn staff(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        "select email from accounts where role in ('staff', 'staff-admin') and disabled_at is null order by email_key limit 1000"
    )
}
