//! The state of the backfill from Scalekit's event log; one row.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{resync::EventLog, time::Timestamp},
};

/// The lease on the backfill, until another process takes it.
#[derive(Debug)]
pub struct Hold {
    heartbeats: i64,
}

impl Hold {
    /// The number of the last heartbeat.
    pub fn heartbeats(&self) -> i64 {
        self.heartbeats
    }
}

/// Whether the lease is held, and the number of its last heartbeat.
pub async fn held(tx: &mut Tx) -> sqlx::Result<Option<(bool, i64)>> {
    sql!(
        execute(tx),
        "insert into event_log (id, lease_until, found, by_resync) values ('event_log', 0, 0, false) on conflict (id) do nothing",
    )?;
    sql!(optional(tx), "select lease_until <> 0, heartbeats from event_log where id = 'event_log'")
}

/// Takes the lease from the holder of this last heartbeat. `None`: another process was quicker, or
/// checked the log after `checked_before`. (A check in the future was made with a wrong clock.)
pub async fn begin(
    tx: &mut Tx,
    heartbeats: i64,
    (now, lease_until): (Timestamp, Timestamp),
    checked_before: Timestamp,
) -> sqlx::Result<Option<Hold>> {
    let hit = sql!(
        execute(tx),
        "update event_log set lease_until = $2, heartbeats = heartbeats + 1 where heartbeats = $4 \
         and (checked_at is null or checked_at <= $3 or checked_at > $1)",
        now.nanos(),
        lease_until.nanos(),
        checked_before.nanos(),
        heartbeats,
    )?;
    Ok((hit == 1).then_some(Hold { heartbeats: heartbeats + 1 }))
}

/// Sends a heartbeat, or releases the lease if `lease_until` is 0. False: another process holds the
/// lease.
pub async fn keep(tx: &mut Tx, hold: &mut Hold, lease_until: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "update event_log set lease_until = $2, heartbeats = heartbeats + 1 where heartbeats = $1",
        hold.heartbeats,
        lease_until.nanos(),
    )?;
    hold.heartbeats += 1;
    Ok(hit == 1)
}

/// The result of a check of the log.
#[derive(Clone, Debug)]
pub struct Looked {
    pub found: i64,
    pub by_resync: bool,
    pub trouble: Option<(String, String)>,
}

/// Stores the result of a check and releases the lease.
pub async fn looked(tx: &mut Tx, looked: &Looked, now: Timestamp) -> sqlx::Result<()> {
    let closed = looked.found > 0 || looked.by_resync;
    let (code, message) =
        looked.trouble.as_ref().map(|(code, message)| (code.as_str(), message.as_str())).unzip();
    sql!(
        execute(tx),
        "update event_log set lease_until = 0, heartbeats = heartbeats + 1, checked_at = $1, closed_at = case when $2 then $1 else closed_at end, \
         found = case when $2 then $3 else found end, by_resync = case when $2 then $4 else by_resync end, error_code = $5, error_message = $6",
        now.nanos(),
        closed,
        looked.found,
        looked.by_resync,
        code,
        message,
    )
    .and_then(super::exactly_one)
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

pub async fn state(tx: &mut Tx, last_event: Option<Timestamp>) -> sqlx::Result<EventLog> {
    let row: Option<Row> = sql!(
        optional(tx),
        "select checked_at, closed_at, found, by_resync, error_code, error_message from event_log where id = 'event_log'",
    )?;
    let Some(row) = row else { return Ok(EventLog { last_event, ..EventLog::default() }) };
    let time = |at: Option<i64>| at.map(Timestamp::from_nanos);
    Ok(EventLog {
        last_event,
        checked_at: time(row.checked_at),
        closed_at: time(row.closed_at),
        found: row.found,
        by_resync: row.by_resync,
        error: row.error_code.map(|code| (code, row.error_message.unwrap_or_default())),
    })
}
