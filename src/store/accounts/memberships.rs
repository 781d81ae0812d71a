//! The memberships of tenants' accounts in organizations. People grant one; the directory or people
//! end one.

use std::collections::BTreeMap;

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::{AccountId, DirectoryUserId, OrganizationId},
        time::Timestamp,
    },
    store::{
        KEYS_AT_ONCE, SHORT_ROWS_AT_ONCE, exactly_one,
        rows::{Keyed, Stored, Text},
    },
};

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

#[derive(FromRow)]
struct Row {
    organization_id: String,
    account_id: String,
    email: String,
    email_key: String,
    user_id: Option<String>,
    granted_at: i64,
}

impl From<Row> for Membership {
    fn from(row: Row) -> Self {
        Self {
            organization: OrganizationId::new(row.organization_id),
            account: AccountId::new(row.account_id),
            email: row.email,
            email_key: row.email_key,
            user: row.user_id.map(DirectoryUserId::new),
            granted_at: Timestamp::from_nanos(row.granted_at),
        }
    }
}

#[derive(FromRow)]
struct RoleRow {
    organization_id: String,
    role: Text<Role>,
}

impl Stored for RoleRow {
    const TABLE: &'static str = "account_organizations";
    const KEY: &'static [&'static str] = &["organization_id", "account_id"];
}

/// Makes a tenant's account a member of these organizations, with the role of this viewer. Each
/// membership belongs to the directory user with the account's address who is neither inactive nor
/// removed, if there is one. Returns how many are new. The organizations must be locked, because
/// the directory can end the membership from now on.
pub async fn join(
    tx: &mut Tx,
    (viewer, email_key): (&Viewer, &str),
    organizations: &[OrganizationId],
    now: Timestamp,
) -> sqlx::Result<u64> {
    Ok(bulk!(
        tx,
        organizations,
        SHORT_ROWS_AT_ONCE,
        r"
        with granted (organization_id, account_id, email_key, granted_at, role) as ({rows})
        insert into account_organizations (
          organization_id, account_id, user_id, granted_at, role, given_role
        )
        select g.organization_id, g.account_id,
          (
            select min(u.id)
            from directory_users u
            where u.organization_id = g.organization_id and u.email_key = g.email_key
              and u.state not in ('inactive', 'removed')
          ),
          g.granted_at, g.role, g.role
        from granted g
        where true
        on conflict (organization_id, account_id) do nothing
        ",
        |id| [id.as_str(), viewer.account.as_str(), email_key, now.nanos(), viewer.role.as_str(),],
    ))
}

/// The organizations of an account, with the role in each.
pub(super) async fn organizations(
    tx: &mut Tx,
    account: &AccountId,
) -> sqlx::Result<BTreeMap<OrganizationId, Role>> {
    let rows: Vec<Keyed<RoleRow>> = sql!(
        all(tx),
        r"
        select organization_id, account_id, role
        from account_organizations
        where account_id = $1
        order by organization_id
        limit 10000
        ",
        account.as_str(),
    )?;
    let role = |Keyed(row): Keyed<RoleRow>| (OrganizationId::new(row.organization_id), row.role.0);
    Ok(rows.into_iter().map(role).collect())
}

/// The memberships of tenants that belong to these directory users.
pub async fn memberships_of_users(
    tx: &mut Tx,
    users: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<Membership>> {
    let rows: Vec<Row> = listed!(
        tx,
        users,
        KEYS_AT_ONCE,
        r"
        select o.organization_id, o.account_id, a.email, a.email_key, o.user_id, o.granted_at
        from account_organizations o
        join accounts a on a.id = o.account_id
        where a.role in ('tenant-admin', 'tenant-viewer')
          and (o.organization_id, o.user_id) in ({keys})
        order by a.id, o.organization_id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The memberships of tenants with these addresses (`email_key`) that are not assigned to a
/// directory user.
pub async fn memberships_by_address(
    tx: &mut Tx,
    addresses: &[(OrganizationId, String)],
) -> sqlx::Result<Vec<Membership>> {
    let rows: Vec<Row> = listed!(
        tx,
        addresses,
        KEYS_AT_ONCE,
        r"
        select o.organization_id, o.account_id, a.email, a.email_key, o.user_id, o.granted_at
        from account_organizations o
        join accounts a on a.id = o.account_id
        where a.role in ('tenant-admin', 'tenant-viewer') and o.user_id is null
          and (o.organization_id, a.email_key) in ({keys})
        order by a.id, o.organization_id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The memberships of tenants that belong to a present or former directory user of this
/// organization, by id or by address.
pub async fn memberships_of_directory(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<Membership>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select o.organization_id, o.account_id, a.email, a.email_key, o.user_id, o.granted_at
        from account_organizations o
        join accounts a on a.id = o.account_id
        where o.organization_id = $1 and a.role in ('tenant-admin', 'tenant-viewer')
          and (
            o.user_id is not null
            or exists (
              select 1
              from directory_users u
              where u.organization_id = o.organization_id and u.email_key = a.email_key
            )
          )
        order by a.id
        ",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
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
          and account_id in (
            select id
            from accounts
            where email_key = $3 and role in ('tenant-admin', 'tenant-viewer')
          )
          and not exists (
            select 1
            from directory_users u
            where u.organization_id = $1 and u.email_key = $3 and u.id <> $2
              and u.state not in ('inactive', 'removed')
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
        r"
        update account_organizations
        set user_id = $3
        where organization_id = $1 and account_id = $2
        ",
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
        r"
        update account_organizations
        set user_id = $3
        where organization_id = $1 and user_id = $2
        ",
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
    let Membership { organization, account, .. } = membership;
    exactly_one(delete(tx, organization, account).await?)?;
    Ok(OrganizationScope::of_locked_row(organization.clone()))
}

/// Removes an account's membership in an organization. False: there was none.
pub async fn revoke_membership(
    tx: &mut Tx,
    organization: &OrganizationScope,
    account: &AccountId,
) -> sqlx::Result<bool> {
    Ok(delete(tx, organization.id(), account).await? == 1)
}

async fn delete(
    tx: &mut Tx,
    organization: &OrganizationId,
    account: &AccountId,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from account_organizations
        where organization_id = $1 and account_id = $2
        ",
        organization.as_str(),
        account.as_str(),
    )
}
