//! Groups and their members.

use super::columns;
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        directory_user::Version,
        id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId},
    },
};

/// An update of a group from an event.
#[derive(Clone, Debug)]
pub struct GroupUpdate<'a> {
    pub id: &'a GroupId,
    pub directory: Option<&'a DirectoryId>,
    pub name: Option<&'a str>,
    pub deleted: bool,
    pub stamp: Version,
}

/// Applies an update of a group unless a newer one is known. False: the update is stale. The name
/// and the deletion have versions of their own.
pub async fn apply_update(
    tx: &mut Tx,
    organization: &OrganizationScope,
    update: &GroupUpdate<'_>,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "insert into directory_groups (organization_id, id, directory_id, deleted, version_at, version_tie) values ($1, $2, $3, $4, $5, $6) \
         on conflict (organization_id, id) do update set directory_id = coalesce(excluded.directory_id, directory_groups.directory_id), \
         deleted = excluded.deleted, version_at = excluded.version_at, version_tie = excluded.version_tie \
         where (excluded.version_at, excluded.version_tie) > (directory_groups.version_at, directory_groups.version_tie)",
        organization.id().as_str(),
        update.id.as_str(),
        update.directory.map(DirectoryId::as_str),
        update.deleted,
        update.stamp.at.nanos(),
        columns::tie(update.stamp),
    )?;
    if let Some(name) = update.name {
        call(tx, organization, update, name).await?;
    }
    if update.deleted {
        end(tx, organization, update).await?;
    }
    Ok(hit > 0)
}

/// Sets the name; a name from the group's own events replaces one from users' updates.
async fn call(
    tx: &mut Tx,
    organization: &OrganizationScope,
    update: &GroupUpdate<'_>,
    name: &str,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "update directory_groups set name = $3, name_is_own = true, name_at = $4, name_tie = $5 \
         where organization_id = $1 and id = $2 and (not name_is_own or (name_at, name_tie) < ($4, $5))",
        organization.id().as_str(),
        update.id.as_str(),
        name,
        update.stamp.at.nanos(),
        columns::tie(update.stamp),
    )
}

/// Removes the members that a group had when it was deleted; no seat changes. A user with a newer
/// membership stays a member, because the id may be used again.
async fn end(
    tx: &mut Tx,
    organization: &OrganizationScope,
    update: &GroupUpdate<'_>,
) -> sqlx::Result<()> {
    let (at, tie) = (update.stamp.at.nanos(), columns::tie(update.stamp));
    sql!(
        execute(tx),
        "update directory_groups set deleted_at = $3, deleted_tie = $4 where organization_id = $1 and id = $2 \
         and (deleted_at is null or (deleted_at, deleted_tie) < ($3, $4))",
        organization.id().as_str(),
        update.id.as_str(),
        at,
        tie,
    )?;
    sql!(
        execute(tx),
        "delete from memberships where organization_id = $1 and group_id = $2 \
         and not exists (select 1 from directory_users u where u.organization_id = $1 and u.id = memberships.user_id \
         and (u.groups_at, u.groups_tie) > ($3, $4)) \
         and not exists (select 1 from membership_updates n where n.organization_id = $1 and n.user_id = memberships.user_id \
         and n.group_id = $2 and n.joined and (n.version_at, n.version_tie) > ($3, $4))",
        organization.id().as_str(),
        update.id.as_str(),
        at,
        tie,
    )
    .map(|_| ())
}

/// A group that a user's update mentions, with the name in that update and its version.
pub type Mentioned<'a> = (&'a OrganizationId, &'a GroupId, Option<&'a (String, Version)>);

