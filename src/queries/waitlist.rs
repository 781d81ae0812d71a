//! The waitlist page: the people that an admin decides about, and the result of a decision.

use std::collections::HashMap;

use serde::Serialize;

use super::{organization::decision_row, people::named_groups};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        directory_user::{DirectoryUser, SeatState},
        id::DirectoryUserId,
        text::{ExternalText, called},
        time::Timestamp,
        waitlist::PlaceKey,
    },
    state::AppState,
    store::{
        audit_log, decisions,
        directory_users::{self, Filter},
        groups, organizations, search_pattern,
    },
    views::{
        pagination::KeysetPage,
        waitlist::{
            DecisionResult, ResultKey, ResultRow, WaitlistFilter, WaitlistKey, WaitlistPage,
            WaitlistQuery, WaitlistRow,
        },
    },
};

/// `Missing` if there is no such organization.
pub async fn waitlist(
    state: &AppState,
    scope: &OrganizationScope,
    query: &WaitlistQuery,
) -> Result<WaitlistPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let states = directory_users::states(&mut tx, scope).await?;
    let filter = self::filter(&query.filter, state.clock.now());
    let wanted = query.filter.state;
    let matching = if query.filter.is_whole() {
        states.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count)
    } else {
        directory_users::count_chosen(&mut tx, scope, wanted, &filter).await?
    };
    let most = WaitlistPage::ROWS + 1;
    let mut users = part(&mut tx, scope, (wanted, &filter), query.after.as_ref(), most).await?;
    let page = KeysetPage::cut(query.after.clone(), &mut users, WaitlistPage::ROWS, key);
    let rows = rows(&mut tx, scope, users, query.filter.is_whole()).await?;
    let groups = groups::names(&mut tx, scope, WaitlistPage::GROUPS).await?;
    let result = match &query.result {
        Some(key) => result(&mut tx, scope, key).await?,
        None => None,
    };
    Ok(WaitlistPage {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        usage: card.usage,
        archived: card.archived,
        policy: card.policy,
        revision: card.revision,
        states,
        groups: groups
            .into_iter()
            .map(|(id, name)| {
                let name = ExternalText::or_id(name.as_deref().unwrap_or_default(), id.as_str());
                (id, name)
            })
            .collect(),
        rows,
        page,
        matching,
        result,
        now: state.clock.now(),
    })
}

/// What the store looks for; people whose state began later do not count.
pub(super) fn filter(filter: &WaitlistFilter, until: Timestamp) -> Filter {
    Filter {
        pattern: search_pattern(&filter.search),
        group: filter.group.as_ref().map(ToString::to_string).unwrap_or_default(),
        until,
    }
}

/// The people behind a row. A key of another list counts as the beginning.
pub(super) async fn part(
    tx: &mut Tx,
    scope: &OrganizationScope,
    (state, filter): (SeatState, &Filter),
    after: Option<&WaitlistKey>,
    most: i64,
) -> sqlx::Result<Vec<DirectoryUser>> {
    if state == SeatState::Blocked {
        let place = match after {
            Some(WaitlistKey::Place(place)) => Some(place),
            _ => None,
        };
        return directory_users::waiting_after(tx, scope, filter, place, most).await;
    }
    let name = match after {
        Some(WaitlistKey::Name(name, user)) => Some((name.clone(), user.clone())),
        _ => None,
    };
    directory_users::in_state_after(tx, scope, (state, filter), name.as_ref(), most).await
}

pub(super) fn key(user: &DirectoryUser) -> WaitlistKey {
    user.waitlist_key().map_or_else(
        || {
            let (name, user) = directory_users::name_key(user);
            WaitlistKey::Name(name, user)
        },
        WaitlistKey::Place,
    )
}

/// `is_whole`: no waiting person between two rows is left out.
async fn rows(
    tx: &mut Tx,
    scope: &OrganizationScope,
    users: Vec<DirectoryUser>,
    is_whole: bool,
) -> sqlx::Result<Vec<WaitlistRow>> {
    let ids: Vec<DirectoryUserId> = users.iter().map(|user| user.id.clone()).collect();
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut groups_of = named_groups(tx, scope, &texts).await?;
    let keys: Vec<String> = users.iter().filter_map(DirectoryUser::email_key).collect();
    let duplicate_emails = directory_users::duplicate_emails(tx, scope, &keys).await?;
    let waiting: Vec<DirectoryUserId> =
        users.iter().filter(|user| waits(user)).map(|user| user.id.clone()).collect();
    // The order is oldest first, so the last decision of each person remains.
    let mut why: HashMap<DirectoryUserId, decisions::Listed> =
        decisions::that_blocked(tx, scope, &waiting)
            .await?
            .into_iter()
            .map(|decision| (decision.user.clone(), decision))
            .collect();
    let places = users.iter().filter_map(DirectoryUser::waitlist_key).collect();
    let positions = directory_users::positions(tx, scope, places, is_whole).await?;
    let mut rows = Vec::with_capacity(users.len());
    for user in users {
        let position = positions.get(&user.id).copied();
        let seen = |text: &Option<String>| text.as_deref().and_then(ExternalText::seen);
        let reason = why.remove(&user.id).map(|d| (d.reason, d.limit, d.used));
        rows.push(WaitlistRow {
            name: seen(&user.profile.name),
            email: seen(&user.profile.email),
            has_duplicate_email: user
                .email_key()
                .is_some_and(|key| duplicate_emails.contains(&key)),
            groups: groups_of.remove(user.id.as_str()).unwrap_or_default(),
            position,
            moved: user.waitlist_place.is_some_and(|place| place.by_hand),
            since: user.since,
            reason: reason.filter(|_| position.is_some()),
            user: user.id,
        });
    }
    Ok(rows)
}

