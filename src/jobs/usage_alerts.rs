//! After a change of the thresholds, and once after an update, opens and resolves the alerts about
//! usage of all organizations.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use tracing::info;

use super::{Job, JobContext, Pace, Progress, periodic};
use crate::{
    clock::Stopwatch,
    commands::{self, refresh_usage_alerts},
    state::AppState,
    store::{
        jobs::{self, USAGE_ALERTS},
        settings,
    },
};

#[derive(Debug)]
pub(super) struct RefreshUsageAlerts;

impl Job for RefreshUsageAlerts {
    fn name(&self) -> &'static str {
        USAGE_ALERTS
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(15)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { refresh(context.state, Pace::Gentle(context)).await.map(|()| Progress::Done) }
            .boxed()
    }
}

/// Updates all organizations, without pauses.
pub async fn work_off(state: &AppState) -> Result<(), commands::Error> {
    refresh(state, Pace::AtOnce).await
}

/// The notes of the job have the thresholds for which all organizations were updated, and how
/// often: a delivery that was under way at the change may end behind the first pass.
async fn refresh(state: &AppState, pace: Pace<'_>) -> Result<(), commands::Error> {
    let mut tx = state.db.read().await?;
    let thresholds = settings::values(&mut tx, &state.settings.fixed).await?.usage_thresholds;
    let done = jobs::last(&mut tx, USAGE_ALERTS).await?;
    drop(tx);
    let (once, twice) = (format!("1 {}", thresholds.text()), format!("2 {}", thresholds.text()));
    let done = done.map(|(_, done)| done).unwrap_or_default();
    if done == twice {
        return Ok(());
    }
    let Some(job) = periodic::claim(state, USAGE_ALERTS, Duration::ZERO).await? else {
        return Ok(());
    };
    let mut after = None;
    loop {
        let began = Stopwatch::start();
        after = refresh_usage_alerts(state, &job, &thresholds, after.as_ref()).await?;
        if after.is_none() {
            break;
        }
        pace.yield_to_writers(began).await;
    }
    let notes = if done == once { twice } else { once };
    periodic::finish(state, &job, &notes).await?;
    info!(thresholds = thresholds.text(), "the alerts about usage were updated");
    Ok(())
}
