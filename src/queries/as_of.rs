//! An organization as it was at a moment.

use std::collections::HashMap;

use serde::Serialize;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        as_of::{AsOf, LimitDecided, Person, Stretch, limit_after, stretches},
        directory_user::Profile,
        id::DirectoryUserId,
        organization::{SeatLimit, Usage},
        text::ExternalText,
        time::Timestamp,
    },
    state::AppState,
    store::{as_of, directory_users, limit_decisions, organizations},
    views::{
        self,
        past::{AsOfPage, AsOfQuery, PastPerson},
    },
};

/// What is known about an organization at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Past {
    /// The moment is still to come.
    Future,
    /// The organization was added later, at this time.
    Unknown(Timestamp),
    Known(AsOf),
}

/// For scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AsOfRow {
    pub used: i64,
    /// A number, `"unlimited"`, or `null` while it is not set.
    #[serde(serialize_with = "super::status::limit")]
    pub limit: SeatLimit,
    /// In the order of the waitlist, with the ids that the people had.
    pub waiting: Vec<DirectoryUserId>,
    pub holders: Vec<DirectoryUserId>,
}

impl From<AsOf> for AsOfRow {
    fn from(past: AsOf) -> Self {
        let ids = |people: Vec<Person>| people.into_iter().map(|person| person.id).collect();
        Self {
            used: past.used,
            limit: past.limit,
            waiting: ids(past.waiting),
            holders: ids(past.holders),
        }
    }
}

/// The state at a moment: used seats, limit, waitlist and seat holders, from the decisions alone.
/// It takes as long as it takes; a page has a time limit.
pub async fn as_of(
    state: &AppState,
    organization: &OrganizationScope,
    at: Timestamp,
) -> Result<Past, Error> {
    let mut tx = state.db.read().await?;
    past(&mut tx, organization, (at, state.clock.now())).await
}

/// The page of a moment, with the present names of the people. `Missing` if there is no such
/// organization.
pub async fn as_of_page(
    state: &AppState,
    scope: &OrganizationScope,
    query: &AsOfQuery,
) -> Result<AsOfPage, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let at = if query.at.trim().is_empty() { Some(now) } else { query.moment() };
    let past = match at {
        Some(at) => Some(shown(&mut tx, scope, (at, now)).await?),
        None => None,
    };
    Ok(AsOfPage { id: scope.id().clone(), name: card.called(scope), at, past, now })
}

async fn shown(
    tx: &mut Tx,
    scope: &OrganizationScope,
    (at, now): (Timestamp, Timestamp),
) -> Result<views::past::Past, Error> {
    let known = match past(tx, scope, (at, now)).await? {
        Past::Future => return Ok(views::past::Past::Future),
        Past::Unknown(since) => return Ok(views::past::Past::Unknown(since)),
        Past::Known(known) => known,
    };
    let waiting = i64::try_from(known.waiting.len()).unwrap_or(i64::MAX);
    Ok(views::past::Past::Known {
        usage: Usage { limit: known.limit, used: known.used, waiting },
        archived: known.archived,
        waiting: named(tx, scope, known.waiting).await?,
        holders: named(tx, scope, known.holders).await?,
    })
}

/// The first of these people, with their present names.
async fn named(
    tx: &mut Tx,
    scope: &OrganizationScope,
    people: Vec<Person>,
) -> sqlx::Result<Vec<PastPerson>> {
    let shown: Vec<Person> = people.into_iter().take(AsOfPage::PEOPLE).collect();
    let ids: Vec<_> =
        shown.iter().map(|person| (scope.id().clone(), person.user.clone())).collect();
    let known = directory_users::with_ids(tx, &ids).await?;
    let mut profiles: HashMap<DirectoryUserId, Profile> =
        known.into_iter().map(|(_, user)| (user.id, user.profile)).collect();
    let seen = |text: Option<&String>| text.and_then(|text| ExternalText::seen(text));
    let row = |person: Person| {
        let profile = profiles.entry(person.user.clone()).or_default();
        PastPerson {
            name: seen(profile.name.as_ref()),
            email: seen(profile.email.as_ref()),
            user: person.user,
        }
    };
    Ok(shown.into_iter().map(row).collect())
}

pub(super) async fn past(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (at, now): (Timestamp, Timestamp),
) -> Result<Past, Error> {
    let limits = limit_decisions::all(tx, organization).await?;
    let first = limits.first().ok_or(Error::Missing)?;
    if at > now {
        return Ok(Past::Future);
    }
    let revision = revision_at(tx, organization, &limits, at).await?;
    let known = revision.and_then(|revision| Some((revision, limit_after(&limits, revision)?)));
    let Some((revision, limit)) = known else { return Ok(Past::Unknown(first.at)) };
    let mut decisions = as_of::last_of_each_user(tx, organization, revision).await?;
    decisions.extend(as_of::of_placeholders(tx, organization, revision).await?);
    Ok(Past::Known(AsOf::after(revision, limit, decisions)))
}

/// The last revision that had this time or an earlier one, if there was one.
pub(super) async fn revision_at(
    tx: &mut Tx,
    organization: &OrganizationScope,
    limits: &[LimitDecided],
    at: Timestamp,
) -> sqlx::Result<Option<i64>> {
    let of_limits = limits.iter().filter(|limit| limit.at <= at).map(|limit| limit.revision).max();
    let newest = as_of::newest_revision(tx, organization).await?.unwrap_or_default();
    for stretch in stretches(limits, newest) {
        if let Some(found) = last_until(tx, organization, stretch, at).await? {
            return Ok(of_limits.max(Some(found)));
        }
    }
    Ok(of_limits)
}

/// Inside a stretch later revisions have later times, so a binary search finds the last one.
async fn last_until(
    tx: &mut Tx,
    organization: &OrganizationScope,
    Stretch { first, last }: Stretch,
    at: Timestamp,
) -> sqlx::Result<Option<i64>> {
    let (mut low, mut high, mut found) = (first, last, None);
    while low <= high {
        let middle = low + (high - low) / 2;
        match as_of::first_revision(tx, organization, (middle, high)).await? {
            Some((revision, time)) if time <= at => {
                found = Some(revision);
                low = revision + 1;
            }
            _ => high = middle - 1,
        }
    }
    Ok(found)
}
