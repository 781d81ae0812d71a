//! Groups and their members.

mod counts;
mod listed;
mod listing;
mod memberships;
mod merging;
mod recount;
mod search_keys;
mod updates;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::merging::{join_again, leave_before_rename, merge_placeholder};
use self::search_keys::search_key;
pub use self::{
    listed::{deletions, members, of_users},
    listing::{Behind, ListedGroup, Order, by_name_descending, count, in_order, one, with_ids},
    memberships::{Member, MembershipChange, may_differ, write_memberships},
    merging::MergedGroups,
    recount::{RecountedGroups, recounted},
    search_keys::{SearchKey, search_keys_after, set_search_key},
    updates::{MembershipUpdate, apply_memberships, updates_of_all_users, updates_of_users},
};
use super::{KEYS_AT_ONCE, SHORT_ROWS_AT_ONCE, columns};
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

/// Applies an update of a group unless a newer one is known. The name and the deletion have
/// versions of their own. Returns whether the update is newer, and the users who were members until
/// now.
pub async fn apply_update(
    tx: &mut Tx,
    organization: &OrganizationScope,
    update: &GroupUpdate<'_>,
) -> sqlx::Result<(bool, Vec<DirectoryUserId>)> {
    let hit = sql!(
        execute(tx),
        r"
        insert into directory_groups (
          organization_id, id, directory_id, deleted, version_at, version_tie, search_key
        )
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (organization_id, id) do update
        set directory_id = coalesce(excluded.directory_id, directory_groups.directory_id),
          deleted = excluded.deleted, version_at = excluded.version_at,
          version_tie = excluded.version_tie
        where (excluded.version_at, excluded.version_tie)
          > (directory_groups.version_at, directory_groups.version_tie)
        ",
        organization.id().as_str(),
        update.id.as_str(),
        update.directory.map(DirectoryId::as_str),
        update.deleted,
        update.stamp.at.nanos(),
        columns::tie(update.stamp),
        search_key(None, update.id),
    )?;
    if let Some(name) = update.name {
        call(tx, organization, update, name).await?;
    }
    let left = if update.deleted { end(tx, organization, update).await? } else { Vec::new() };
    Ok((hit > 0, left))
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
        r"
        update directory_groups
        set name = $3, name_is_own = true, name_at = $4, name_tie = $5, search_key = $6
        where organization_id = $1 and id = $2
          and (not name_is_own or (name_at, name_tie) < ($4, $5))
        ",
        organization.id().as_str(),
        update.id.as_str(),
        name,
        update.stamp.at.nanos(),
        columns::tie(update.stamp),
        search_key(Some(name), update.id),
    )
}

/// Removes the members that a group had when it was deleted; no seat changes. A user with a newer
/// membership stays a member, because the id may be used again. Returns the others.
async fn end(
    tx: &mut Tx,
    organization: &OrganizationScope,
    update: &GroupUpdate<'_>,
) -> sqlx::Result<Vec<DirectoryUserId>> {
    let (at, tie) = (update.stamp.at.nanos(), columns::tie(update.stamp));
    sql!(
        execute(tx),
        r"
        update directory_groups
        set deleted_at = $3, deleted_tie = $4
        where organization_id = $1 and id = $2
          and (deleted_at is null or (deleted_at, deleted_tie) < ($3, $4))
        ",
        organization.id().as_str(),
        update.id.as_str(),
        at,
        tie,
    )?;
    let left: Vec<String> = sql!(
        values(tx),
        r"
        delete from memberships
        where organization_id = $1 and group_id = $2
          and not exists (
            select 1
            from directory_users u
            where u.organization_id = $1 and u.id = memberships.user_id
              and (u.groups_at, u.groups_tie) > ($3, $4)
          )
          and not exists (
            select 1
            from membership_updates n
            where n.organization_id = $1 and n.user_id = memberships.user_id
              and n.group_id = $2 and n.joined and (n.version_at, n.version_tie) > ($3, $4)
          )
        returning user_id
        ",
        organization.id().as_str(),
        update.id.as_str(),
        at,
        tie,
    )?;
    if !left.is_empty() {
        counts::recount(tx, organization, update.id).await?;
    }
    Ok(left.into_iter().map(DirectoryUserId::new).collect())
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
        SHORT_ROWS_AT_ONCE,
        r"
        insert into directory_groups (
          organization_id, id, name, name_at, name_tie, deleted, version_at, version_tie,
          search_key
        )
        {rows}
        on conflict (organization_id, id) do update
        set name = excluded.name, name_at = excluded.name_at, name_tie = excluded.name_tie,
          search_key = excluded.search_key
        where excluded.name is not null and not directory_groups.name_is_own
          and (excluded.name_at, excluded.name_tie)
            > (directory_groups.name_at, directory_groups.name_tie)
        ",
        |row| [
            row.0.as_str(),
            row.1.as_str(),
            row.2.map(|(name, _)| name.as_str()),
            stamp(row.2).at.nanos(),
            columns::tie(stamp(row.2)),
            false,
            never.at.nanos(),
            columns::tie(never),
            search_key(row.2.map(|(name, _)| name.as_str()), row.1),
        ],
    );
    Ok(())
}