/// Stores groups from users' updates: the newest name stays until an event of the group itself has
/// one.
pub async fn mention(tx: &mut Tx, rows: &[Mentioned<'_>]) -> sqlx::Result<()> {
    let never = Version::NEVER;
    let stamp = |name: Option<&(String, Version)>| name.map_or(never, |(_, stamp)| *stamp);
    bulk!(
        tx,
        rows,
        1_024,
        "insert into directory_groups (organization_id, id, name, name_at, name_tie, deleted, version_at, version_tie) ",
        |row| [
            row.0.as_str(),
            row.1.as_str(),
            row.2.map(|(name, _)| name.as_str()),
            stamp(row.2).at.nanos(),
            columns::tie(stamp(row.2)),
            false,
            never.at.nanos(),
            columns::tie(never),
        ],
        " on conflict (organization_id, id) do update set name = excluded.name, name_at = excluded.name_at, name_tie = excluded.name_tie \
         where excluded.name is not null and not directory_groups.name_is_own \
         and (excluded.name_at, excluded.name_tie) > (directory_groups.name_at, directory_groups.name_tie)"
    );
    Ok(())
}

/// A user's membership in a group, as of a version.
pub type Membership<'a> = (&'a OrganizationId, &'a DirectoryUserId, &'a GroupId, Version);

