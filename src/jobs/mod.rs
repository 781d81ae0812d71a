//! Background work: one loop for every job, and the list of jobs.
//!
//! A job does its work in turns. An error, a panic or a lost lease ends one turn and never the job;
//! the next turn starts after a pause that grows while the turns fail.

pub mod attributes;
mod backfill;
pub mod bulk_replay;
pub mod check_invariants;
pub mod cleanup;
mod end_limits;
mod end_views;
mod expire_proposals;
mod notify_owed;
pub mod number_events;
pub mod periodic;
mod remind_of_requests;
mod resync;
pub mod retention;
pub mod role_changes;
pub mod search_keys;
pub mod send_events;
pub mod send_messages;
pub mod usage_alerts;
mod wake;
mod write_digests;

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::watch;
use tracing::{error, info, warn};

pub use self::wake::Wake;
use crate::{channels::webhook::WebhookPoster, clock::Stopwatch, commands, state::AppState};

/// The longest pause after turns that failed, unless the interval of the job is longer.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);
/// After so many turns in a row that failed, the job sends no heartbeat until a turn works, so that
/// `/readyz` names it.
const FAILING: u32 = 6;
/// How often the loop sends the heartbeat of a job whose turns may take any time.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Work that is done again and again in the background.
pub trait Job: Send + Sync {
    /// The name in the log and in `/readyz`.
    fn name(&self) -> &'static str;

    /// The pause after a turn that found nothing more to do.
    fn interval(&self) -> Duration;

    /// How long a turn may take without a heartbeat of its own, before the job counts as late.
    fn silence(&self) -> Silence {
        Silence::AtMost(Duration::ZERO)
    }

    /// What ends the pause early. `None`: nothing does.
    fn wake(&self) -> Option<&Wake> {
        None
    }

    /// What happens to a turn when the process stops.
    fn at_stop(&self) -> AtStop {
        AtStop::DropTurn
    }

    /// Does one turn. It must be safe to do it twice, and to drop it at any `await` if `at_stop`
    /// says so.
    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>>;
}

/// The result of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There may be more to do now: the next turn starts at once.
    More,
    /// Nothing is to be done until the next interval.
    Done,
}

/// How long a turn may take without a heartbeat of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    AtMost(Duration),
    /// Any time, because each call in the turn has its own timeout. The loop sends the heartbeats.
    Unlimited,
}

/// What happens to a turn when the process stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtStop {
    /// The turn is dropped where it is; the next start resumes its work.
    DropTurn,
    /// The turn is finished.
    FinishTurn,
}

/// What a job has at hand during a turn.
#[derive(Debug)]
pub struct JobContext<'a> {
    pub state: &'a AppState,
    /// Becomes true when the process stops.
    pub stopping: &'a watch::Receiver<bool>,
    job: &'static str,
    /// The turns have failed so often in a row that the job counts as late.
    is_failing: AtomicBool,
}

impl JobContext<'_> {
    /// Reports that the turn is alive, and sends its next heartbeat within `pause`.
    pub fn heartbeat(&self, pause: Duration) {
        if self.is_failing.load(Ordering::Relaxed) {
            return;
        }
        self.state.health.heartbeat(self.job, self.state.clock.monotonic(), pause);
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow() || self.stopping.has_changed().is_err()
    }

    async fn stopped(&self) {
        // An error means that the sender is gone, which is a stop too.
        let _ = self.stopping.clone().wait_for(|stop| *stop).await;
    }
}

/// How a turn that works through many rows treats other writers.
#[derive(Clone, Copy, Debug)]
pub enum Pace<'a> {
    /// With pauses that are longer than the work, so that deliveries are hardly delayed.
    Gentle(&'a JobContext<'a>),
    /// Without pauses.
    AtOnce,
}

impl Pace<'_> {
    /// The pause is four times as long as the work before it, within these bounds.
    const SHORTEST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(30);

    /// Gives other writers their turn after a part of the work that started at `began`.
    pub async fn yield_to_writers(&self, began: Stopwatch) {
        self.rest((began.elapsed() * 4).clamp(Self::SHORTEST, Self::LONGEST)).await;
    }

    /// Pauses for `span`, with a heartbeat.
    pub async fn rest(&self, span: Duration) {
        if let Self::Gentle(context) = self {
            context.heartbeat(span);
            tokio::time::sleep(span).await;
        }
    }
}