/// The first groups of an organization that were not deleted, by name, as (id, name).
pub async fn names(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<(GroupId, Option<String>)>> {
    let rows: Vec<(String, Option<String>)> = sql!(
        all(tx),
        r"
        select id, name
        from directory_groups
        where organization_id = $1 and not deleted
        order by name, id
        limit $2
        ",
        organization.id().as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(|(id, name)| (GroupId::new(id), name)).collect())
}

/// These groups of an organization, deleted ones too, as (id, name). A group that is not known has
/// no name.
pub async fn named(
    tx: &mut Tx,
    organization: &OrganizationScope,
    groups: &BTreeSet<GroupId>,
) -> sqlx::Result<Vec<(GroupId, Option<String>)>> {
    let keys: Vec<(&str, &str)> =
        groups.iter().map(|group| (organization.id().as_str(), group.as_str())).collect();
    let rows: Vec<(String, Option<String>)> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select id, name
        from directory_groups
        where (organization_id, id) in ({keys})
        ",
        |key| [key.0, key.1],
    );
    let mut names: BTreeMap<String, Option<String>> = rows.into_iter().collect();
    let with_name = |group: &GroupId| (group.clone(), names.remove(group.as_str()).flatten());
    Ok(groups.iter().map(with_name).collect())
}

/// The organizations that have groups with these ids.
pub async fn owners(
    tx: &mut Tx,
    groups: &[&GroupId],
) -> sqlx::Result<Vec<(GroupId, OrganizationId)>> {
    let rows: Vec<(String, String)> = listed!(
        tx,
        groups,
        KEYS_AT_ONCE,
        r"
        select id, organization_id
        from directory_groups
        where id in ({keys})
        order by id, organization_id
        ",
        |id| [id.as_str()],
    );
    Ok(rows
        .into_iter()
        .map(|(group, organization)| (GroupId::new(group), OrganizationId::new(organization)))
        .collect())
}

/// The groups of these users that are not deleted, as (user, group, name). The name of a group
/// without one is its id.
pub async fn of_people(
    tx: &mut Tx,
    organization: &OrganizationScope,
    people: &[String],
) -> sqlx::Result<Vec<(String, GroupId, String)>> {
    let keys: Vec<(&str, &str)> =
        people.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    let rows: Vec<(String, String, String)> = listed!(
        tx,
        keys,
        KEYS_AT_ONCE,
        r"
        select m.user_id, g.id, coalesce(g.name, g.id)
        from memberships m
        join directory_groups g on g.organization_id = m.organization_id and g.id = m.group_id
          and not g.deleted
        join directory_users u on u.organization_id = m.organization_id and u.id = m.user_id
          and u.state <> 'removed'
        where (m.organization_id, m.user_id) in ({keys})
        order by m.user_id, 3, 2
        ",
        |key| [key.0, key.1],
    );
    Ok(rows.into_iter().map(|(user, group, name)| (user, GroupId::new(group), name)).collect())
}

/// The groups that are not deleted, in order of name; the name of a group without one is its id.
pub async fn to_choose_from(
    tx: &mut Tx,
    organization: &OrganizationScope,
    most: i64,
) -> sqlx::Result<Vec<(GroupId, String)>> {
    let rows: Vec<(String, String)> = sql!(
        all(tx),
        r"
        select id, coalesce(name, id)
        from directory_groups
        where organization_id = $1 and not deleted
        order by 2, id
        limit $2
        ",
        organization.id().as_str(),
        most,
    )?;
    Ok(rows.into_iter().map(|(id, name)| (GroupId::new(id), name)).collect())
}
