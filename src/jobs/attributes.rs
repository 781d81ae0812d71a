//! After a change of the kept attributes, removes those that are stored and no longer kept, in
//! parallel to the deliveries.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use tracing::info;

use super::{Job, JobContext, Pace, Progress, number_events, periodic};
use crate::{
    clock::Stopwatch,
    commands::{self, CutSoFar, cut_attributes},
    state::AppState,
    store::{
        jobs::{self, ATTRIBUTES},
        settings,
    },
};

#[derive(Debug)]
pub(super) struct CutAttributes;

impl Job for CutAttributes {
    fn name(&self) -> &'static str {
        ATTRIBUTES
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { cut(context.state, Pace::Gentle(context)).await.map(|()| Progress::Done) }.boxed()
    }
}

/// Removes everything that is no longer kept, without pauses.
pub async fn work_off(state: &AppState) -> Result<(), commands::Error> {
    cut(state, Pace::AtOnce).await
}

/// The notes of the job have the setting for which everything was removed, and how often: a
/// delivery that was under way at the change may be stored behind the first pass.
async fn cut(state: &AppState, pace: Pace<'_>) -> Result<(), commands::Error> {
    let mut tx = state.db.read().await?;
    let kept = settings::values(&mut tx, &state.settings.fixed).await?.kept_attributes;
    let done = jobs::last(&mut tx, ATTRIBUTES).await?;
    drop(tx);
    let (once, twice) = (format!("1 {}", kept.text()), format!("2 {}", kept.text()));
    let done = done.map(|(_, done)| done).unwrap_or_default();
    if done == twice {
        return Ok(());
    }
    let Some(job) = periodic::claim(state, ATTRIBUTES, Duration::ZERO).await? else {
        return Ok(());
    };
    // events without a number would not be found
    number_events::work_off(state).await?;
    let mut so_far = CutSoFar::default();
    loop {
        let began = Stopwatch::start();
        let Some(further) = cut_attributes(state, &job, &kept, so_far).await? else { break };
        so_far = further;
        pace.yield_to_writers(began).await;
    }
    let notes = if done == once { twice } else { once };
    periodic::finish(state, &job, &notes).await?;
    info!(kept = kept.text(), "attributes that are not kept were removed");
    Ok(())
}
