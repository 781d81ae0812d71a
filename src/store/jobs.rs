//! The periodic jobs of this installation: when each was last finished, and which worker holds it.

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

/// Recounts everything.
pub const CHECK: &str = "check";
/// Deletes raw bodies that are old enough.
pub const RETENTION: &str = "retention";
/// Rebuilds the search keys after an update that folds text differently; done once.
pub const SEARCH_KEYS: &str = "search_keys";
/// Removes attributes that are no longer kept.
pub const ATTRIBUTES: &str = "attributes";
/// Opens and resolves the alerts about usage after a change of the thresholds.
pub const USAGE_ALERTS: &str = "usage_alerts";
/// Tells the product of people whose roles are others with another default role or mapping.
pub const ROLE_CHANGES: &str = "role_changes";

/// Longer than the time between two heartbeats; after this time another worker takes over from one
/// that crashed.
const LEASE: Duration = Duration::from_mins(2);

/// The row of a job.
#[derive(Clone, Debug, FromRow)]
pub struct JobRow {
    #[sqlx(flatten)]
    pub lease: LeaseRow,
    pub finished_at: Option<i64>,
    /// How often it was finished.
    pub finished: i64,
    notes: String,
}

/// A job that this worker holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    name: &'static str,
    pub lease: Lease,
    /// What the last worker noted.
    pub notes: String,
}

pub async fn row(tx: &mut Tx, name: &str) -> sqlx::Result<JobRow> {
    sql!(
        execute(tx),
        r"
        insert into jobs (name, notes)
        values ($1, '')
        on conflict (name) do nothing
        ",
        name,
    )?;
    sql!(
        one(tx),
        r"
        select claim, heartbeats, lease_millis, finished_at, finished, notes
        from jobs
        where name = $1
        ",
        name,
    )
}

/// Claims the job. `None`: another worker was quicker or sent a heartbeat.
pub async fn claim(tx: &mut Tx, name: &'static str, row: JobRow) -> sqlx::Result<Option<Claimed>> {
    let lease = lease::take(tx, Work::Job(name), row.lease, LEASE).await?;
    Ok(lease.map(|lease| Claimed { name, lease, notes: row.notes }))
}

/// Sends a heartbeat of a claimed job.
pub async fn keep(tx: &mut Tx, job: &Claimed) -> Result<(), LeaseError> {
    job.lease.renew(tx).await.map(|_| ())
}

/// Sends a heartbeat with notes that say how far the job has come.
pub async fn note(tx: &mut Tx, job: &Claimed, notes: &str) -> Result<(), LeaseError> {
    job.lease.renew(tx).await?;
    sql!(
        execute(tx),
        r"
        update jobs
        set notes = $2
        where name = $1
        ",
        job.name,
        notes,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Finishes the job and releases the lease.
pub async fn finish(
    tx: &mut Tx,
    job: &Claimed,
    notes: &str,
    now: Timestamp,
) -> Result<(), LeaseError> {
    job.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update jobs
        set finished = finished + 1, finished_at = $2, notes = $3
        where name = $1
        ",
        job.name,
        now.nanos(),
        notes,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// When the job was last finished, and its notes.
pub async fn last(tx: &mut Tx, name: &str) -> sqlx::Result<Option<(Option<Timestamp>, String)>> {
    let row: Option<(Option<i64>, String)> = sql!(
        optional(tx),
        r"
        select finished_at, notes
        from jobs
        where name = $1
        ",
        name,
    )?;
    Ok(row.map(|(at, notes)| (at.map(Timestamp::from_nanos), notes)))
}