/// Sets the groups of these users to exactly these memberships.
pub async fn replace_memberships(
    tx: &mut Tx,
    people: &[(&OrganizationId, &DirectoryUserId)],
    memberships: &[Membership<'_>],
) -> sqlx::Result<()> {
    let _: Vec<(String,)> = listed!(
        tx,
        people,
        1_024,
        "delete from memberships where (organization_id, user_id) in",
        |key| [key.0.as_str(), key.1.as_str()],
        "returning group_id"
    );
    join(tx, memberships).await
}

/// Adds memberships, but none in a group that was deleted later.
async fn join(tx: &mut Tx, memberships: &[Membership<'_>]) -> sqlx::Result<()> {
    bulk!(
        tx,
        memberships,
        512,
        "with said (organization_id, user_id, group_id, at, tie) as (",
        |row| [
            row.0.as_str(),
            row.1.as_str(),
            row.2.as_str(),
            row.3.at.nanos(),
            columns::tie(row.3)
        ],
        ") insert into memberships (organization_id, user_id, group_id) select organization_id, user_id, group_id from said \
         where not exists (select 1 from directory_groups g where g.organization_id = said.organization_id and g.id = said.group_id \
         and (g.deleted_at, g.deleted_tie) >= (said.at, said.tie)) on conflict (organization_id, user_id, group_id) do nothing"
    );
    Ok(())
}

/// An update of a single membership; the user may not be known yet.
#[derive(Clone, Debug)]
pub struct MembershipUpdate {
    pub organization: OrganizationId,
    pub user: DirectoryUserId,
    pub group: GroupId,
    pub joined: bool,
    pub stamp: Version,
}

/// Stores each update unless a newer one is known. Each pair of user and group occurs only once in
/// `updates`.
pub async fn apply_memberships(tx: &mut Tx, updates: &[MembershipUpdate]) -> sqlx::Result<u64> {
    Ok(bulk!(
        tx,
        updates,
        512,
        "insert into membership_updates (organization_id, user_id, group_id, joined, version_at, version_tie) ",
        |row| [
            row.organization.as_str(),
            row.user.as_str(),
            row.group.as_str(),
            row.joined,
            row.stamp.at.nanos(),
            columns::tie(row.stamp),
        ],
        " on conflict (organization_id, user_id, group_id) do update set joined = excluded.joined, version_at = excluded.version_at, \
         version_tie = excluded.version_tie \
         where (excluded.version_at, excluded.version_tie) > (membership_updates.version_at, membership_updates.version_tie)"
    ))
}

/// Applies the membership updates that are newer than the full lists of these users' groups.
pub async fn follow_memberships(
    tx: &mut Tx,
    people: &[(&OrganizationId, &DirectoryUserId)],
) -> sqlx::Result<()> {
    let rows: Vec<(String, String, String, bool, i64, i64)> = listed!(
        tx,
        people,
        1_024,
        "select n.organization_id, n.user_id, n.group_id, n.joined, n.version_at, n.version_tie from membership_updates n \
         join directory_users u on u.organization_id = n.organization_id and u.id = n.user_id \
         and (n.version_at, n.version_tie) > (u.groups_at, u.groups_tie) where (n.organization_id, n.user_id) in",
        |key| [key.0.as_str(), key.1.as_str()],
        "order by n.organization_id, n.user_id, n.group_id"
    );
    let ids =
        |(organization, user, group, joined, at, tie): (String, String, String, bool, i64, i64)| {
            (
                joined,
                OrganizationId::new(organization),
                DirectoryUserId::new(user),
                GroupId::new(group),
                columns::stamp(at, tie),
            )
        };
    let (joined, left): (Vec<_>, Vec<_>) =
        rows.into_iter().map(ids).partition(|(joined, ..)| *joined);
    let joined: Vec<Membership<'_>> = joined
        .iter()
        .map(|(_, organization, user, group, at)| (organization, user, group, *at))
        .collect();
    join(tx, &joined).await?;
    let _: Vec<(String,)> = listed!(
        tx,
        left,
        1_024,
        "delete from memberships where (organization_id, user_id, group_id) in",
        |row| [row.1.as_str(), row.2.as_str(), row.3.as_str()],
        "returning group_id"
    );
    Ok(())
}

/// Merges a placeholder: the newer full list of groups stays, and the placeholder's single
/// membership updates become the user's.
pub(super) async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    let keys = (organization.id().as_str(), placeholder.as_str(), id.as_str());
    let newer = "exists (select 1 from directory_users p join directory_users own on own.organization_id = p.organization_id and own.id = $3 \
         where p.organization_id = $1 and p.id = $2 and (p.groups_at, p.groups_tie) > (own.groups_at, own.groups_tie))";
    for statement in [
        format!("delete from memberships where organization_id = $1 and user_id = $3 and {newer}"),
        format!(
            "update memberships set user_id = $3 where organization_id = $1 and user_id = $2 and {newer}"
        ),
    ] {
        sql!(execute(tx), sqlx::AssertSqlSafe(statement.clone()), keys.0, keys.1, keys.2)?;
    }
    sql!(
        execute(tx),
        "delete from memberships where organization_id = $1 and user_id = $2",
        keys.0,
        keys.1
    )?;
    sql!(
        execute(tx),
        "insert into membership_updates (organization_id, user_id, group_id, joined, version_at, version_tie) \
         select organization_id, $3, group_id, joined, version_at, version_tie from membership_updates where organization_id = $1 and user_id = $2 \
         on conflict (organization_id, user_id, group_id) do update set joined = excluded.joined, version_at = excluded.version_at, \
         version_tie = excluded.version_tie \
         where (excluded.version_at, excluded.version_tie) > (membership_updates.version_at, membership_updates.version_tie)",
        keys.0,
        keys.1,
        keys.2,
    )?;
    sql!(
        execute(tx),
        "delete from membership_updates where organization_id = $1 and user_id = $2",
        keys.0,
        keys.1
    )?;
    Ok(())
}

/// The organizations that have groups with these ids.
pub async fn owners(
    tx: &mut Tx,
    groups: &[&GroupId],
) -> sqlx::Result<Vec<(GroupId, OrganizationId)>> {
    let rows: Vec<(String, String)> = listed!(
        tx,
        groups,
        1_024,
        "select id, organization_id from directory_groups where id in",
        |id| [id.as_str()],
        "order by id, organization_id"
    );
    Ok(rows
        .into_iter()
        .map(|(group, organization)| (GroupId::new(group), OrganizationId::new(organization)))
        .collect())
}

/// The names (without a name the ids) of the groups of these users that are not deleted, as (user,
/// group).
pub async fn of_people(
    tx: &mut Tx,
    organization: &OrganizationScope,
    people: &[String],
) -> sqlx::Result<Vec<(String, String)>> {
    let keys: Vec<(&str, &str)> =
        people.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    Ok(listed!(
        tx,
        keys,
        1_024,
        "select m.user_id, coalesce(g.name, g.id) from memberships m \
         join directory_groups g on g.organization_id = m.organization_id and g.id = m.group_id and not g.deleted \
         join directory_users u on u.organization_id = m.organization_id and u.id = m.user_id and u.state <> 'removed' \
         where (m.organization_id, m.user_id) in",
        |key| [key.0, key.1],
        "order by m.user_id, 2"
    ))
}
