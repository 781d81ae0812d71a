//! Runs resyncs, a few at once; queues the ones that are due; looks after plans that wait;
//! backfills from the event log.

use std::{convert::Infallible, panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, future::join_all};
use tokio::sync::watch;
use tracing::{error, warn};

use crate::{
    commands::{
        Gap, Look, backfill,
        resync::{Turn, look_after_plans, start_due, work_on},
    },
    state::AppState,
};

/// The pause before an idle worker checks the queue again.
const PAUSE: Duration = Duration::from_secs(1);
const DUE: Duration = Duration::from_secs(15);

/// Runs until the shutdown. A running resync is then dropped where it is; the next worker resumes
/// it.
pub async fn run(state: AppState, mut stopping: watch::Receiver<bool>) {
    if state.scalekit.is_none() {
        // A waiting plan expires even without a directory API.
        tokio::select! {
            () = watch_plans(&state) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
        return;
    }
    let workers = join_all((0..state.resyncs.at_once).map(|_| work(&state)));
    tokio::select! {
        _ = workers => {}
        () = queue_due(&state) => {}
        () = follow_event_log(&state) => {}
        () = watch_plans(&state) => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
}

async fn work(state: &AppState) {
    loop {
        // A panic must not end the worker.
        match AssertUnwindSafe(work_on(state, &Turn::Next)).catch_unwind().await {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => {}
            Ok(Err(error)) => warn!(%error, "no resync can be run; trying again"),
            Err(_) => error!("a resync panicked"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks after waiting plans in its own loop, because reading the event log may take long.
async fn watch_plans(state: &AppState) {
    loop {
        if let Err(error) = look_after_plans(state).await {
            warn!(%error, "resync plans that wait for a confirmation could not be expired; trying again");
        }
        tokio::time::sleep(DUE).await;
    }
}

async fn queue_due(state: &AppState) {
    loop {
        state.health.heartbeat("resyncs", state.clock.monotonic(), DUE);
        if let Err(error) = start_due(state).await {
            warn!(%error, "the resyncs that are due could not be queued; trying again");
        }
        tokio::time::sleep(DUE).await;
    }
}

async fn follow_event_log(state: &AppState) {
    let mut look = Look::Now;
    loop {
        let looked = tokio::select! {
            looked = backfill(state, look) => looked,
            never = beats(state) => match never {},
        };
        match looked {
            // Another process runs the check, or a check did not finish: try again.
            Ok(Gap::NotLooked | Gap::Unanswered) => {}
            Ok(_) => look = Look::AfterSilence,
            Err(error) => warn!(%error, "the event log could not be followed; trying again"),
        }
        tokio::time::sleep(DUE).await;
    }
}

/// Sends the heartbeat while the event log is read. At the rate that Scalekit allows, a long log
/// takes hours, and this must not stop webhooks. Each call has its own timeout.
async fn beats(state: &AppState) -> Infallible {
    loop {
        state.health.heartbeat("event log", state.clock.monotonic(), 2 * DUE);
        tokio::time::sleep(DUE).await;
    }
}
