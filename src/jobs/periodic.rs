//! A periodic job that one worker runs at a time, the first one that claims it.

use std::time::Duration;

use crate::{
    commands::Error,
    domain::time::Timestamp,
    state::AppState,
    store::{
        jobs::{self, Claimed, JobRow},
        lease::Work,
    },
};

/// Claims the job if it was last finished at least `every` ago and no worker holds it. Both
/// conditions use the monotonic clock of this process: only a run that finished before this process
/// first saw the job is judged by the wall clock.
pub async fn claim(
    state: &AppState,
    name: &'static str,
    every: Duration,
) -> Result<Option<Claimed>, Error> {
    claim_if(state, name, |row| {
        let (now, passed) = (state.clock.now(), state.clock.monotonic());
        let by_the_wall = row
            .finished_at
            .map_or(Duration::MAX, |finished_at| now.since(Timestamp::from_nanos(finished_at)));
        let is_free = state.leases.is_free(&Work::Job(name), row.lease, passed);
        let since = state.health.since_finished((name, row.finished), by_the_wall, passed);
        is_free && since >= every
    })
    .await
}

/// Claims the job at once, also from a worker that holds it.
pub async fn take_over(state: &AppState, name: &'static str) -> Result<Option<Claimed>, Error> {
    claim_if(state, name, |_| true).await
}

async fn claim_if(
    state: &AppState,
    name: &'static str,
    may_claim: impl FnOnce(&JobRow) -> bool,
) -> Result<Option<Claimed>, Error> {
    let mut tx = state.db.write().await?;
    let row = jobs::row(&mut tx, name).await?;
    let claimed = if may_claim(&row) { jobs::claim(&mut tx, name, row).await? } else { None };
    tx.commit().await?;
    if let Some(claimed) = &claimed {
        state.leases.note(&claimed.lease, state.clock.monotonic());
    }
    Ok(claimed)
}

/// Sends a heartbeat.
pub async fn keep(state: &AppState, job: &Claimed) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    jobs::keep(&mut tx, job).await?;
    Ok(tx.commit().await?)
}

/// Marks the job as finished, stores its notes, and releases it.
pub async fn finish(state: &AppState, job: &Claimed, notes: &str) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    jobs::finish(&mut tx, job, notes, state.clock.now()).await?;
    Ok(tx.commit().await?)
}
