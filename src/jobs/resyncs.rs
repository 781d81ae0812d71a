//! Runs resyncs, a few at once; queues the ones that are due; expires plans that wait for too long;
//! notifies recipients who came after their alert; backfills from the event log.

use std::{convert::Infallible, panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, future::join_all};
use tokio::sync::watch;
use tracing::{error, warn};

use crate::{
    commands::{
        Gap, Look, backfill, notify_owed,
        resync::{Turn, expire_plans, start_due, work_on},
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
        // Plans expire and alerts find their recipients even without a directory API.
        tokio::select! {
            () = watch(&state) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
        return;
    }
    let workers = join_all((0..state.resyncs.at_once).map(|_| work(&state)));
    tokio::select! {
        _ = workers => {}
        () = queue_due(&state) => {}
        () = follow_event_log(&state) => {}
        () = watch(&state) => {}
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

/// Looks after waiting plans and owed notifications in its own loop, because reading the event log
/// may take long.
async fn watch(state: &AppState) {
    loop {
        if let Err(error) = expire_plans(state).await {
            warn!(%error, "resync plans that wait for a confirmation could not be expired; trying again");
        }
        if let Err(error) = notify_owed(state).await {
            warn!(%error, "alerts without a notification could not be looked after; trying again");
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
