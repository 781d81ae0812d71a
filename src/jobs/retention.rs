//! Removes raw bodies and e-mails that are old enough, a few at a time by index, with pauses longer
//! than the work, so that deliveries are hardly delayed.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use tracing::info;

use super::{Job, JobContext, Pace, Progress, periodic};
use crate::{
    clock::Stopwatch,
    commands::{self, purge_bodies, remove_old_messages},
    domain::{invariant::Removed, time::Timestamp},
    state::AppState,
    store::{
        jobs::{Claimed, RETENTION},
        settings,
    },
};

/// How often what is old enough is removed.
const EVERY: Duration = Duration::from_mins(10);

#[derive(Debug)]
pub(super) struct Retention;

impl Job for Retention {
    fn name(&self) -> &'static str {
        RETENTION
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { remove_if_due(context.state, Pace::Gentle(context)).await.map(|_| Progress::Done) }
            .boxed()
    }
}

/// Removes everything that is old enough, if a removal is due; gives the number of removed bodies.
pub async fn work_off(state: &AppState) -> Result<u64, commands::Error> {
    remove_if_due(state, Pace::AtOnce).await
}

async fn remove_if_due(state: &AppState, pace: Pace<'_>) -> Result<u64, commands::Error> {
    let mut tx = state.db.read().await?;
    let settings = settings::values(&mut tx, &state.settings.fixed).await?;
    drop(tx);
    let Some(keep) = settings.keep_bodies else { return Ok(0) };
    let Some(job) = periodic::claim(state, RETENTION, EVERY).await? else { return Ok(0) };
    let before: Removed = serde_json::from_str(&job.notes).unwrap_or_default();
    let cutoff = state.clock.now().minus(keep);
    let mut removed = before;
    loop {
        let began = Stopwatch::start();
        let Some(further) = purge_bodies(state, &job, removed, cutoff).await? else { break };
        removed = further;
        pace.yield_to_writers(began).await;
    }
    remove_emails(state, &job, cutoff, pace).await?;
    let bodies = removed.bodies - before.bodies;
    if bodies > 0 {
        info!(bodies, until = removed.until.rfc3339(), "old raw bodies were removed");
    }
    periodic::finish(state, &job, &serde_json::to_string(&removed).unwrap_or_default()).await?;
    Ok(bodies)
}

/// Removes e-mails that were sent or will never be sent: they contain names and addresses as the
/// bodies do.
async fn remove_emails(
    state: &AppState,
    job: &Claimed,
    cutoff: Timestamp,
    pace: Pace<'_>,
) -> Result<(), commands::Error> {
    let mut emails = 0;
    loop {
        let began = Stopwatch::start();
        let removed = remove_old_messages(state, job, cutoff).await?;
        if removed == 0 {
            break;
        }
        emails += removed;
        pace.yield_to_writers(began).await;
    }
    if emails > 0 {
        info!(emails, "old e-mails were removed");
    }
    Ok(())
}
