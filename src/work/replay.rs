//! Works off a replay of many dead letters, beside everything else: whoever delivers meanwhile goes first.

use std::{io, time::Duration};

use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    acts::{self, Error, Step, claim_replay, replay_next},
    desk::Desk,
    store::replays::Claimed,
};

/// Between two looks for something to do.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two dead letters: room for the others.
const BREATH: Duration = Duration::from_millis(2);
/// How long one dead letter may take; less than the lease on the whole, so that nobody else has begun meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);
/// The name of this worker.
const REPLAY: &str = "replay";
/// So many looks without anything to do, and the alert is looked at.
const LOOKS: u32 = 60;

pub async fn run(desk: Desk, stopping: watch::Receiver<bool>) {
    let mut looks = 0;
    while !*stopping.borrow() {
        desk.pulse.beat(REPLAY, desk.clock.monotonic(), PAUSE);
        let worked = match work_off(&desk, &stopping).await {
            Ok(replayed) => replayed > 0,
            Err(error) => {
                warn!(%error, "a replay met a trouble; going on later");
                false
            }
        };
        looks = if worked { 0 } else { looks + 1 };
        if looks % LOOKS == 1
            && let Err(error) = acts::end_dead_letters(&desk).await
        {
            warn!(%error, "whether dead letters are left could not be found out");
        }
        let mut stopped = stopping.clone();
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }
}

/// Works off what is running and nobody else is at; gives how many dead letters it replayed.
pub async fn work_off(desk: &Desk, stopping: &watch::Receiver<bool>) -> Result<u64, Error> {
    let Some(mut claimed) = claim_replay(desk).await? else { return Ok(0) };
    let mut replayed = 0;
    while !*stopping.borrow() {
        desk.pulse.beat(REPLAY, desk.clock.monotonic(), PAUSE);
        match step(desk, &mut claimed, PATIENCE).await {
            Ok(Step::Replayed) => replayed += 1,
            Ok(Step::Ended) => {
                info!(replay = claimed.id, replayed, "a replay has ended");
                return Ok(replayed);
            }
            Err(error) => {
                acts::release_replay(desk, &claimed).await?;
                return Err(error);
            }
        }
        tokio::time::sleep(BREATH).await;
    }
    acts::release_replay(desk, &claimed).await?;
    Ok(replayed)
}

/// Replays the next dead letter, or gives up: what was begun is undone by the database, and the letter comes again.
pub async fn step(desk: &Desk, claimed: &mut Claimed, patience: Duration) -> Result<Step, Error> {
    tokio::time::timeout(patience, replay_next(desk, claimed)).await.unwrap_or_else(|_| {
        let slow = io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time");
        Err(sqlx::Error::Io(slow).into())
    })
}
