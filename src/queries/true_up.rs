//! The true-up report of an organization: the used seats of each month of a year.

use serde::Serialize;

use super::as_of::revision_at;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        as_of::{LimitDecided, limit_after},
        organization::SeatLimit,
        time::Timestamp,
        true_up::{Month, Over, TrueUpMonth, days_over, over_the_limit},
    },
    state::AppState,
    store::{limit_decisions, organizations, true_up},
    views::past::{TrueUpPage, TrueUpQuery},
};

/// A year of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrueUpYear {
    pub year: i64,
    /// When the organization was added.
    pub known_since: Timestamp,
    pub months: Vec<TrueUpMonth>,
}

/// One month for scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrueUpRow {
    /// `2026-11`.
    pub month: String,
    pub most_used: i64,
    /// RFC 3339.
    pub most_used_at: String,
    /// At the end of the month, or now: a number, `"unlimited"`, or `null` while it is not set.
    #[serde(serialize_with = "super::status::limit")]
    pub limit: SeatLimit,
    pub days_over: i64,
}

impl From<TrueUpMonth> for TrueUpRow {
    fn from(month: TrueUpMonth) -> Self {
        Self {
            month: month.month.written(),
            most_used: month.most_used,
            most_used_at: month.at.rfc3339(),
            limit: month.limit,
            days_over: month.days_over,
        }
    }
}

/// The months of a year, without those before the organization was added and those to come; of
/// this year without a year. It takes as long as it takes; a page has a time limit.
pub async fn true_up(
    state: &AppState,
    organization: &OrganizationScope,
    year: Option<i64>,
) -> Result<TrueUpYear, Error> {
    let mut tx = state.db.read().await?;
    of_year(&mut tx, organization, (year, state.clock.now())).await
}

/// The page of the report. `Missing` if there is no such organization.
pub async fn true_up_page(
    state: &AppState,
    scope: &OrganizationScope,
    query: TrueUpQuery,
) -> Result<TrueUpPage, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let report = of_year(&mut tx, scope, (query.year, now)).await?;
    Ok(TrueUpPage {
        id: scope.id().clone(),
        name: card.called(scope),
        year: report.year,
        years: years(report.known_since, now),
        known_since: report.known_since,
        months: report.months,
        now,
    })
}

/// The first and the last year that a report can be about.
fn years(known_since: Timestamp, now: Timestamp) -> (i64, i64) {
    let this_year = Month::of(now).year;
    (Month::of(known_since).year.min(this_year), this_year)
}

/// A year before the first or after this one counts as the nearest one.
pub(super) async fn of_year(
    tx: &mut Tx,
    organization: &OrganizationScope,
    (year, now): (Option<i64>, Timestamp),
) -> Result<TrueUpYear, Error> {
    let limits = limit_decisions::all(tx, organization).await?;
    let known_since = limits.iter().map(|limit| limit.at).min().ok_or(Error::Missing)?;
    let (first, last) = years(known_since, now);
    let year = year.unwrap_or(last).clamp(first, last);
    let over = over(tx, organization, &limits, now).await?;
    let mut months = Vec::new();
    for month in Month::all_of(year) {
        let (Some(begins), Some(ends)) = (month.begins(), month.next().begins()) else { continue };
        let (since, until) = (begins.max(known_since), ends.min(now));
        if since <= until {
            let one = one_month(tx, organization, &limits, (month, since, until)).await?;
            months.push(TrueUpMonth { days_over: days_over(&over, (since, until)), ..one });
        }
    }
    Ok(TrueUpYear { year, known_since, months })
}

/// The month from `since` to before `until`; both are inside it, or at its end.
async fn one_month(
    tx: &mut Tx,
    organization: &OrganizationScope,
    limits: &[LimitDecided],
    (month, since, until): (Month, Timestamp, Timestamp),
) -> Result<TrueUpMonth, Error> {
    let first = revision_at(tx, organization, limits, since).await?.unwrap_or_default();
    let end = if Month::of(until) == month { until } else { before(until) };
    let last = revision_at(tx, organization, limits, end).await?.unwrap_or_default();
    let carried = true_up::used_after(tx, organization, first).await?.unwrap_or_default();
    let most = true_up::most_used(tx, organization, (first, last)).await?;
    let (most_used, at) = most.filter(|(used, _)| *used > carried).unwrap_or((carried, since));
    let limit = limit_after(limits, last).map_or(SeatLimit::NotSet, |limit| limit.limit);
    Ok(TrueUpMonth { month, most_used, at, limit, days_over: 0 })
}

fn before(at: Timestamp) -> Timestamp {
    Timestamp::from_nanos(at.nanos() - 1)
}

/// The times in which the organization was over its limit. Each begins with a limit decision, and
/// ends with the next one or as soon as enough seats are free.
async fn over(
    tx: &mut Tx,
    organization: &OrganizationScope,
    limits: &[LimitDecided],
    now: Timestamp,
) -> sqlx::Result<Vec<Over>> {
    let mut times = Vec::new();
    for (limit, next) in over_the_limit(limits) {
        let number = |limit: &LimitDecided| (limit.revision, limit.ordinal);
        let between = (number(limit), next.map_or((i64::MAX, 0), number));
        let SeatLimit::Seats(seats) = limit.limit else { continue };
        let freed = true_up::first_at_most(tx, organization, between, seats).await?;
        let until = freed.or(next.map(|next| next.at)).unwrap_or(now);
        times.push(Over { since: limit.at, until });
    }
    Ok(times)
}
