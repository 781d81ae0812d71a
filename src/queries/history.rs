//! The seat history of an organization: its chart, its table, and the forecast.

use std::collections::HashMap;

use serde::Serialize;

use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::OrganizationScope,
        forecast::{Forecast, Reason, Span},
        history::{
            DailyRollup, HistoryMonth, HistoryRange, counting, every_day, exact_steps, months,
            steps,
        },
        id::OrganizationId,
        organization::{SeatLimit, Usage},
        time::{Day, Timestamp},
    },
    state::AppState,
    store::{
        organizations::{self, Card},
        seat_history,
    },
    views::{
        history::{HistoryChart, HistoryPage, HistoryQuery},
        pagination::KeysetPage,
    },
};

/// The page. `Missing` if there is no such organization.
pub async fn history_page(
    state: &AppState,
    scope: &OrganizationScope,
    query: &HistoryQuery,
) -> Result<HistoryPage, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read_for_page(Reach::Organization(scope)).await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let first = query.range.first(Day::of(now));
    let tomorrow = Day::of(now).plus(1);
    let between = (first, query.before.unwrap_or(tomorrow).min(tomorrow));
    let mut days =
        seat_history::days_before(&mut tx, scope, between, HistoryPage::ROWS + 1).await?;
    let page = KeysetPage::cut(query.before, &mut days, HistoryPage::ROWS, |day| day.day);
    let known = known_days(&mut tx, scope, query.range, now).await?;
    Ok(HistoryPage {
        id: scope.id().clone(),
        name: card.called(scope),
        months: months(&known),
        chart: chart_of(&mut tx, scope, &card, (query.range, known), now).await?,
        days,
        page,
    })
}

/// The chart of a range, for a page that shows it among other things.
pub(super) async fn chart(
    tx: &mut Tx,
    scope: &OrganizationScope,
    card: &Card,
    range: HistoryRange,
    now: Timestamp,
) -> sqlx::Result<HistoryChart> {
    let days = known_days(tx, scope, range, now).await?;
    chart_of(tx, scope, card, (range, days), now).await
}

async fn known_days(
    tx: &mut Tx,
    scope: &OrganizationScope,
    range: HistoryRange,
    now: Timestamp,
) -> sqlx::Result<Vec<DailyRollup>> {
    let (first, today) = (range.first(Day::of(now)), Day::of(now));
    Ok(every_day(&seat_history::days(tx, scope, first).await?, first, today))
}

async fn chart_of(
    tx: &mut Tx,
    scope: &OrganizationScope,
    card: &Card,
    (range, days): (HistoryRange, Vec<DailyRollup>),
    now: Timestamp,
) -> sqlx::Result<HistoryChart> {
    let bars = steps(&days, HistoryChart::STEPS, now);
    let since = bars.first().map_or(now, |bar| bar.since);
    let points = seat_history::points(tx, scope, since, HistoryChart::STEPS).await?;
    let exact = points.is_some();
    let steps = points.map_or_else(|| bars.clone(), |points| exact_steps(&points, since, now));
    let forecast = forecast_in(tx, scope, card, now).await?;
    Ok(HistoryChart { range, usage: card.usage, steps, exact, bars, forecast, now })
}

/// When the organization will be full. `Missing` if there is no such organization.
pub async fn forecast(state: &AppState, scope: &OrganizationScope) -> Result<Forecast, Error> {
    let mut tx = state.db.read().await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    Ok(forecast_in(&mut tx, scope, &card, state.clock.now()).await?)
}

/// The same in a view that is open. It reads the roll-ups of half a year.
pub(super) async fn forecast_in(
    tx: &mut Tx,
    scope: &OrganizationScope,
    card: &Card,
    now: Timestamp,
) -> sqlx::Result<Forecast> {
    if card.archived {
        return Ok(Forecast::Unknown(Reason::Archived));
    }
    let today = Day::of(now);
    let days = seat_history::days(tx, scope, today.plus(-Forecast::DAYS - 1)).await?;
    Ok(Forecast::of(&days, card.usage, today))
}

