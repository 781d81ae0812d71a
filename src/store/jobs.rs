//! The periodic jobs of this installation: when each was last finished, and which worker holds it.

use std::time::Duration;

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::time::Timestamp,
};

/// Recounts everything.
pub const CHECK: &str = "check";
/// Deletes raw bodies that are old enough.
pub const RETENTION: &str = "retention";
/// Rebuilds the search keys after an update that folds text differently; done once.
pub const SEARCH_KEYS: &str = "search_keys";

/// Longer than the time between two heartbeats; after this time another worker takes over from one
/// that crashed.
pub const LEASE: Duration = Duration::from_mins(2);

/// The state of a job.
#[derive(Clone, Debug, FromRow)]
pub struct Standing {
    pub claim: i64,
    pub heartbeats: i64,
    /// A worker holds it, or died while holding it.
    pub is_held: bool,
    pub finished_at: Option<i64>,
    /// How often it was finished.
    pub finished: i64,
}

pub async fn standing(tx: &mut Tx, name: &str) -> sqlx::Result<Standing> {
    sql!(
        execute(tx),
        "insert into jobs (name, lease_until, notes) values ($1, 0, '') on conflict (name) do nothing",
        name
    )?;
    sql!(
        one(tx),
        "select claim, heartbeats, lease_until <> 0 as is_held, finished_at, finished from jobs where name = $1",
        name
    )
}

/// Claims the job and returns its notes. `None`: another worker was quicker or sent a heartbeat.
pub async fn claim(
    tx: &mut Tx,
    name: &str,
    standing: &Standing,
    now: Timestamp,
) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        update jobs
        set claim = claim + 1, lease_until = $5
        where name = $1 and claim = $2 and heartbeats = $3 and finished = $4
        returning notes
        ",
        name,
        standing.claim,
        standing.heartbeats,
        standing.finished,
        now.nanos(),
    )?;
    Ok(row.map(|(notes,)| notes))
}

/// Sends a heartbeat of a claimed job; `notes` say how far it has come.
pub async fn keep(tx: &mut Tx, name: &str, notes: Option<&str>) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update jobs set heartbeats = heartbeats + 1, notes = coalesce($2, notes) where name = $1",
        name,
        notes
    )
    .map(|_| ())
}

pub async fn finish(tx: &mut Tx, name: &str, notes: &str, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update jobs set lease_until = 0, finished = finished + 1, finished_at = $2, notes = $3 where name = $1",
        name,
        now.nanos(),
        notes,
    )
    .map(|_| ())
}

/// When the job was last finished, and its notes.
pub async fn last(tx: &mut Tx, name: &str) -> sqlx::Result<Option<(Option<Timestamp>, String)>> {
    let row: Option<(Option<i64>, String)> =
        sql!(optional(tx), "select finished_at, notes from jobs where name = $1", name)?;
    Ok(row.map(|(at, notes)| (at.map(Timestamp::from_nanos), notes)))
}