fn waits(user: &DirectoryUser) -> bool {
    user.state == SeatState::Blocked
}

/// More decisions than this, and the people who got a seat are not named.
const LATEST: i64 = 100;

/// The result of a decision, from the audit log and the decisions. `None`: it has none here.
async fn result(
    tx: &mut Tx,
    scope: &OrganizationScope,
    key: &ResultKey,
) -> sqlx::Result<Option<DecisionResult>> {
    let entries = audit_log::of_request(tx, scope, key.at, &key.request_id).await?;
    let Some(action) = entries.first().map(|entry| entry.action) else { return Ok(None) };
    let refused = entries.iter().filter(|entry| entry.refused).count();
    let text = |text: &Option<String>| text.as_deref().map(ExternalText::new);
    let mut people: Vec<ResultRow> = entries
        .iter()
        .map(|entry| {
            let user = DirectoryUserId::new(entry.target_id.clone().unwrap_or_default());
            ResultRow {
                name: called(entry.target.as_deref(), None, user.as_str()),
                before: text(&entry.before),
                after: text(&entry.after),
                refusal: entry
                    .reason
                    .as_deref()
                    .filter(|_| entry.refused)
                    .map(ExternalText::sentence),
                user,
            }
        })
        .collect();
    // the sort is stable: inside the two halves the order of the log stays
    people.sort_by_key(|row| row.refusal.is_none());
    people.truncate(DecisionResult::NAMES);
    let latest = decisions::recent(tx, scope, LATEST).await?;
    let chosen = |user: &DirectoryUserId| {
        entries.iter().any(|entry| entry.target_id.as_deref() == Some(user.as_str()))
    };
    let admitted = latest
        .into_iter()
        .rev()
        .filter(|row| row.at == key.at && row.to == SeatState::Provisioned && !chosen(&row.user))
        .map(|row| {
            (row.user.clone(), called(row.name.as_deref(), row.email.as_deref(), row.user.as_str()))
        })
        .take(DecisionResult::NAMES)
        .collect();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(Some(DecisionResult {
        action,
        at: key.at,
        done: count(entries.len() - refused),
        refused: count(refused),
        people,
        admitted,
    }))
}

/// What happened to these people since `since`, newest first. Tenants do not read who did it.
pub(super) async fn changes(
    tx: &mut Tx,
    scope: &OrganizationScope,
    viewer: &Viewer,
    (users, since): (&[DirectoryUserId], Timestamp),
) -> sqlx::Result<Vec<crate::views::DecisionRow>> {
    const SHOWN: usize = 5;
    let latest = decisions::recent(tx, scope, LATEST).await?;
    let rows = latest
        .into_iter()
        .filter(|row| row.at >= since && users.contains(&row.user))
        .take(SHOWN)
        .map(decision_row)
        .map(|mut row| {
            if !viewer.role.is_staff() {
                row.actor = None;
            }
            row
        });
    Ok(rows.collect())
}

/// One waiting person for scripts, with texts exactly as they are stored.
#[derive(Clone, Debug, Serialize)]
pub struct WaitlistEntry {
    /// 1 is next.
    pub position: i64,
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    /// RFC 3339.
    pub since: String,
    /// A sentence; `null` if no decision says why.
    pub why: Option<String>,
}

/// A part of the waitlist for the command line, and the place and position behind which the next
/// part begins. `Missing` if there is no such organization.
pub async fn waitlist_entries(
    state: &AppState,
    scope: &OrganizationScope,
    after: Option<&(PlaceKey, i64)>,
) -> Result<(Vec<WaitlistEntry>, Option<(PlaceKey, i64)>), Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let filter = filter(&WaitlistFilter::default(), Timestamp::from_nanos(i64::MAX));
    let place = after.map(|(place, _)| place);
    let users = directory_users::waiting_after(&mut tx, scope, &filter, place, PART).await?;
    let ids: Vec<DirectoryUserId> = users.iter().map(|user| user.id.clone()).collect();
    // The order is oldest first, so the last decision of each person remains.
    let why: HashMap<DirectoryUserId, String> = decisions::that_blocked(&mut tx, scope, &ids)
        .await?
        .into_iter()
        .map(|d| (d.user, d.reason.sentence(d.limit, d.used)))
        .collect();
    let first = after.map_or(1, |(_, position)| position + 1);
    let is_last = i64::try_from(users.len()) != Ok(PART);
    let last = users.last().and_then(DirectoryUser::waitlist_key).filter(|_| !is_last);
    let entries = users.into_iter().zip(first..).map(|(user, position)| WaitlistEntry {
        position,
        why: why.get(&user.id).cloned(),
        name: user.profile.name,
        email: user.profile.email,
        since: user.since.rfc3339(),
        user: user.id,
    });
    Ok((entries.collect(), last.map(|place| (place, first + PART - 1))))
}
