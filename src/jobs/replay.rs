//! Runs a bulk replay beside everything else: new deliveries go first.

use std::{io, time::Duration};

use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    commands::{self, Error, Step, claim_replay, replay_next},
    state::AppState,
    store::replays::Claimed,
};

/// The pause between two checks for a running replay.
const PAUSE: Duration = Duration::from_secs(1);
/// The pause between two dead letters, so that other writers get their turn.
const BREATH: Duration = Duration::from_millis(2);
/// How long one dead letter may take. It is shorter than the lease of the replay, so that no other
/// worker has taken it over meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);
/// The name of this worker.
const REPLAY: &str = "replay";
/// The dead letter alert is checked once per this many idle checks.
const LOOKS: u32 = 60;

pub async fn run(state: AppState, stopping: watch::Receiver<bool>) {
    let mut looks = 0;
    while !*stopping.borrow() {
        state.health.heartbeat(REPLAY, state.clock.monotonic(), PAUSE);
        let worked = match work_off(&state, &stopping).await {
            Ok(replayed) => replayed > 0,
            Err(error) => {
                warn!(%error, "a replay had a passing error; it continues later");
                false
            }
        };
        looks = if worked { 0 } else { looks + 1 };
        if looks % LOOKS == 1
            && let Err(error) = commands::end_dead_letters(&state).await
        {
            warn!(%error, "the remaining dead letters could not be counted");
        }
        let mut stopped = stopping.clone();
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }
}

/// Works on the running replay, if no other worker holds it; gives the number of replayed dead
/// letters.
pub async fn work_off(state: &AppState, stopping: &watch::Receiver<bool>) -> Result<u64, Error> {
    let Some(mut claimed) = claim_replay(state).await? else { return Ok(0) };
    let mut replayed = 0;
    while !*stopping.borrow() {
        state.health.heartbeat(REPLAY, state.clock.monotonic(), PAUSE);
        match step(state, &mut claimed, PATIENCE).await {
            Ok(Step::Replayed) => replayed += 1,
            Ok(Step::Ended) => {
                info!(replay = claimed.id, replayed, "a replay has ended");
                return Ok(replayed);
            }
            Err(error) => {
                commands::release_replay(state, &claimed).await?;
                return Err(error);
            }
        }
        tokio::time::sleep(BREATH).await;
    }
    commands::release_replay(state, &claimed).await?;
    Ok(replayed)
}

/// Replays the next dead letter, or fails at the timeout: the database then rolls back the
/// transaction, and a later step replays the dead letter.
pub async fn step(state: &AppState, claimed: &mut Claimed, patience: Duration) -> Result<Step, Error> {
    tokio::time::timeout(patience, replay_next(state, claimed)).await.unwrap_or_else(|_| {
        let slow = io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time");
        Err(sqlx::Error::Io(slow).into())
    })
}
