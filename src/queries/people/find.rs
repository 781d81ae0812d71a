//! Which users a page of the list shows. In its order a list is read in parts until the page is
//! full; a filter that few users pass begins with those users instead.

use std::{cmp::Ordering, collections::HashMap};

use super::{named_groups, roles_of};
use crate::{
    db::Tx,
    domain::{
        access::OrganizationScope, directory_user::SeatState, id::DirectoryUserId, text::folded,
        time::Timestamp, waitlist::PlaceKey,
    },
    queries::{pattern, roles::Roles},
    store::directory_users::{self, Listed, by_time, listing},
    views::{People, PeopleQuery, PeopleSort, PersonKey, pagination::SortKey},
};

/// How many users are read at once while a filter is on.
const PART: i64 = 250;
/// Up to how many users of a state are read from the index by state, in no order. In an order, the
/// users of such a state are so far apart that most of the list is read for a page.
const FEW: i64 = 500;

/// The users of a page.
pub(in crate::queries) struct Found {
    pub rows: Vec<Listed>,
    /// The next page begins behind this user.
    pub older: Option<PersonKey>,
    /// There are more users to look at, but they are too many for one page.
    pub looked_through: bool,
    /// How many users the search matches in each state, if the page was found by reading all of
    /// them.
    pub states: Option<Vec<(SeatState, i64)>>,
}

/// A list as it is asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    scope: &'a OrganizationScope,
    roles: &'a Roles,
    query: &'a PeopleQuery,
    /// The search as the search keys are written.
    search: &'a str,
    order: PeopleSort,
    /// How many users a page has at most.
    most: i64,
    /// The users are the members of the group already.
    of_group: bool,
}

/// At most `most` users behind the row; a row of another order counts as none.
pub(in crate::queries) async fn find(
    tx: &mut Tx,
    (scope, roles): (&OrganizationScope, &Roles),
    query: &PeopleQuery,
    most: i64,
    behind: Option<&PersonKey>,
) -> sqlx::Result<Found> {
    let search = folded(query.search.trim());
    let (search, order) = (search.as_str(), query.order());
    let asked = Asked { scope, roles, query, search, order, most, of_group: false };
    let behind = SortKey::of(behind, order, query.descending);
    if !search.is_empty()
        && let Some(matching) = matching(tx, asked).await?
    {
        let ids: Vec<String> = matching.iter().map(|(id, _)| id.clone()).collect();
        let found = of_few(tx, asked, &ids, behind).await?;
        return Ok(Found { states: Some(counted(&matching)), ..found });
    }
    match few(tx, asked).await? {
        Some((ids, of_group)) => of_few(tx, Asked { of_group, ..asked }, &ids, behind).await,
        None => in_order(tx, asked, behind.cloned()).await,
    }
}

/// What the row is sorted by.
fn key(asked: Asked<'_>, row: &Listed) -> PersonKey {
    let (numbers, text) = match asked.order {
        PeopleSort::Name => ([0, 0], row.search_key.clone()),
        PeopleSort::Since => ([row.since.nanos(), 0], String::new()),
        PeopleSort::Waitlist => {
            let place = row.waitlist_key.as_ref();
            (place.map_or([0, 0], |place| [place.rank, place.position]), String::new())
        }
    };
    let (sort, descending) = (asked.order, asked.query.descending);
    PersonKey { sort, descending, numbers, text, id: row.id.clone() }
}

/// The waitlist has one direction.
fn compared(asked: Asked<'_>, one: &PersonKey, other: &PersonKey) -> Ordering {
    let order = one.numbers.cmp(&other.numbers);
    let order = order.then_with(|| one.text.cmp(&other.text)).then_with(|| one.id.cmp(&other.id));
    let is_reversed = asked.query.descending && asked.order != PeopleSort::Waitlist;
    if is_reversed { order.reverse() } else { order }
}

/// The users that the search matches, removed users too, if they are few. Most searches are for
/// one person: the list is read once for the page and for the numbers above it.
async fn matching(tx: &mut Tx, asked: Asked<'_>) -> sqlx::Result<Option<Vec<(String, SeatState)>>> {
    let pattern = pattern(&asked.query.search);
    let matching = listing::matching(tx, asked.scope, &pattern, People::LOOKED_THROUGH + 1).await?;
    Ok(Some(matching).filter(|users| are_few(users.len())))
}

