//! The memberships that ranks on the waitlist depend on: those in the groups of an admission
//! policy. They are read while the organization is locked, so they do not change meanwhile.

use sqlx::FromRow;

use crate::{
    db::{Tx, listed, sql},
    domain::{
        access::OrganizationScope,
        directory_user::Version,
        id::{DirectoryUserId, GroupId, OrganizationId},
    },
    store::{
        KEYS_AT_ONCE,
        columns::Tie,
        rows::{Keyed, Stored},
    },
};

/// The groups of these users as stored, as (organization, user, group).
pub async fn of_users(
    tx: &mut Tx,
    users: &[(OrganizationId, DirectoryUserId)],
) -> sqlx::Result<Vec<(OrganizationId, DirectoryUserId, GroupId)>> {
    let rows: Vec<(String, String, String)> = listed!(
        tx,
        users,
        KEYS_AT_ONCE,
        r"
        select organization_id, user_id, group_id
        from memberships
        where (organization_id, user_id) in ({keys})
        order by organization_id, user_id, group_id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    let of_user = |(organization, user, group): (String, String, String)| {
        (OrganizationId::new(organization), DirectoryUserId::new(user), GroupId::new(group))
    };
    Ok(rows.into_iter().map(of_user).collect())
}

/// The users in a group who wait; every user in it, if `all`.
pub async fn members(
    tx: &mut Tx,
    organization: &OrganizationScope,
    group: &GroupId,
    all: bool,
) -> sqlx::Result<Vec<DirectoryUserId>> {
    let rows: Vec<(String,)> = sql!(
        all(tx),
        r"
        select m.user_id
        from memberships m
        join directory_users u on u.organization_id = m.organization_id and u.id = m.user_id
          and ($3 or u.waitlist_position is not null)
        where m.organization_id = $1 and m.group_id = $2
        order by m.user_id
        ",
        organization.id().as_str(),
        group.as_str(),
        all,
    )?;
    Ok(rows.into_iter().map(|(user,)| DirectoryUserId::new(user)).collect())
}

#[derive(FromRow)]
struct DeletionRow {
    organization_id: String,
    id: String,
    deleted_at: i64,
    deleted_tie: Tie,
}

impl Stored for DeletionRow {
    const TABLE: &'static str = "directory_groups";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

/// The newest deletions of these groups, as far as they were deleted.
pub async fn deletions(
    tx: &mut Tx,
    groups: &[(OrganizationId, GroupId)],
) -> sqlx::Result<Vec<(OrganizationId, GroupId, Version)>> {
    let rows: Vec<Keyed<DeletionRow>> = listed!(
        tx,
        groups,
        KEYS_AT_ONCE,
        r"
        select organization_id, id, deleted_at, deleted_tie
        from directory_groups
        where deleted_at is not null and (organization_id, id) in ({keys})
        order by organization_id, id
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    let deletion = |Keyed(row): Keyed<DeletionRow>| {
        let version = row.deleted_tie.at(row.deleted_at);
        (OrganizationId::new(row.organization_id), GroupId::new(row.id), version)
    };
    Ok(rows.into_iter().map(deletion).collect())
}
