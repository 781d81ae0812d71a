//! A placeholder is merged into a user: the newer full list of groups stays, and the placeholder's
//! updates of single memberships become the user's.

use std::collections::BTreeMap;

use super::{counts, updates::merge_updates};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        access::OrganizationScope,
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId},
    },
    store::SHORT_ROWS_AT_ONCE,
};

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

/// What a merge changes about the groups of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergedGroups {
    pub joined: Vec<GroupId>,
    pub left: Vec<GroupId>,
}

/// Merges a placeholder into a user, and returns what changes about the user's groups.
pub async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<MergedGroups> {
    let of_placeholder = counts::of_user(tx, organization, placeholder).await?;
    let before = counts::of_user(tx, organization, id).await?;
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
    merge_updates(tx, keys).await?;
    let after = counts::of_user(tx, organization, id).await?;
    let mut changes = counts::Changes::default();
    for (groups, sign) in [(&of_placeholder, -1), (&before, -1), (&after, 1)] {
        for (group, state) in groups {
            changes.add((organization.id(), group), *state, sign);
        }
    }
    counts::change(tx, &changes).await?;
    let only_in = |groups: &BTreeMap<GroupId, SeatState>, others: &BTreeMap<GroupId, SeatState>| {
        groups.keys().filter(|group| !others.contains_key(group)).cloned().collect()
    };
    Ok(MergedGroups { joined: only_in(&after, &before), left: only_in(&before, &after) })
}
