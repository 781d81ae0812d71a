//! Removes raw bodies and e-mails that are old enough, a few at a time by index, with pauses longer
//! than the work, so that deliveries are hardly delayed.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use super::duty;
use crate::{
    clock::Stopwatch,
    commands::{self, purge_bodies, remove_old_emails},
    domain::{invariant::Removed, time::Timestamp},
    state::AppState,
    store::duties::RETENTION,
};

/// How often the worker removes what is old enough.
const EVERY: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_secs(30);
/// The shortest pause; a pause is four times as long as the work before it.
const REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(30);

pub async fn run(state: AppState, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        state.health.heartbeat(RETENTION, state.clock.monotonic(), PAUSE);
        let removed = tokio::select! {
            removed = remove_if_due(&state, true) => removed,
            _ = stopping.changed() => break,
        };
        if let Err(error) = removed {
            warn!(%error, "old raw bodies could not be removed; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Removes everything that is old enough, if a removal is due; gives the number of removed bodies.
pub async fn work_off(state: &AppState) -> Result<u64, commands::Error> {
    remove_if_due(state, false).await
}

async fn remove_if_due(state: &AppState, gently: bool) -> Result<u64, commands::Error> {
    let Some(keep) = state.settings.operations.keep_bodies else { return Ok(0) };
    let Some(notes) = duty::claim(state, RETENTION, EVERY).await? else { return Ok(0) };
    let before: Removed = serde_json::from_str(&notes).unwrap_or_default();
    let cutoff = state.clock.now().minus(keep);
    let mut removed = before;
    loop {
        let began = Stopwatch::start();
        let Some(further) = purge_bodies(state, removed, cutoff).await? else { break };
        removed = further;
        if gently {
            rest(state, began).await;
        }
    }
    remove_emails(state, cutoff, gently).await?;
    let bodies = removed.bodies - before.bodies;
    if bodies > 0 {
        info!(bodies, until = removed.until.rfc3339(), "old raw bodies were removed");
    }
    duty::finish(state, RETENTION, &serde_json::to_string(&removed).unwrap_or_default()).await?;
    Ok(bodies)
}

/// Removes e-mails that were sent or will never be sent: they contain names and addresses as the
/// bodies do.
async fn remove_emails(state: &AppState, cutoff: Timestamp, gently: bool) -> Result<(), commands::Error> {
    let mut emails = 0;
    loop {
        let began = Stopwatch::start();
        let removed = remove_old_emails(state, cutoff).await?;
        if removed == 0 {
            break;
        }
        emails += removed;
        if gently {
            rest(state, began).await;
        }
    }
    if emails > 0 {
        info!(emails, "old e-mails were removed");
    }
    Ok(())
}

async fn rest(state: &AppState, began: Stopwatch) {
    let rest = (began.elapsed() * 4).clamp(REST, LONGEST_REST);
    state.health.heartbeat(RETENTION, state.clock.monotonic(), rest);
    tokio::time::sleep(rest).await;
}
