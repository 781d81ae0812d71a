//! Who holds a seat and seems not to use it, and who keeps it all the same.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::{OrganizationScope, Viewer},
        id::DirectoryUserId,
        reclaim::ReclaimRule,
        setting::FixedSettings,
        text::ExternalText,
        time::{Day, Timestamp},
    },
    state::AppState,
    store::{
        directory_users, organizations,
        reclaim::{self, Listed, Place},
        settings,
    },
    views::{
        pagination::KeysetPage,
        reclaim::{ReclaimCursor, ReclaimList, ReclaimPage, ReclaimQuery, ReclaimRow, Signals},
    },
};

/// `Missing` if there is no such organization.
pub async fn reclaim_page(
    state: &AppState,
    (scope, viewer): (&OrganizationScope, &Viewer),
    query: &ReclaimQuery,
) -> Result<ReclaimPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let rule = rule(&mut tx, scope, state.clock.now()).await?;
    let asked = (rule.as_ref(), query.list);
    let (listed, page) =
        part(&mut tx, scope, asked, query.before.clone(), ReclaimPage::ROWS).await?;
    let now = state.clock.now();
    Ok(ReclaimPage {
        organization: scope.id().clone(),
        organization_name: card.called(scope),
        revision: card.revision,
        usage: card.usage,
        archived: card.archived,
        after_days: rule.as_ref().map(days),
        signals: rule.as_ref().map_or(Signals::Never, signals),
        suggested: suggested(&mut tx, scope, rule.as_ref()).await?,
        rows: rows(&mut tx, (scope, viewer), (listed, rule.as_ref())).await?,
        page,
        now,
    })
}

/// `None`: suggestions are switched off.
pub(super) async fn rule(
    tx: &mut Tx,
    scope: &OrganizationScope,
    now: Timestamp,
) -> sqlx::Result<Option<ReclaimRule>> {
    // the environment does not fix this setting
    let settings = settings::values(tx, &FixedSettings::default()).await?;
    let Some(after) = settings.reclaim_after else { return Ok(None) };
    Ok(Some(ReclaimRule {
        now,
        after,
        usage: organizations::known_usage(tx, scope).await?,
        has_seats_by_groups: reclaim::has_seats_by_groups(tx, scope).await?,
    }))
}

/// How many people are suggested, counted up to [`ReclaimPage::COUNTED`].
pub(super) async fn suggested(
    tx: &mut Tx,
    scope: &OrganizationScope,
    rule: Option<&ReclaimRule>,
) -> sqlx::Result<i64> {
    match rule {
        Some(rule) => reclaim::count_suggested(tx, scope, rule, ReclaimPage::COUNTED).await,
        None => Ok(0),
    }
}

/// Some people of a list.
pub(super) async fn part(
    tx: &mut Tx,
    scope: &OrganizationScope,
    (rule, list): (Option<&ReclaimRule>, ReclaimList),
    before: Option<ReclaimCursor>,
    most: i64,
) -> sqlx::Result<(Vec<Listed>, KeysetPage<ReclaimCursor>)> {
    let place: Option<Place> = before.clone().map(|cursor| (cursor.at, cursor.user));
    let mut listed = match (list, rule) {
        (ReclaimList::Unused, Some(rule)) => {
            reclaim::suggested(tx, scope, rule, place.as_ref(), most + 1).await?
        }
        (ReclaimList::Unused, None) => Vec::new(),
        (ReclaimList::Kept, _) => reclaim::ignored(tx, scope, place.as_ref(), most + 1).await?,
    };
    let cursor = |one: &Listed| {
        let kept = one.seat.ignored_at.filter(|_| list == ReclaimList::Kept);
        ReclaimCursor { at: kept.unwrap_or_else(|| one.seat.idle_since()), user: one.user.clone() }
    };
    let page = KeysetPage::cut(before, &mut listed, most, cursor);
    Ok((listed, page))
}

fn days(rule: &ReclaimRule) -> i64 {
    Day::of(rule.now).since(Day::of(rule.cutoff()))
}

fn signals(rule: &ReclaimRule) -> Signals {
    match rule.usage {
        None => Signals::Never,
        Some(usage) if !rule.signals_count() => Signals::Stopped(usage.heard_at),
        Some(usage) if !rule.silence_counts() => Signals::Began(usage.heard_at, usage.since),
        Some(usage) => Signals::Arrive(usage.heard_at),
    }
}

