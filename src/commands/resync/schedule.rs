//! Queues automatic runs: each night, when a directory is new, and when webhooks contradict each
//! other.

use std::time::Duration;

use super::{super::Error, queue};
use crate::{
    domain::{
        directory::{next_night, night_after},
        resync::ResyncCause,
    },
    state::AppState,
    store::{resyncs, settings},
};

/// How long an organization gets no automatic run after a run that failed or was cancelled.
const REST: Duration = Duration::from_hours(6);
/// Organizations processed together.
const PART: i64 = 100;
/// The nightly runs start within this window.
const NIGHT: Duration = Duration::from_hours(3);
/// A nightly run that is scheduled further ahead than this was scheduled with a wrong clock.
const FURTHEST: Duration = Duration::from_hours(48);

/// Queues every run that is due. Gives their number.
pub async fn start_due(state: &AppState) -> Result<usize, Error> {
    if state.scalekit.is_none() {
        return Ok(0);
    }
    let mut started = 0;
    let mut tx = state.db.read().await?;
    let settings = settings::values(&mut tx, &state.settings.fixed).await?;
    drop(tx);
    let hour = settings.resync_hour;
    if settings.resync_nightly {
        plan_nights(state).await?;
        started += start(state, ResyncCause::Schedule, hour).await?;
    }
    for cause in [ResyncCause::NewDirectory, ResyncCause::Inconsistency] {
        started += start(state, cause, hour).await?;
    }
    Ok(started)
}

async fn start(state: &AppState, cause: ResyncCause, hour: u32) -> Result<usize, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read().await?;
    let due = resyncs::wanting(&mut tx, cause, now, now.minus(REST), PART).await?;
    drop(tx);
    for (organization, due_at) in &due {
        let night = (cause == ResyncCause::Schedule)
            .then(|| night_after(*due_at, now, hour, state.clock.within(NIGHT)));
        queue(state, (None, organization), cause, false, night).await?;
    }
    Ok(due.len())
}

/// Schedules a nightly run for each organization that has none.
async fn plan_nights(state: &AppState) -> Result<(), Error> {
    let now = state.clock.now();
    let mut tx = state.db.read().await?;
    let new = resyncs::unscheduled(&mut tx, now.plus(FURTHEST), PART).await?;
    drop(tx);
    if !new.is_empty() {
        let mut tx = state.db.write().await?;
        // read here, so that a change of the hour is not overtaken
        let hour = settings::values(&mut tx, &state.settings.fixed).await?.resync_hour;
        let night = |id| (id, next_night(now, hour, state.clock.within(NIGHT)));
        let rows: Vec<_> = new.into_iter().map(night).collect();
        resyncs::schedule(&mut tx, &rows).await?;
        tx.commit().await?;
    }
    Ok(())
}
