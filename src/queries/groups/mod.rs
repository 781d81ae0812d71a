//! The groups of an organization, and one group: its numbers, its members, and who joined and left.

mod record;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

pub use self::record::{ChangeRecord, GroupRecord, group_record};
use super::{pattern, people::members, roles::Roles};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        id::{DirectoryId, GroupId},
        role::RoleMapping,
        text::{ExternalText, called},
        time::Timestamp,
    },
    state::AppState,
    store::{
        directories,
        groups::{self, Behind, ListedGroup, Order},
        membership_changes::{self, OfGroup},
        organizations, role_mappings,
    },
    views::{
        groups::{
            ChangeCursor, ChangeRow, GroupKey, GroupList, GroupPage, GroupQuery, GroupRow, Groups,
            GroupsQuery, GroupsSort, Listed,
        },
        pagination::{KeysetPage, SortKey},
    },
};

/// `Missing` if there is no such organization.
pub async fn groups(
    state: &AppState,
    scope: &OrganizationScope,
    query: &GroupsQuery,
) -> Result<Groups, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let before = SortKey::of(query.before.as_ref(), query.sort, query.descending);
    let mut listed = find(&mut tx, scope, query, before, Groups::ROWS + 1).await?;
    let page =
        KeysetPage::cut(before.cloned(), &mut listed, Groups::ROWS, |group| key(query, group));
    let mapping = role_mappings::of(&mut tx, scope).await?;
    let (matching, deleted) = groups::count(&mut tx, scope, &pattern(&query.search)).await?;
    Ok(Groups {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        revision: card.revision,
        rows: rows(&mut tx, scope, (listed, &mapping)).await?,
        page,
        matching: matching - deleted,
        deleted,
    })
}

/// What the group is sorted by.
pub(super) fn key(query: &GroupsQuery, group: &ListedGroup) -> GroupKey {
    let number = match query.sort {
        GroupsSort::Name => 0,
        GroupsSort::Members => group.counts.members(),
        GroupsSort::Waiting => group.counts.blocked,
    };
    GroupKey {
        sort: query.sort,
        descending: query.descending,
        numbers: [i64::from(group.deleted), number],
        text: group.search_key.clone(),
        id: group.id.as_str().to_owned(),
    }
}

/// The groups behind one, in the order that is asked for.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &OrganizationScope,
    query: &GroupsQuery,
    behind: Option<&GroupKey>,
    most: i64,
) -> sqlx::Result<Vec<ListedGroup>> {
    let pattern = pattern(&query.search);
    let factor: i64 = if query.descending { -1 } else { 1 };
    let behind = behind.map(|GroupKey { numbers: [deleted, number], text, id, .. }| Behind {
        deleted: *deleted != 0,
        number: factor.saturating_mul(*number),
        key: text,
        id,
    });
    let order = match query.sort {
        GroupsSort::Name if query.descending => {
            return groups::by_name_descending(tx, scope, &pattern, behind, most).await;
        }
        GroupsSort::Name => Order::default(),
        GroupsSort::Members => Order { members: factor, ..Order::default() },
        GroupsSort::Waiting => Order { waiting: factor, ..Order::default() },
    };
    groups::in_order(tx, scope, (&pattern, order), behind, most).await
}

async fn rows(
    tx: &mut Tx,
    scope: &OrganizationScope,
    (listed, mapping): (Vec<ListedGroup>, &RoleMapping),
) -> sqlx::Result<Vec<GroupRow>> {
    let ids: BTreeSet<DirectoryId> =
        listed.iter().filter_map(|group| group.directory.clone()).collect();
    let providers = directories::providers(tx, scope, &ids).await?;
    let providers: BTreeMap<DirectoryId, Option<String>> = providers.into_iter().collect();
    let row = |group: ListedGroup| GroupRow {
        name: ExternalText::or_id(group.name.as_deref().unwrap_or_default(), group.id.as_str()),
        directory: group.directory.map(|id| {
            let provider = providers.get(&id).cloned().flatten();
            ExternalText::or_id(provider.as_deref().unwrap_or_default(), id.as_str())
        }),
        deleted: group.deleted,
        counts: group.counts,
        roles: mapping.of(&group.id),
        group: group.id,
    };
    Ok(listed.into_iter().map(row).collect())
}

/// `Missing` if there is no such organization, or no such group.
pub async fn group_page(
    state: &AppState,
    scope: &OrganizationScope,
    group: &GroupId,
    query: &GroupQuery,
) -> Result<GroupPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let found = groups::one(&mut tx, scope, group).await?.ok_or(Error::Missing)?;
    let roles = Roles::load(&mut tx, scope).await?;
    let ranked = card.policy.groups();
    let rank = ranked.iter().position(|ranked| ranked == group);
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let list = match query.list {
        GroupList::Members => {
            members(&mut tx, (scope, &roles), group, query.member.as_ref()).await?
        }
        GroupList::Changes => {
            let most = GroupPage::CHANGES;
            let mut found = changes(&mut tx, scope, group, query, most + 1).await?;
            let page = KeysetPage::cut(query.change, &mut found, most, change_key);
            Listed::Changes { rows: found.into_iter().map(change_row).collect(), page }
        }
    };
    let deleted_at = found.deleted_at.filter(|_| found.deleted);
    let mut row = rows(&mut tx, scope, (vec![found], &roles.mapping)).await?;
    Ok(GroupPage {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        revision: card.revision,
        row: row.pop().ok_or(Error::Missing)?,
        deleted_at,
        rank: rank.map(|rank| (number(rank + 1), number(ranked.len()))),
        list,
        now: state.clock.now(),
    })
}

/// Who joined and who left before a change, the newest first.
pub(super) async fn changes(
    tx: &mut Tx,
    scope: &OrganizationScope,
    group: &GroupId,
    query: &GroupQuery,
    most: i64,
) -> sqlx::Result<Vec<OfGroup>> {
    let before = query.change.map_or((i64::MAX, i64::MAX, i64::MAX), |change| {
        (change.at.nanos(), change.revision, change.ordinal)
    });
    let since = query.since.map_or(i64::MIN, Timestamp::nanos);
    let mut found = Vec::new();
    for joined in [true, false] {
        if query.joined.is_none_or(|only| only == joined) {
            let which = (group, joined);
            found.extend(
                membership_changes::of_group(tx, scope, which, (since, before), most).await?,
            );
        }
    }
    found.sort_by_key(|change| Reverse(change_key(change)));
    found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(found)
}

pub(super) fn change_key(change: &OfGroup) -> ChangeCursor {
    ChangeCursor { at: change.at, revision: change.revision, ordinal: change.ordinal }
}

fn change_row(change: OfGroup) -> ChangeRow {
    let key = change_key(&change);
    let OfGroup { user, name, email, state, joined, recorded_at, .. } = change;
    ChangeRow {
        key,
        called: called(name.as_deref(), email.as_deref(), user.as_str()),
        user,
        state,
        joined,
        recorded_at,
    }
}