fn are_few(users: usize) -> bool {
    i64::try_from(users).is_ok_and(|users| users <= People::LOOKED_THROUGH)
}

fn counted(users: &[(String, SeatState)]) -> Vec<(SeatState, i64)> {
    let mut counts: Vec<(SeatState, i64)> = Vec::new();
    for (_, state) in users {
        match counts.iter_mut().find(|(counted, _)| counted == state) {
            Some((_, count)) => *count += 1,
            None => counts.push((*state, 1)),
        }
    }
    counts
}

/// The users that a filter leaves, before all other filters, if they are few; and whether the
/// filter was the group.
async fn few(tx: &mut Tx, asked: Asked<'_>) -> sqlx::Result<Option<(Vec<String>, bool)>> {
    let Asked { scope, query, order, .. } = asked;
    let most = People::LOOKED_THROUGH;
    if let Some(group) = &query.group {
        let ids = listing::of_group(tx, scope, group, most + 1).await?;
        if are_few(ids.len()) {
            return Ok(Some((ids, true)));
        }
    }
    if query.duplicates {
        let addresses = listing::shared_addresses(tx, scope, most + 1).await?;
        if are_few(addresses.len()) {
            let keys: Vec<_> =
                addresses.into_iter().map(|address| (scope.id().clone(), address)).collect();
            let users = directory_users::with_emails(tx, &keys).await?;
            if are_few(users.len()) {
                let ids = users.into_iter().map(|(_, user)| user.id.as_str().to_owned());
                return Ok(Some((ids.collect(), false)));
            }
        }
    }
    let rare = query.state.filter(|state| *state != SeatState::Provisioned);
    if let Some(state) = rare.filter(|_| order != PeopleSort::Waitlist)
        && listing::count_without_seat(tx, scope, state, FEW + 1).await? <= FEW
    {
        return Ok(Some((listing::without_seat(tx, scope, state).await?, false)));
    }
    Ok(None)
}

fn state(query: &PeopleQuery) -> &'static str {
    query.state.map_or("", SeatState::as_str)
}

/// The page from these users alone.
async fn of_few(
    tx: &mut Tx,
    asked: Asked<'_>,
    ids: &[String],
    behind: Option<&PersonKey>,
) -> sqlx::Result<Found> {
    let mut rows = directory_users::rows(tx, asked.scope, ids).await?;
    rows.retain(|row| is_behind(asked, row, behind));
    let mut rows = passing(tx, asked, rows).await?;
    rows.sort_by(|one, other| compared(asked, &key(asked, one), &key(asked, other)));
    Ok(cut(asked, rows))
}

fn is_behind(asked: Asked<'_>, row: &Listed, behind: Option<&PersonKey>) -> bool {
    behind.is_none_or(|behind| compared(asked, &key(asked, row), behind) == Ordering::Greater)
}

/// A page of the rows, of which one more than fits says that there is another page.
fn cut(asked: Asked<'_>, mut rows: Vec<Listed>) -> Found {
    let most = usize::try_from(asked.most).unwrap_or(usize::MAX);
    let is_more = rows.len() > most;
    rows.truncate(most);
    let older = rows.last().filter(|_| is_more).map(|row| key(asked, row));
    Found { rows, older, looked_through: false, states: None }
}

/// The page from the whole list in its order, as far as the limit of checked users allows.
async fn in_order(tx: &mut Tx, asked: Asked<'_>, behind: Option<PersonKey>) -> sqlx::Result<Found> {
    let is_filtered =
        asked.query.is_narrowed() || (!asked.search.is_empty() && asked.order != PeopleSort::Name);
    let part = if is_filtered { PART } else { asked.most + 1 };
    let most = usize::try_from(asked.most).unwrap_or(usize::MAX);
    let (mut found, mut looked, mut last) = (Vec::new(), 0, behind);
    loop {
        let ids = part_at(tx, asked, last.as_ref(), part + 1).await?;
        let is_end = i64::try_from(ids.len()).is_ok_and(|read| read <= part);
        let mut rows = listed(tx, asked, &ids).await?;
        // a part begins with the last row of the one before, if it is still there
        rows.retain(|row| is_behind(asked, row, last.as_ref()));
        looked += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let is_end = is_end || rows.last().is_none_or(|row| is_past(asked, row));
        last = rows.last().map(|row| key(asked, row));
        found.extend(passing(tx, asked, rows).await?);
        if found.len() > most || is_end {
            return Ok(cut(asked, found));
        }
        if looked >= People::LOOKED_THROUGH {
            return Ok(Found { rows: found, older: last, looked_through: true, states: None });
        }
    }
}

