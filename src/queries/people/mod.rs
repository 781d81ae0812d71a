//! One page of an organization's users.

mod find;

use std::collections::{HashMap, HashSet};

pub(super) use self::find::{Found, find};
use super::{pattern, roles::Roles};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        directory_user::SeatState,
        id::{DirectoryUserId, GroupId},
        text::ExternalText,
    },
    state::AppState,
    store::{directory_users, groups, organizations},
    views::{
        People, PeopleQuery, PeopleSort, PersonKey, PersonRow,
        groups::Listed,
        pagination::{KeysetPage, SortKey},
    },
};

/// `Missing` if there is no such organization.
pub async fn people(
    state: &AppState,
    scope: &OrganizationScope,
    query: &PeopleQuery,
) -> Result<People, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let before = SortKey::of(query.before.as_ref(), query.order(), query.descending);
    let roles = Roles::load(&mut tx, scope).await?;
    let Found { rows, older, looked_through, states } =
        find(&mut tx, (scope, &roles), query, People::ROWS, before).await?;
    let is_searched = !query.search.trim().is_empty();
    let states = match states {
        Some(states) => states,
        None if is_searched => {
            directory_users::states_matching(&mut tx, scope, &pattern(&query.search)).await?
        }
        None => directory_users::states(&mut tx, scope).await?,
    };
    // only then do the rows follow each other on the waitlist
    let is_whole_waitlist =
        query.order() == PeopleSort::Waitlist && !is_searched && !query.is_narrowed();
    let groups = groups::to_choose_from(&mut tx, scope, People::GROUPS).await?;
    let groups = groups.into_iter().map(|(id, name)| (id, ExternalText::label(&name)));
    Ok(People {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        revision: card.revision,
        usage: card.usage,
        rows: person_rows(&mut tx, scope, (rows, &roles), is_whole_waitlist).await?,
        page: KeysetPage { before: before.cloned(), older },
        looked_through,
        states,
        groups: groups.collect(),
        now: state.clock.now(),
    })
}

/// The application roles of a user in these groups, then the other roles from the directory.
fn roles_of(
    user: &directory_users::Listed,
    roles: &Roles,
    groups: &[(GroupId, ExternalText)],
) -> Vec<String> {
    let own = roles.of(user.state, groups).into_iter().map(|role| role.role.to_string());
    let mut all: Vec<String> = own.collect();
    let other = user.roles.iter().filter(|role| !all.contains(role)).cloned();
    all.extend(other.collect::<Vec<_>>());
    all
}

/// A part of the members of a group, in order of name.
pub(super) async fn members(
    tx: &mut Tx,
    (scope, roles): (&OrganizationScope, &Roles),
    group: &GroupId,
    before: Option<&PersonKey>,
) -> sqlx::Result<Listed> {
    let query = PeopleQuery { group: Some(group.clone()), ..PeopleQuery::default() };
    let before = SortKey::of(before, query.order(), query.descending);
    let Found { rows, older, looked_through, .. } =
        find(tx, (scope, roles), &query, People::ROWS, before).await?;
    Ok(Listed::Members {
        rows: person_rows(tx, scope, (rows, roles), false).await?,
        page: KeysetPage { before: before.cloned(), older },
        looked_through,
    })
}

async fn person_rows(
    tx: &mut Tx,
    scope: &OrganizationScope,
    (users, roles): (Vec<directory_users::Listed>, &Roles),
    is_whole_waitlist: bool,
) -> sqlx::Result<Vec<PersonRow>> {
    let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
    let keys: Vec<String> = users.iter().filter_map(|user| user.email_key.clone()).collect();
    let mut groups_of = named_groups(tx, scope, &ids).await?;
    let shared: HashSet<String> =
        directory_users::duplicate_emails(tx, scope, &keys).await?.into_iter().collect();
    let places = users.iter().filter_map(|user| user.waitlist_key.clone()).collect();
    let positions = directory_users::positions(tx, scope, places, is_whole_waitlist).await?;
    let row = |user: directory_users::Listed| {
        let place = user.waitlist_key.as_ref();
        let position = place.and_then(|place| positions.get(&place.user).copied());
        row((user, roles), position, &mut groups_of, &shared)
    };
    Ok(users.into_iter().map(row).collect())
}

/// The groups of these users, each with its name.
pub(super) async fn named_groups(
    tx: &mut Tx,
    scope: &OrganizationScope,
    ids: &[String],
) -> sqlx::Result<NamedGroups> {
    let mut groups_of = NamedGroups::new();
    for (user, group, name) in groups::of_people(tx, scope, ids).await? {
        groups_of.entry(user).or_default().push((group, ExternalText::label(&name)));
    }
    Ok(groups_of)
}

/// The groups by the user's id.
pub(super) type NamedGroups = HashMap<String, Vec<(GroupId, ExternalText)>>;

fn row(
    (user, roles): (directory_users::Listed, &Roles),
    position: Option<i64>,
    groups_of: &mut NamedGroups,
    shared: &HashSet<String>,
) -> PersonRow {
    let seen = |text: &Option<String>| text.as_deref().and_then(ExternalText::seen);
    let groups = groups_of.remove(&user.id).unwrap_or_default();
    let is_shared = user.email_key.as_ref().is_some_and(|key| shared.contains(key));
    PersonRow {
        state: user.state,
        roles: roles_of(&user, roles, &groups)
            .iter()
            .map(|role| ExternalText::label(role))
            .collect(),
        groups,
        position,
        since: user.since,
        has_duplicate_email: is_shared && user.state != SeatState::Removed,
        name: seen(&user.name),
        email: seen(&user.email),
        user: DirectoryUserId::new(user.id),
    }
}
