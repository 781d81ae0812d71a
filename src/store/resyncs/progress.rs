//! What the holder of a run writes about it.

use std::time::Duration;

use super::{
    super::{
        exactly_one,
        lease::{LeaseError, LeaseRow},
    },
    Claimed,
};
use crate::{
    db::{Tx, sql},
    domain::{
        directory::PlanWarning,
        resync::{Resync, ResyncState},
        time::Timestamp,
    },
};

/// Renews the lease and records the progress.
pub async fn renew(tx: &mut Tx, run: &Claimed) -> Result<LeaseRow, LeaseError> {
    let row = run.lease.renew(tx).await?;
    sql!(
        execute(tx),
        r"
        update resyncs
        set calls = $3, listed = $4, total = $5, applied = $6, started_at = $7, is_complete = $8,
            stalled_attempts = case when $9 then 0 else stalled_attempts end, since = $10,
            wanted_at = $11, waits_until = $12, waits_for = $13, set_aside = $14
        where organization_id = $1 and id = $2
        ",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        run.resync.calls,
        run.resync.listed,
        run.resync.total,
        run.resync.applied,
        run.resync.started_at.map(Timestamp::nanos),
        run.resync.is_complete,
        run.made_progress,
        run.resync.since.map(Timestamp::nanos),
        run.wanted_at.map(Timestamp::nanos),
        run.resync.waits.map(|waits| waits.until.nanos()),
        run.resync.waits.map(|waits| waits.cause.as_str()),
        run.resync.set_aside,
    )
    .and_then(exactly_one)?;
    Ok(row)
}

/// Stores the plan and the run's new state.
pub async fn planned(tx: &mut Tx, run: &Claimed, now: Timestamp) -> Result<LeaseRow, LeaseError> {
    let Resync { counts, state, .. } = &run.resync;
    let row = run.lease.renew(tx).await?;
    sql!(
        execute(tx),
        r"
        update resyncs
        set state = $3, planned_at = $4, created = $5, updated = $6, reactivated = $7,
            deactivated = $8, removed = $9, blocked = $10, groups = $11, warning = $12,
            finished_at = $13, stalled_attempts = 0, waits_until = null, waits_for = null
        where organization_id = $1 and id = $2
        ",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        state.as_str(),
        now.nanos(),
        counts.created,
        counts.updated,
        counts.reactivated,
        counts.deactivated,
        counts.removed,
        counts.blocked,
        counts.groups,
        run.resync.warning.map(PlanWarning::as_str),
        (!state.is_open()).then_some(now.nanos()),
    )
    .and_then(exactly_one)?;
    Ok(row)
}

/// Ends a run, successfully or not, and releases the lease.
pub async fn end(
    tx: &mut Tx,
    run: &Claimed,
    state: ResyncState,
    now: Timestamp,
) -> Result<(), LeaseError> {
    let (code, message) =
        run.resync.error.as_ref().map(|(code, message)| (code.as_str(), message.as_str())).unzip();
    run.lease.release(tx).await?;
    sql!(
        execute(tx),
        r"
        update resyncs
        set state = $3, finished_at = $4, calls = $5, applied = $6, error_code = $7,
            error_message = $8, waits_until = null, waits_for = null
        where organization_id = $1 and id = $2
        ",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        state.as_str(),
        now.nanos(),
        run.resync.calls,
        run.resync.applied,
        code,
        message,
    )
    .and_then(exactly_one)?;
    Ok(())
}

/// Releases the lease; a worker may claim the run after `rest`.
pub async fn pause(tx: &mut Tx, run: &Claimed, rest: Duration) -> Result<LeaseRow, LeaseError> {
    let row = run.lease.pause(tx, rest).await?;
    sql!(
        execute(tx),
        r"
        update resyncs
        set calls = $3, waits_until = $4, waits_for = $5
        where organization_id = $1 and id = $2
        ",
        run.resync.organization.as_str(),
        run.resync.id.as_str(),
        run.resync.calls,
        run.resync.waits.map(|waits| waits.until.nanos()),
        run.resync.waits.map(|waits| waits.cause.as_str()),
    )
    .and_then(exactly_one)?;
    Ok(row)
}