/// The largest number of used seats of each of the last 90 days that is known, for a small picture
/// of each of these organizations.
pub(super) async fn used_lately(
    tx: &mut Tx,
    organizations: &[&OrganizationId],
    now: Timestamp,
) -> sqlx::Result<HashMap<OrganizationId, Vec<i64>>> {
    let today = Day::of(now);
    let first = HistoryRange::Days90.first(today);
    let mut rows: HashMap<OrganizationId, Vec<DailyRollup>> = HashMap::new();
    for (id, row) in seat_history::days_of_each(tx, organizations, first).await? {
        rows.entry(id).or_default().push(row);
    }
    let used = |rows: Vec<DailyRollup>| {
        every_day(&counting(rows), first, today).iter().map(|day| day.most_used).collect()
    };
    Ok(rows.into_iter().map(|(id, rows)| (id, used(rows))).collect())
}

/// All that is kept for ever, and the forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatHistory {
    /// The present numbers.
    pub usage: Usage,
    pub forecast: Forecast,
    /// The days with a decision, the oldest first.
    pub days: Vec<DailyRollup>,
    pub now: Timestamp,
}

impl SeatHistory {
    /// The months, the newest first.
    pub fn months(&self) -> Vec<HistoryMonth> {
        let today = Day::of(self.now);
        months(&every_day(&self.days, HistoryRange::All.first(today), today))
    }
}

/// The history for scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeatHistoryRecord {
    pub used: i64,
    #[serde(serialize_with = "super::status::limit")]
    pub limit: SeatLimit,
    pub waiting: i64,
    pub over: i64,
    pub forecast: ForecastRecord,
    /// The days with a decision, the oldest first.
    pub days: Vec<DayRecord>,
}

/// Between two days, or why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForecastRecord {
    /// `2027-03-03`; `null` without a statement.
    pub earliest: Option<String>,
    pub latest: Option<String>,
    /// The statement is right in so many of 100 cases.
    pub level: i64,
    /// `null` if there is a statement: `not_set`, `unlimited`, `archived`, `full`,
    /// `waitlist_is_longer`, `too_short`, `no_growth` or `too_uncertain`.
    pub reason: Option<Reason>,
    pub sentence: String,
}

impl ForecastRecord {
    pub fn of(forecast: &Forecast, now: Timestamp) -> Self {
        let (span, reason) = match forecast {
            Forecast::Full(span) => (Some(span), None),
            Forecast::Unknown(reason) => (None, Some(*reason)),
        };
        let day = |day: fn(&Span) -> Day| span.map(|span| day(span).written());
        Self {
            earliest: day(|span| span.earliest),
            latest: day(|span| span.latest),
            level: Forecast::LEVEL,
            reason,
            sentence: forecast.sentence(now),
        }
    }
}

/// A day with a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayRecord {
    /// `2026-11-22`, in UTC.
    pub day: String,
    pub used: i64,
    #[serde(serialize_with = "super::status::limit")]
    pub limit: SeatLimit,
    pub waiting: i64,
    pub most_used: i64,
    pub most_waiting: i64,
    pub most_over: i64,
    pub blocked: i64,
    pub admitted: i64,
}

impl From<DailyRollup> for DayRecord {
    fn from(row: DailyRollup) -> Self {
        let Usage { limit, used, waiting } = row.usage;
        Self {
            day: row.day.written(),
            used,
            limit,
            waiting,
            most_used: row.most_used,
            most_waiting: row.most_waiting,
            most_over: row.most_over,
            blocked: row.blocked,
            admitted: row.admitted,
        }
    }
}

impl From<SeatHistory> for SeatHistoryRecord {
    fn from(history: SeatHistory) -> Self {
        let Usage { limit, used, waiting } = history.usage;
        Self {
            used,
            limit,
            waiting,
            over: history.usage.over(),
            forecast: ForecastRecord::of(&history.forecast, history.now),
            days: history.days.into_iter().map(DayRecord::from).collect(),
        }
    }
}

/// The whole history. `Missing` if there is no such organization.
pub async fn history(state: &AppState, scope: &OrganizationScope) -> Result<SeatHistory, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read().await?;
    let card = organizations::card(&mut tx, scope).await?.ok_or(Error::Missing)?;
    let first = HistoryRange::All.first(Day::of(now));
    let days = seat_history::days(&mut tx, scope, first).await?;
    let forecast = forecast_in(&mut tx, scope, &card, now).await?;
    Ok(SeatHistory { usage: card.usage, forecast, days, now })
}
