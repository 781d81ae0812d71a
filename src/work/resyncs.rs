//! Works on comparisons with the directory, a few at once; queues those that are due; looks for gaps.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, future::join_all};
use tokio::sync::watch;
use tracing::{error, warn};

use crate::{
    acts::{
        Gap, Look, close_gap,
        resync::{Turn, look_after_plans, start_due, work_on},
    },
    desk::Desk,
};

/// How often the queue is looked at, and what is due.
const PAUSE: Duration = Duration::from_secs(1);
const DUE: Duration = Duration::from_secs(15);

/// Works until told to stop. A run that is under way then is dropped where it is; whoever comes next goes on from there.
pub async fn run(desk: Desk, mut stopping: watch::Receiver<bool>) {
    if desk.scalekit.is_none() {
        // a plan that waits expires all the same
        tokio::select! {
            () = watch_plans(&desk) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
        return;
    }
    let workers = join_all((0..desk.resyncs.at_once).map(|_| work(&desk)));
    tokio::select! {
        _ = workers => {}
        () = queue_due(&desk) => {}
        () = follow_event_log(&desk) => {}
        () = watch_plans(&desk) => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
}

async fn work(desk: &Desk) {
    loop {
        // Whatever happens, the worker goes on.
        match AssertUnwindSafe(work_on(desk, &Turn::Next)).catch_unwind().await {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => {}
            Ok(Err(error)) => warn!(%error, "resyncs cannot be worked on; trying again"),
            Err(_) => error!("working on a resync panicked"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Beside the event log, which may take its time.
async fn watch_plans(desk: &Desk) {
    loop {
        if let Err(error) = look_after_plans(desk).await {
            warn!(%error, "plans that wait for a person could not be looked after; trying again");
        }
        tokio::time::sleep(DUE).await;
    }
}

async fn queue_due(desk: &Desk) {
    loop {
        desk.pulse.beat("resyncs", desk.clock.monotonic(), DUE);
        if let Err(error) = start_due(desk).await {
            warn!(%error, "what is due could not be queued; trying again");
        }
        tokio::time::sleep(DUE).await;
    }
}

async fn follow_event_log(desk: &Desk) {
    let mut look = Look::Now;
    loop {
        let looked = tokio::select! {
            looked = close_gap(desk, look) => looked,
            () = beats(desk) => unreachable!("it beats for ever"),
        };
        match looked {
            // Somebody is at it, or was and did not end: ask again.
            Ok(Gap::NotLooked | Gap::Unanswered) => {}
            Ok(_) => look = Look::AfterSilence,
            Err(error) => warn!(%error, "the event log could not be followed; trying again"),
        }
        tokio::time::sleep(DUE).await;
    }
}

/// A long log, read at the pace that Scalekit allows, takes hours and is no reason to take no webhooks. Each call has a time
/// limit of its own.
async fn beats(desk: &Desk) {
    loop {
        desk.pulse.beat("event log", desk.clock.monotonic(), 2 * DUE);
        tokio::time::sleep(DUE).await;
    }
}
