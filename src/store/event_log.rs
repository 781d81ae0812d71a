//! The state of the backfill from Scalekit's event log; one row.

use std::time::Duration;

use sqlx::FromRow;

use super::{
    exactly_one,
    lease::{self, Lease, LeaseError, LeaseRow, Work},
};
use crate::{
    db::{Tx, sql},
    domain::time::Timestamp,
};

/// Longer than it takes to read a page, also at the rate that Scalekit allows.
const LEASE: Duration = Duration::from_mins(10);

/// The lease, and when the log was checked.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct EventLogRow {
    #[sqlx(flatten)]
    pub lease: LeaseRow,
    checked_at: Option<i64>,
}

impl EventLogRow {
    /// Whether the log was last checked by `before`. A check in the future was made with a wrong
    /// clock.
    pub fn is_due(&self, before: Timestamp, now: Timestamp) -> bool {
        self.checked_at.is_none_or(|at| at <= before.nanos() || at > now.nanos())
    }
}

pub async fn row(tx: &mut Tx) -> sqlx::Result<EventLogRow> {
    sql!(
        execute(tx),
        r"
        insert into event_log (id, found, by_resync)
        values ('event_log', 0, false)
        on conflict (id) do nothing
        ",
    )?;
    sql!(
        one(tx),
        r"
        select claim, heartbeats, lease_millis, checked_at
        from event_log
        where id = 'event_log'
        ",
    )
}

/// Claims the backfill. `None`: another worker was quicker or sent a heartbeat.
pub async fn claim(tx: &mut Tx, row: EventLogRow) -> sqlx::Result<Option<Lease>> {
    lease::take(tx, Work::EventLog, row.lease, LEASE).await
}

/// The result of a check of the log.
#[derive(Clone, Debug)]
pub struct Looked {
    pub found: i64,
    pub by_resync: bool,
    pub trouble: Option<(String, String)>,
}

/// Stores the result of a check and releases the lease.
pub async fn looked(
    tx: &mut Tx,
    lease: &Lease,
    looked: &Looked,
    now: Timestamp,
) -> Result<(), LeaseError> {
    let closed = looked.found > 0 || looked.by_resync;
    let (code, message) =
        looked.trouble.as_ref().map(|(code, message)| (code.as_str(), message.as_str())).unzip();
    lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update event_log
        set checked_at = $1,
            closed_at = case when $2 then $1 else closed_at end,
            found = case when $2 then $3 else found end,
            by_resync = case when $2 then $4 else by_resync end,
            error_code = $5, error_message = $6
        where id = 'event_log'
        ",
        now.nanos(),
        closed,
        looked.found,
        looked.by_resync,
        code,
        message,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// The state of the backfill.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub checked_at: Option<Timestamp>,
    /// When a backfill last found missing events or requested resyncs. `found` is the number of
    /// events; `by_resync` says that it requested a resync of every organization instead.
    pub closed_at: Option<Timestamp>,
    pub found: i64,
    pub by_resync: bool,
    /// Why the last read of the event log failed: Scalekit's error code, and a sentence.
    pub error: Option<(String, String)>,
}

#[derive(FromRow)]
struct Row {
    checked_at: Option<i64>,
    closed_at: Option<i64>,
    found: i64,
    by_resync: bool,
    error_code: Option<String>,
    error_message: Option<String>,
}

pub async fn state(tx: &mut Tx) -> sqlx::Result<State> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select checked_at, closed_at, found, by_resync, error_code, error_message
        from event_log
        where id = 'event_log'
        ",
    )?;
    let Some(row) = row else { return Ok(State::default()) };
    let time = |at: Option<i64>| at.map(Timestamp::from_nanos);
    Ok(State {
        checked_at: time(row.checked_at),
        closed_at: time(row.closed_at),
        found: row.found,
        by_resync: row.by_resync,
        error: row.error_code.map(|code| (code, row.error_message.unwrap_or_default())),
    })
}