/// The people of these ids, in a map, and the addresses that several people have.
pub(super) async fn people(
    tx: &mut Tx,
    scope: &OrganizationScope,
    listed: &[Listed],
) -> sqlx::Result<(HashMap<String, directory_users::Listed>, HashSet<String>)> {
    let ids: Vec<String> = listed.iter().map(|one| one.user.to_string()).collect();
    let people = directory_users::rows(tx, scope, &ids).await?;
    let keys: Vec<String> = people.iter().filter_map(|person| person.email_key.clone()).collect();
    let shared = directory_users::duplicate_emails(tx, scope, &keys).await?.into_iter().collect();
    Ok((people.into_iter().map(|person| (person.id.clone(), person)).collect(), shared))
}

/// Who ignored the suggestion, as far as the viewer may know.
fn keeper<'a>(one: &'a Listed, viewer: &Viewer) -> Option<&'a str> {
    let known = |(_, is_by_staff): &&(String, bool)| viewer.role.is_staff() || !is_by_staff;
    one.ignored_by.as_ref().filter(known).map(|(by, _)| by.as_str())
}

async fn rows(
    tx: &mut Tx,
    (scope, viewer): (&OrganizationScope, &Viewer),
    (listed, rule): (Vec<Listed>, Option<&ReclaimRule>),
) -> sqlx::Result<Vec<ReclaimRow>> {
    let (people, shared) = people(tx, scope, &listed).await?;
    let row = |one: Listed| {
        let person = people.get(one.user.as_str());
        let seen = |text: Option<&String>| text.and_then(|text| ExternalText::seen(text));
        let by = keeper(&one, viewer).map(ExternalText::new);
        let kept = one.seat.ignored_at.filter(|_| one.seat.is_ignored());
        ReclaimRow {
            name: seen(person.and_then(|person| person.name.as_ref())),
            email: seen(person.and_then(|person| person.email.as_ref())),
            has_duplicate_email: person
                .and_then(|person| person.email_key.as_ref())
                .is_some_and(|key| shared.contains(key)),
            seat_since: one.seat.seat_since,
            last_used_at: one.seat.last_used_at,
            reasons: rule.map(|rule| rule.reasons(&one.seat)).unwrap_or_default(),
            kept: kept.map(|at| (at, by)),
            user: one.user,
        }
    };
    Ok(listed.into_iter().map(row).collect())
}

/// A person who is suggested, for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct UnusedRecord {
    pub user: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
    /// RFC 3339, as all times.
    pub seat_since: String,
    pub last_used_at: Option<String>,
    /// Sentences.
    pub reasons: Vec<String>,
    /// Set in the list of those who keep the seat.
    pub kept_at: Option<String>,
    /// Tenants do not read which of the staff.
    pub kept_by: Option<String>,
}

/// The records of some people.
pub(super) async fn records(
    tx: &mut Tx,
    (scope, viewer): (&OrganizationScope, &Viewer),
    (listed, rule): (Vec<Listed>, Option<&ReclaimRule>),
    now: Timestamp,
) -> sqlx::Result<Vec<UnusedRecord>> {
    let (people, _) = people(tx, scope, &listed).await?;
    let record = |one: Listed| {
        let person = people.get(one.user.as_str());
        let reasons = rule.map(|rule| rule.reasons(&one.seat)).unwrap_or_default();
        let kept_at = one.seat.ignored_at.filter(|_| one.seat.is_ignored());
        UnusedRecord {
            name: person.and_then(|person| person.name.clone()),
            email: person.and_then(|person| person.email.clone()),
            seat_since: one.seat.seat_since.rfc3339(),
            last_used_at: one.seat.last_used_at.map(Timestamp::rfc3339),
            reasons: reasons.into_iter().map(|reason| reason.sentence(now)).collect(),
            kept_at: kept_at.map(Timestamp::rfc3339),
            kept_by: keeper(&one, viewer).filter(|_| kept_at.is_some()).map(str::to_owned),
            user: one.user,
        }
    };
    Ok(listed.into_iter().map(record).collect())
}

/// Some people of a list for the command line, and where the next ones begin.
pub async fn unused_records(
    state: &AppState,
    (scope, viewer): (&OrganizationScope, &Viewer),
    list: ReclaimList,
    before: Option<ReclaimCursor>,
) -> Result<(Vec<UnusedRecord>, Option<ReclaimCursor>), Error> {
    const PART: i64 = 1_000;
    let mut tx = state.db.read().await?;
    organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let rule = rule(&mut tx, scope, state.clock.now()).await?;
    let (listed, page) = part(&mut tx, scope, (rule.as_ref(), list), before, PART).await?;
    let now = state.clock.now();
    let records = records(&mut tx, (scope, viewer), (listed, rule.as_ref()), now).await?;
    Ok((records, page.older))
}
