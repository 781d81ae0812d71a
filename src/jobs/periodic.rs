//! A periodic job that one process runs at a time, the first one that claims it.

use std::time::Duration;

use crate::{
    domain::time::Timestamp,
    state::AppState,
    store::jobs::{self, LEASE},
};

/// Claims the job if it was last finished at least `every` ago and no worker holds it; gives its
/// notes. Both conditions use the monotonic clock of this process: only a run that finished before
/// this process first saw the job is judged by the wall clock.
pub async fn claim(
    state: &AppState,
    name: &'static str,
    every: Duration,
) -> sqlx::Result<Option<String>> {
    let (now, passed) = (state.clock.now(), state.clock.monotonic());
    let mut tx = state.db.write().await?;
    let standing = jobs::standing(&mut tx, name).await?;
    let silence = state.leases.unchanged(name, (standing.claim, standing.heartbeats), passed);
    let is_held = standing.is_held && silence < LEASE;
    let by_the_wall = standing
        .finished_at
        .map_or(Duration::MAX, |finished_at| now.since(Timestamp::from_nanos(finished_at)));
    let is_due =
        state.health.since_finished((name, standing.finished), by_the_wall, passed) >= every;
    let notes =
        if is_held || !is_due { None } else { jobs::claim(&mut tx, name, &standing, now).await? };
    tx.commit().await?;
    if notes.is_some() {
        state.leases.unchanged(name, (standing.claim + 1, standing.heartbeats), passed);
    }
    Ok(notes)
}

/// Sends a heartbeat for the lease.
pub async fn keep(state: &AppState, name: &str) -> sqlx::Result<()> {
    let mut tx = state.db.write().await?;
    jobs::keep(&mut tx, name, None).await?;
    tx.commit().await
}

/// Marks the job as finished and stores its notes.
pub async fn finish(state: &AppState, name: &str, notes: &str) -> sqlx::Result<()> {
    let mut tx = state.db.write().await?;
    jobs::finish(&mut tx, name, notes, state.clock.now()).await?;
    tx.commit().await
}
