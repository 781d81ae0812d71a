//! Dashboard accounts and the organizations that tenants may see.

mod address_owners;
mod dashboard_roles;
mod memberships;
mod own;
mod staff_accounts;

use std::collections::BTreeSet;

use sqlx::FromRow;

pub use self::address_owners::{AddressOwner, address_owners};
pub use self::dashboard_roles::{
    Member, dashboard_members, set_by_group, set_dashboard_role, set_given_role,
};
pub use self::memberships::{
    Membership, belongs_to_former, end_membership, join, memberships_by_address,
    memberships_of_directory, memberships_of_users, merge_placeholder, pass_on, revoke_membership,
};
pub use self::own::{address, assign_memberships, password_hash, set_address, set_name};
pub use self::staff_accounts::{
    StaffAccount, is_any, lock_staff, note_use, set_staff_role, staff_accounts,
};
use super::{
    KEYS_AT_ONCE, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::{OrganizationScope, Role, Viewer},
        id::AccountId,
        text::{ExternalText, called},
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    id: String,
    email: String,
    name: String,
    role: Text<Role>,
    disabled_at: Option<i64>,
}

impl Stored for Row {
    const TABLE: &'static str = "accounts";
    const KEY: &'static [&'static str] = &["id"];
}

/// In the place of a password hash: the account has no password, and single sign-on opens it. No
/// password has this hash.
pub const NO_PASSWORD: &str = "";

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
        r"
        insert into accounts (id, email, email_key, name, role, password_hash, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (email_key) do nothing
        ",
        viewer.account.as_str(),
        viewer.email.as_str(),
        email_key,
        viewer.name.as_str(),
        viewer.role.as_str(),
        password_hash,
        now.nanos(),
    )?;
    if hit == 1 {
        let organizations: Vec<_> = viewer.organizations.keys().cloned().collect();
        join(tx, (viewer, email_key), &organizations, now).await?;
    }
    Ok(hit == 1)
}

/// The viewer of an account, with its current rights; rights are never cached between requests.
/// `None` if the account is disabled.
pub async fn viewer(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<Viewer>> {
    Ok(listed(tx, id).await?.filter(|(_, disabled)| !disabled).map(|(viewer, _)| viewer))
}

/// The viewer of any account, and whether the account is disabled.
pub async fn listed(tx: &mut Tx, id: &AccountId) -> sqlx::Result<Option<(Viewer, bool)>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, email, name, role, disabled_at
        from accounts
        where id = $1
        ",
        id.as_str(),
    )?;
    let Some(Keyed(row)) = row else { return Ok(None) };
    let organizations = memberships::organizations(tx, id).await?;
    let viewer = Viewer {
        account: AccountId::new(row.id),
        name: row.name,
        email: row.email,
        role: row.role.0,
        organizations,
        view_as: None,
    };
    Ok(Some((viewer, row.disabled_at.is_some())))
}

/// The accounts after an address, in order of address, as (`email_key`, id).
pub async fn after(tx: &mut Tx, email_key: &str, most: i64) -> sqlx::Result<Vec<(String, String)>> {
    sql!(
        all(tx),
        r"
        select email_key, id
        from accounts
        where email_key > $1
        order by email_key
        limit $2
        ",
        email_key,
        most,
    )
}

/// Locks these accounts until the transaction ends, in order of their ids.
pub async fn lock_all(tx: &mut Tx, ids: &BTreeSet<AccountId>) -> sqlx::Result<()> {
    let ids: Vec<&AccountId> = ids.iter().collect();
    let locked: Vec<(String,)> = listed!(
        tx,
        ids,
        KEYS_AT_ONCE,
        r"
        select id
        from accounts
        where id in ({keys})
        order by id
        for no key update
        ",
        |id| [id.as_str()],
    );
    drop(locked);
    Ok(())
}

/// The account of an address, disabled or not.
pub async fn by_email(tx: &mut Tx, email_key: &str) -> sqlx::Result<Option<AccountId>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select id
        from accounts
        where email_key = $1
        ",
        email_key,
    )?;
    Ok(row.map(|(id,)| AccountId::new(id)))
}

/// Disables an account. False: it was already disabled.
pub async fn disable(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update accounts
        set disabled_at = $2
        where id = $1 and disabled_at is null
        ",
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// Enables an account. False: it was not disabled.
pub async fn enable(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update accounts
        set disabled_at = null, enabled_at = $2
        where id = $1 and disabled_at is not null
        ",
        id.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

pub async fn set_password(tx: &mut Tx, id: &AccountId, password_hash: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set password_hash = $2
        where id = $1
        ",
        id.as_str(),
        password_hash,
    )
    .and_then(exactly_one)
}

/// The account of an address that may sign in with a password, and its hash. One that has no
/// password is left out, as if there was no account.
pub async fn credentials(
    tx: &mut Tx,
    email_key: &str,
) -> sqlx::Result<Option<(AccountId, String)>> {
    let row: Option<(String, String)> = sql!(
        optional(tx),
        r"
        select id, password_hash
        from accounts
        where email_key = $1 and disabled_at is null and password_hash <> ''
        ",
        email_key,
    )?;
    Ok(row.map(|(id, hash)| (AccountId::new(id), hash)))
}

/// Whether an account may still sign in with the password of this hash. Its row is locked, so that
/// the answer holds until the transaction ends.
pub async fn is_unchanged(tx: &mut Tx, id: &AccountId, password_hash: &str) -> sqlx::Result<bool> {
    let unchanged: Vec<String> = sql!(
        values(tx),
        r"
        select id
        from accounts
        where id = $1 and disabled_at is null and password_hash = $2
        order by id
        for update
        ",
        id.as_str(),
        password_hash,
    )?;
    Ok(!unchanged.is_empty())
}

/// Records that the account's sessions or rights changed; open pages are notified after the commit,
/// in every process.
pub async fn note_access_change(tx: &mut Tx, id: &AccountId, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set access_changed_at =
          case when access_changed_at < $2 then $2 else access_changed_at + 1 end
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
        r"
        select a.email
        from account_organizations o
        join accounts a on a.id = o.account_id
        where o.organization_id = $1 and o.role = 'tenant-admin' and a.disabled_at is null
        order by a.email_key
        limit 1000
        ",
        organization.id().as_str(),
    )
}

/// The staff accounts that can sign in, by name.
pub async fn staff_by_name(tx: &mut Tx) -> sqlx::Result<Vec<(AccountId, ExternalText)>> {
    let rows: Vec<(String, String, String)> = sql!(
        all(tx),
        r"
        select id, name, email
        from accounts
        where role in ('staff', 'staff-admin') and disabled_at is null
        order by name, email_key
        limit 1000
        ",
    )?;
    let one = |(id, name, email): (String, String, String)| {
        let name = called(Some(&name), Some(&email), &id);
        (AccountId::new(id), name)
    };
    Ok(rows.into_iter().map(one).collect())
}

/// The addresses of the staff admins, without disabled accounts.
pub async fn staff_admins(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select email
        from accounts
        where role = 'staff-admin' and disabled_at is null
        order by email_key
        limit 1000
        ",
    )
}

/// The addresses of the staff, without disabled accounts.
pub async fn staff(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select email
        from accounts
        where role in ('staff', 'staff-admin') and disabled_at is null
        order by email_key
        limit 1000
        ",
    )
}
