//! Groups, and who is in them.

use super::columns;
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        directory_user::Stamp,
        id::{DirectoryId, DirectoryUserId, GroupId, OrganizationId},
    },
};

/// What an event says of a group.
#[derive(Clone, Debug)]
pub struct GroupNews<'a> {
    pub id: &'a GroupId,
    pub directory: Option<&'a DirectoryId>,
    pub name: Option<&'a str>,
    pub deleted: bool,
    pub stamp: Stamp,
}

/// Takes the news of a group unless newer is known. False: stale.
pub async fn hear(tx: &mut Tx, organization: &OrganizationScope, news: &GroupNews<'_>) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "insert into directory_groups (organization_id, id, directory_id, name, deleted, news_at, news_tie) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (organization_id, id) do update set directory_id = coalesce(excluded.directory_id, directory_groups.directory_id), \
         name = coalesce(excluded.name, directory_groups.name), deleted = excluded.deleted, news_at = excluded.news_at, news_tie = excluded.news_tie \
         where (excluded.news_at, excluded.news_tie) > (directory_groups.news_at, directory_groups.news_tie)",
        organization.id().as_str(),
        news.id.as_str(),
        news.directory.map(DirectoryId::as_str),
        news.name,
        news.deleted,
        news.stamp.at.nanos(),
        columns::tie(news.stamp),
    )?;
    Ok(hit > 0)
}

/// Groups known only from the people in them; what is known already stays.
pub async fn mention(tx: &mut Tx, rows: &[(&OrganizationId, &GroupId, Option<&str>)]) -> sqlx::Result<()> {
    let never = Stamp::NEVER;
    bulk!(
        tx,
        rows,
        1_024,
        "insert into directory_groups (organization_id, id, name, deleted, news_at, news_tie) ",
        |row| [row.0.as_str(), row.1.as_str(), row.2, false, never.at.nanos(), columns::tie(never)],
        " on conflict (organization_id, id) do nothing"
    );
    Ok(())
}

/// Puts people into exactly these groups.
pub async fn replace_memberships(
    tx: &mut Tx,
    people: &[(&OrganizationId, &DirectoryUserId)],
    memberships: &[(&OrganizationId, &DirectoryUserId, &GroupId)],
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

pub async fn join(tx: &mut Tx, memberships: &[(&OrganizationId, &DirectoryUserId, &GroupId)]) -> sqlx::Result<()> {
    bulk!(
        tx,
        memberships,
        1_024,
        "insert into memberships (organization_id, user_id, group_id) ",
        |row| [row.0.as_str(), row.1.as_str(), row.2.as_str()],
        " on conflict (organization_id, user_id, group_id) do nothing"
    );
    Ok(())
}

pub async fn leave(tx: &mut Tx, organization: &OrganizationScope, user: &DirectoryUserId, group: &GroupId) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "delete from memberships where organization_id = $1 and user_id = $2 and group_id = $3",
        organization.id().as_str(),
        user.as_str(),
        group.as_str(),
    )
}

/// A deleted group has no members; no seat moves.
pub async fn empty(tx: &mut Tx, organization: &OrganizationScope, group: &GroupId) -> sqlx::Result<u64> {
    sql!(execute(tx), "delete from memberships where organization_id = $1 and group_id = $2", organization.id().as_str(), group.as_str(),)
}

/// The names (else ids) of the living groups these people are in, as (person, group).
pub async fn of_people(tx: &mut Tx, organization: &OrganizationScope, people: &[String]) -> sqlx::Result<Vec<(String, String)>> {
    let keys: Vec<(&str, &str)> = people.iter().map(|id| (organization.id().as_str(), id.as_str())).collect();
    Ok(listed!(
        tx,
        keys,
        1_024,
        "select m.user_id, coalesce(g.name, g.id) from memberships m \
         join directory_groups g on g.organization_id = m.organization_id and g.id = m.group_id and not g.deleted \
         where (m.organization_id, m.user_id) in",
        |key| [key.0, key.1],
        "order by m.user_id, 2"
    ))
}
