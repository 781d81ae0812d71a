//! Removes what has expired: sessions, sign-in counters, and the data of old resyncs. Resync data
//! is removed a few rows at a time, with pauses longer than the work, so that deliveries are hardly
//! delayed.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use super::search_keys;
use crate::{
    clock::Stopwatch,
    commands::{
        self, login_throttle,
        resync::{find_leftovers, sweep_part},
    },
    state::AppState,
    store::sessions,
};

const PAUSE: Duration = Duration::from_mins(10);
/// The shortest pause; a pause is four times as long as the work before it.
const REST: Duration = Duration::from_millis(50);
const LONGEST_REST: Duration = Duration::from_secs(30);

pub async fn run(state: AppState, mut stopping: watch::Receiver<bool>) {
    let refolded = tokio::select! {
        refolded = search_keys::work_off(&state, true) => refolded,
        _ = stopping.changed() => return,
    };
    if let Err(error) = refolded {
        warn!(%error, "search keys could not be computed again; the next start tries again");
    }
    while !*stopping.borrow() {
        state.health.heartbeat("sweep", state.clock.monotonic(), PAUSE);
        if let Err(error) = sweep(&state).await {
            warn!(%error, "expired sessions could not be removed; trying again later");
        }
        let swept = tokio::select! {
            swept = sweep_resyncs(&state, true) => swept,
            _ = stopping.changed() => break,
        };
        if let Err(error) = swept {
            warn!(%error, "the leftovers of resyncs could not be removed; trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Removes the data that resyncs have left; gives the number of runs.
pub async fn work_off(state: &AppState) -> Result<u64, commands::Error> {
    sweep_resyncs(state, false).await
}

async fn sweep_resyncs(state: &AppState, gently: bool) -> Result<u64, commands::Error> {
    let mut runs = 0;
    while let Some(mut leftovers) = find_leftovers(state).await? {
        loop {
            let began = Stopwatch::start();
            let is_more = sweep_part(state, &mut leftovers).await?;
            if gently {
                state.health.heartbeat("sweep", state.clock.monotonic(), PAUSE);
                tokio::time::sleep((began.elapsed() * 4).clamp(REST, LONGEST_REST)).await;
            }
            if !is_more {
                break;
            }
        }
        runs += 1;
    }
    if runs > 0 {
        info!(runs, "the leftovers of resyncs were removed");
    }
    Ok(runs)
}

async fn sweep(state: &AppState) -> sqlx::Result<()> {
    let mut tx = state.db.write().await?;
    sessions::sweep(&mut tx, &state.settings.operations.sessions, state.clock.now()).await?;
    tx.commit().await?;
    login_throttle::sweep(state).await
}