/// Whether no later row of the order can pass the filters.
fn is_past(asked: Asked<'_>, row: &Listed) -> bool {
    let PeopleQuery { since, descending, .. } = asked.query;
    let begins = since.unwrap_or(Timestamp::from_nanos(i64::MIN));
    asked.order == PeopleSort::Since && *descending && row.since < begins
}

/// The ids of a part of the list that begins at a row; without a row at the first one.
async fn part_at(
    tx: &mut Tx,
    asked: Asked<'_>,
    at: Option<&PersonKey>,
    most: i64,
) -> sqlx::Result<Vec<String>> {
    let Asked { scope, query, .. } = asked;
    let (state, pattern) = (state(query), pattern(&query.search));
    let which = (state, pattern.as_str());
    match (asked.order, query.descending) {
        (PeopleSort::Name, false) => {
            let from = at.map_or(("", ""), |row| (&row.text, &row.id));
            listing::by_name(tx, scope, which, from, most).await
        }
        (PeopleSort::Name, true) => {
            let from = match at {
                Some(row) => Some((row.text.clone(), row.id.clone())),
                None => listing::last_name(tx, scope).await?,
            };
            let Some((key, id)) = from else { return Ok(Vec::new()) };
            listing::by_name_descending(tx, scope, which, (&key, &id), most).await
        }
        (PeopleSort::Since, false) => {
            let first = query.since.map_or(i64::MIN, Timestamp::nanos);
            let from = at.map_or((first, ""), |row| (row.numbers[0], &row.id));
            by_time::ascending(tx, scope, state, from, most).await
        }
        (PeopleSort::Since, true) => {
            let from = at.map_or((i64::MAX, ""), |row| (row.numbers[0], &row.id));
            by_time::descending(tx, scope, state, from, most).await
        }
        (PeopleSort::Waitlist, _) => {
            let place = at.map(|row| PlaceKey {
                rank: row.numbers[0],
                position: row.numbers[1],
                user: DirectoryUserId::new(row.id.as_str()),
            });
            listing::by_place(tx, scope, place.as_ref(), most).await
        }
    }
}

/// The rows of these users, in the order of the ids.
async fn listed(tx: &mut Tx, asked: Asked<'_>, ids: &[String]) -> sqlx::Result<Vec<Listed>> {
    let rows = directory_users::rows(tx, asked.scope, ids).await?;
    let mut by_id: HashMap<String, Listed> =
        rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// The rows that pass all filters.
async fn passing(
    tx: &mut Tx,
    asked: Asked<'_>,
    mut rows: Vec<Listed>,
) -> sqlx::Result<Vec<Listed>> {
    let Asked { scope, roles, query, search, of_group, .. } = asked;
    rows.retain(|row| {
        let is_in_state = match query.state {
            Some(state) => row.state == state,
            None => row.state != SeatState::Removed,
        };
        is_in_state
            && row.search_key.contains(search)
            && query.since.is_none_or(|since| row.since >= since)
    });
    if !query.role.is_empty() {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let groups = named_groups(tx, scope, &ids).await?;
        rows.retain(|row| {
            let groups = groups.get(&row.id).map_or(&[][..], Vec::as_slice);
            roles_of(row, roles, groups).contains(&query.role)
        });
    }
    if let Some(group) = query.group.as_ref().filter(|_| !of_group) {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let members = listing::in_group(tx, scope, group, &ids).await?;
        rows.retain(|row| members.binary_search(&row.id).is_ok() || members.contains(&row.id));
    }
    if query.duplicates {
        let keys: Vec<String> = rows.iter().filter_map(|row| row.email_key.clone()).collect();
        let shared = directory_users::duplicate_emails(tx, scope, &keys).await?;
        rows.retain(|row| {
            row.state != SeatState::Removed
                && row.email_key.as_ref().is_some_and(|key| shared.contains(key))
        });
    }
    Ok(rows)
}
