//! Runs a bulk replay beside everything else: new deliveries go first.

use std::{io, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::watch;
use tracing::{info, warn};

use super::{AtStop, Job, JobContext, Progress, Silence};
use crate::{
    commands::{self, Error, Step, claim_replay, replay_next},
    state::AppState,
    store::bulk_replays::Claimed,
};

/// The pause between two dead letters, so that other writers get their turn.
const BREATH: Duration = Duration::from_millis(2);
/// How long one dead letter may take. It is shorter than the lease of the replay, so that no other
/// worker has taken it over meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);

const NAME: &str = "bulk_replay";

#[derive(Debug)]
pub(super) struct BulkReplay;

impl Job for BulkReplay {
    fn name(&self) -> &'static str {
        NAME
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn silence(&self) -> Silence {
        Silence::AtMost(PATIENCE)
    }

    fn at_stop(&self) -> AtStop {
        AtStop::FinishTurn
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { work_off(context.state, context.stopping).await.map(|_| Progress::Done) }.boxed()
    }
}

/// Resolves the alert about dead letters after retention has removed the body of the last one.
#[derive(Debug)]
pub(super) struct ResolveDeadLetters;

impl Job for ResolveDeadLetters {
    fn name(&self) -> &'static str {
        "resolve_dead_letters"
    }

    fn interval(&self) -> Duration {
        Duration::from_mins(1)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { commands::resolve_dead_letters(context.state).await.map(|()| Progress::Done) }
            .boxed()
    }
}

/// Works on the running replay, if no other worker holds it; gives the number of replayed dead
/// letters.
pub async fn work_off(state: &AppState, stopping: &watch::Receiver<bool>) -> Result<u64, Error> {
    let Some(mut claimed) = claim_replay(state).await? else { return Ok(0) };
    let mut replayed = 0;
    while !*stopping.borrow() {
        state.health.heartbeat(NAME, state.clock.monotonic(), PATIENCE);
        match step(state, &mut claimed, PATIENCE).await {
            Ok(Step::Replayed) => replayed += 1,
            Ok(Step::Ended) => {
                info!(replay = claimed.replay.id, replayed, "a replay has ended");
                return Ok(replayed);
            }
            Err(error) => {
                let released = commands::release_replay(state, &claimed).await;
                if let Err(error) = released {
                    warn!(%error, "a replay could not be released; its lease expires by itself");
                }
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
pub async fn step(
    state: &AppState,
    claimed: &mut Claimed,
    patience: Duration,
) -> Result<Step, Error> {
    tokio::time::timeout(patience, replay_next(state, claimed)).await.unwrap_or_else(|_| {
        let slow = io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time");
        Err(sqlx::Error::Io(slow).into())
    })
}
