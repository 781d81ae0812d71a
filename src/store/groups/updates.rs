//! The updates of single memberships: a user joined a group or left it, also a user who is not
//! known yet. Each counts until a list of all groups of the user is newer.

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        directory_user::Version,
        id::{DirectoryUserId, GroupId, OrganizationId},
    },
    store::{
        KEYS_AT_ONCE, ROWS_AT_ONCE,
        columns::{self, Tie},
        rows::{Keyed, Stored},
    },
};

/// An update of a single membership; the user may not be known yet.
#[derive(Clone, Debug)]
pub struct MembershipUpdate {
    pub organization: OrganizationId,
    pub user: DirectoryUserId,
    pub group: GroupId,
    pub joined: bool,
    pub stamp: Version,
}

#[derive(FromRow)]
struct UpdateRow {
    organization_id: String,
    user_id: String,
    group_id: String,
    joined: bool,
    version_at: i64,
    version_tie: Tie,
}

impl Stored for UpdateRow {
    const TABLE: &'static str = "membership_updates";
    const KEY: &'static [&'static str] = &["organization_id", "user_id", "group_id"];
}

impl From<UpdateRow> for MembershipUpdate {
    fn from(row: UpdateRow) -> Self {
        Self {
            organization: OrganizationId::new(row.organization_id),
            user: DirectoryUserId::new(row.user_id),
            group: GroupId::new(row.group_id),
            joined: row.joined,
            stamp: row.version_tie.at(row.version_at),
        }
    }
}

/// Stores each update unless a newer one is known. Each pair of user and group occurs only once in
/// `updates`.
pub async fn apply_memberships(tx: &mut Tx, updates: &[MembershipUpdate]) -> sqlx::Result<u64> {
    Ok(bulk!(
        tx,
        updates,
        ROWS_AT_ONCE,
        r"
        insert into membership_updates (
          organization_id, user_id, group_id, joined, version_at, version_tie
        )
        {rows}
        on conflict (organization_id, user_id, group_id) do update
        set joined = excluded.joined, version_at = excluded.version_at,
          version_tie = excluded.version_tie
        where (excluded.version_at, excluded.version_tie)
          > (membership_updates.version_at, membership_updates.version_tie)
        ",
        |row| [
            row.organization.as_str(),
            row.user.as_str(),
            row.group.as_str(),
            row.joined,
            row.stamp.at.nanos(),
            columns::tie(row.stamp),
        ],
    ))
}

/// The updates that are newer than the full lists of these users' groups.
pub(super) async fn newer_than_lists(
    tx: &mut Tx,
    people: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<MembershipUpdate>> {
    let rows: Vec<Keyed<UpdateRow>> = listed!(
        tx,
        people,
        KEYS_AT_ONCE,
        r"
        select n.organization_id, n.user_id, n.group_id, n.joined, n.version_at, n.version_tie
        from membership_updates n
        join directory_users u on u.organization_id = n.organization_id and u.id = n.user_id
          and (n.version_at, n.version_tie) > (u.groups_at, u.groups_tie)
        where (n.organization_id, n.user_id) in ({keys})
        order by n.organization_id, n.user_id, n.group_id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The updates of single memberships of these users.
pub async fn updates_of_users(
    tx: &mut Tx,
    users: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<MembershipUpdate>> {
    let rows: Vec<Keyed<UpdateRow>> = listed!(
        tx,
        users,
        KEYS_AT_ONCE,
        r"
        select organization_id, user_id, group_id, joined, version_at, version_tie
        from membership_updates
        where (organization_id, user_id) in ({keys})
        order by organization_id, user_id, group_id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The updates of single memberships of every user; only for the deletion of an organization.
pub async fn updates_of_all_users(
    tx: &mut Tx,
    organization: &OrganizationScope,
) -> sqlx::Result<Vec<MembershipUpdate>> {
    let rows: Vec<Keyed<UpdateRow>> = sql!(
        all(tx),
        r"
        select organization_id, user_id, group_id, joined, version_at, version_tie
        from membership_updates
        where organization_id = $1
        order by user_id, group_id
        ",
        organization.id().as_str(),
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The updates of a placeholder become those of the user, unless newer ones are known.
pub(super) async fn merge_updates(tx: &mut Tx, keys: (&str, &str, &str)) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into membership_updates (
          organization_id, user_id, group_id, joined, version_at, version_tie
        )
        select organization_id, $3, group_id, joined, version_at, version_tie
        from membership_updates
        where organization_id = $1 and user_id = $2
        on conflict (organization_id, user_id, group_id) do update
        set joined = excluded.joined, version_at = excluded.version_at,
          version_tie = excluded.version_tie
        where (excluded.version_at, excluded.version_tie)
          > (membership_updates.version_at, membership_updates.version_tie)
        ",
        keys.0,
        keys.1,
        keys.2,
    )?;
    sql!(
        execute(tx),
        r"
        delete from membership_updates
        where organization_id = $1 and user_id = $2
        ",
        keys.0,
        keys.1,
    )?;
    Ok(())
}
