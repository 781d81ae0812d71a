//! Who is in which group: the full lists of users' groups, and the updates of single memberships.

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        access::OrganizationScope,
        directory_user::Version,
        id::{DirectoryUserId, GroupId, OrganizationId},
    },
    store::{
        KEYS_AT_ONCE, ROWS_AT_ONCE, SHORT_ROWS_AT_ONCE,
        columns::{self, Tie},
        rows::{Keyed, Stored},
    },
};

/// A user's membership in a group, as of a version.
pub type Membership<'a> = (&'a OrganizationId, &'a DirectoryUserId, &'a GroupId, Version);

/// Sets the groups of these users to exactly these memberships.
pub async fn replace_memberships(
    tx: &mut Tx,
    people: &[(&OrganizationId, &DirectoryUserId)],
    memberships: &[Membership<'_>],
) -> sqlx::Result<()> {
    bulk!(
        tx,
        people,
        KEYS_AT_ONCE,
        r"
        delete from memberships
        where (organization_id, user_id) in ({keys})
        ",
        |key| [key.0.as_str(), key.1.as_str()],
    );
    join(tx, memberships).await
}

/// Adds memberships, but none in a group that was deleted later.
async fn join(tx: &mut Tx, memberships: &[Membership<'_>]) -> sqlx::Result<()> {
    bulk!(
        tx,
        memberships,
        ROWS_AT_ONCE,
        r"
        with said (organization_id, user_id, group_id, version_at, version_tie) as ({rows})
        insert into memberships (organization_id, user_id, group_id)
        select organization_id, user_id, group_id
        from said
        where not exists (
          select 1
          from directory_groups g
          where g.organization_id = said.organization_id and g.id = said.group_id
            and (g.deleted_at, g.deleted_tie) >= (said.version_at, said.version_tie)
        )
        on conflict (organization_id, user_id, group_id) do nothing
        ",
        |row| [
            row.0.as_str(),
            row.1.as_str(),
            row.2.as_str(),
            row.3.at.nanos(),
            columns::tie(row.3),
        ],
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

#[derive(FromRow)]
pub(super) struct UpdateRow {
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

/// Applies the membership updates that are newer than the full lists of these users' groups.
pub async fn follow_memberships(
    tx: &mut Tx,
    people: &[(&OrganizationId, &DirectoryUserId)],
) -> sqlx::Result<()> {
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
    let updates = rows.into_iter().map(|Keyed(row)| MembershipUpdate::from(row));
    let (joined, left): (Vec<_>, Vec<_>) = updates.partition(|update| update.joined);
    let joined: Vec<Membership<'_>> = joined
        .iter()
        .map(|update| (&update.organization, &update.user, &update.group, update.stamp))
        .collect();
    join(tx, &joined).await?;
    bulk!(
        tx,
        left,
        KEYS_AT_ONCE,
        r"
        delete from memberships
        where (organization_id, user_id, group_id) in ({keys})
        ",
        |update| [update.organization.as_str(), update.user.as_str(), update.group.as_str()],
    );
    Ok(())
}

/// Takes out the memberships of a placeholder that the directory user `id` is about to replace, and
/// returns their groups; none if the user has a row already.
pub async fn leave_before_rename(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        delete from memberships
        where organization_id = $1 and user_id = $2
          and not exists (
            select 1
            from directory_users own
            where own.organization_id = $1 and own.id = $3
          )
        returning group_id
        ",
        organization.id().as_str(),
        placeholder.as_str(),
        id.as_str(),
    )
}

/// Adds the memberships again that [`leave_before_rename`] has taken out.
pub async fn join_again(
    tx: &mut Tx,
    organization: &OrganizationScope,
    user: &DirectoryUserId,
    groups: &[String],
) -> sqlx::Result<()> {
    bulk!(
        tx,
        groups,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into memberships (organization_id, user_id, group_id)
        {rows}
        ",
        |group| [organization.id().as_str(), user.as_str(), group.as_str()],
    );
    Ok(())
}

/// Merges a placeholder: the newer full list of groups stays, and the placeholder's single
/// membership updates become the user's.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    let keys = (organization.id().as_str(), placeholder.as_str(), id.as_str());
    sql!(
        execute(tx),
        r"
        delete from memberships
        where organization_id = $1 and user_id = $3
          and exists (
            select 1
            from directory_users p
            join directory_users own on own.organization_id = p.organization_id and own.id = $3
            where p.organization_id = $1 and p.id = $2
              and (p.groups_at, p.groups_tie) > (own.groups_at, own.groups_tie)
          )
        ",
        keys.0,
        keys.1,
        keys.2,
    )?;
    sql!(
        execute(tx),
        r"
        update memberships
        set user_id = $3
        where organization_id = $1 and user_id = $2
          and exists (
            select 1
            from directory_users p
            join directory_users own on own.organization_id = p.organization_id and own.id = $3
            where p.organization_id = $1 and p.id = $2
              and (p.groups_at, p.groups_tie) > (own.groups_at, own.groups_tie)
          )
        ",
        keys.0,
        keys.1,
        keys.2,
    )?;
    sql!(
        execute(tx),
        r"
        delete from memberships
        where organization_id = $1 and user_id = $2
        ",
        keys.0,
        keys.1,
    )?;
    merge_updates(tx, keys).await
}

async fn merge_updates(tx: &mut Tx, keys: (&str, &str, &str)) -> sqlx::Result<()> {
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