/// All jobs of a process: one for each way on which messages leave, and those for Scalekit's API if
/// it has credentials.
pub fn all(state: &AppState, ways: Vec<send_messages::Way>) -> Vec<Box<dyn Job>> {
    let mut jobs: Vec<Box<dyn Job>> = vec![
        Box::new(bulk_replay::BulkReplay),
        Box::new(bulk_replay::ResolveDeadLetters),
        Box::new(check_invariants::CheckInvariants),
        Box::new(cleanup::RemoveExpired),
        Box::new(cleanup::RemoveResyncData),
        Box::new(end_limits::EndLimits),
        Box::new(notify_owed::NotifyOwed),
        Box::new(number_events::NumberEvents::new(state)),
        Box::new(end_views::EndViews),
        Box::new(expire_proposals::ExpireProposals),
        Box::new(remind_of_requests::RemindOfRequests),
        Box::new(resync::ExpirePlans),
        Box::new(retention::Retention),
        Box::new(search_keys::SearchKeys),
        Box::new(attributes::CutAttributes),
        Box::new(usage_alerts::RefreshUsageAlerts),
        Box::new(role_changes::TellRoleChanges),
        Box::new(write_digests::WriteDigests),
    ];
    let poster = WebhookPoster::new(state.settings.operations.allowed_addresses);
    jobs.extend(
        poster.map(|poster| -> Box<dyn Job> {
            Box::new(send_events::SendEvents::new(state, poster))
        }),
    );
    for way in ways {
        jobs.push(Box::new(send_messages::SendMessages { way }));
    }
    // an import is a resync that needs no API
    jobs.extend((0..state.resyncs.at_once).map(|_| -> Box<dyn Job> { Box::new(resync::Resync) }));
    if state.scalekit.is_some() {
        jobs.push(Box::new(backfill::Backfill::default()));
        jobs.push(Box::new(resync::QueueDue));
    }
    jobs
}

/// Does the turns of a job until the process stops.
pub async fn run(state: AppState, job: Box<dyn Job>, stopping: watch::Receiver<bool>) {
    let context = JobContext {
        state: &state,
        stopping: &stopping,
        job: job.name(),
        is_failing: AtomicBool::new(false),
    };
    let mut failures = 0;
    while !context.is_stopping() {
        let Some(result) = run_turn(job.as_ref(), &context).await else { return };
        match result {
            Ok(Ok(Progress::More)) => {
                failures = 0;
                context.is_failing.store(false, Ordering::Relaxed);
                tokio::task::yield_now().await;
                continue;
            }
            Ok(Ok(Progress::Done)) => failures = 0,
            // Another worker goes on with the work: this is neither a failure nor a success.
            Ok(Err(commands::Error::LeaseLost(lost))) => {
                info!(job = job.name(), %lost, "a turn ended before its work");
            }
            Ok(Err(error)) => {
                failures += 1;
                warn!(job = job.name(), %error, "a job failed; it tries again");
            }
            Err(_panic) => {
                failures += 1;
                error!(job = job.name(), "a job panicked; it tries again");
            }
        }
        context.is_failing.store(failures >= FAILING, Ordering::Relaxed);
        let pause = state.clock.jittered(pause_after(failures, job.interval()));
        context.heartbeat(pause);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = woken(job.as_ref()), if failures == 0 => {}
            () = context.stopped() => {}
        }
    }
}

async fn woken(job: &dyn Job) {
    match job.wake() {
        Some(wake) => wake.reason().await,
        None => std::future::pending().await,
    }
}

/// Does one turn. `None`: the process stopped, and the turn was dropped.
async fn run_turn(
    job: &dyn Job,
    context: &JobContext<'_>,
) -> Option<std::thread::Result<Result<Progress, commands::Error>>> {
    context.heartbeat(match job.silence() {
        Silence::AtMost(silence) => job.interval() + silence,
        Silence::Unlimited => job.interval().max(2 * HEARTBEAT),
    });
    let mut result =
        std::pin::pin!(AssertUnwindSafe(async { job.run_once(context).await }).catch_unwind());
    loop {
        tokio::select! {
            result = &mut result => return Some(result),
            () = context.stopped(), if job.at_stop() == AtStop::DropTurn => return None,
            () = tokio::time::sleep(HEARTBEAT), if job.silence() == Silence::Unlimited => {
                context.heartbeat(2 * HEARTBEAT);
            }
        }
    }
}

/// The pause after so many turns in a row that failed.
fn pause_after(failures: u32, interval: Duration) -> Duration {
    match failures {
        0 => interval,
        _ => (interval * 2_u32.pow(failures.min(16) - 1)).min(LONGEST_BACK_OFF.max(interval)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_while_turns_fail() {
        let second = Duration::from_secs(1);
        assert_eq!(
            [0, 1, 2, 4, 5, 40].map(|failures| pause_after(failures, second).as_secs()),
            [1, 1, 2, 8, 10, 10]
        );
        assert_eq!(pause_after(7, Duration::from_mins(10)), Duration::from_mins(10));
    }
}
