//! After an update that changes how text is folded, every search key is rebuilt once, in parallel
//! to the deliveries. Until then a search matches the old key of a name.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use tracing::info;

use super::{Job, JobContext, Pace, Progress, periodic};
use crate::{
    clock::Stopwatch,
    commands::{self, Refolded, refold_part},
    state::AppState,
    store::jobs::{self, SEARCH_KEYS},
};

/// The version of the search keys. A new number rebuilds every key.
const FOLDING: &str = "2";

#[derive(Debug)]
pub(super) struct SearchKeys;

impl Job for SearchKeys {
    fn name(&self) -> &'static str {
        SEARCH_KEYS
    }

    fn interval(&self) -> Duration {
        Duration::from_mins(10)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { rebuild(context.state, Pace::Gentle(context)).await.map(|_| Progress::Done) }
            .boxed()
    }
}

/// Rebuilds the keys without pauses if that is not done yet; gives the number of wrong ones.
pub async fn work_off(state: &AppState) -> Result<u64, commands::Error> {
    rebuild(state, Pace::AtOnce).await
}

async fn rebuild(state: &AppState, pace: Pace<'_>) -> Result<u64, commands::Error> {
    let done = jobs::last(&mut state.db.read().await?, SEARCH_KEYS).await?;
    if done.is_some_and(|(_, folding)| folding == FOLDING) {
        return Ok(0);
    }
    let Some(job) = periodic::claim(state, SEARCH_KEYS, Duration::ZERO).await? else {
        return Ok(0);
    };
    let mut so_far = Refolded::default();
    loop {
        let began = Stopwatch::start();
        let (further, is_more) = refold_part(state, &job, so_far).await?;
        so_far = further;
        if !is_more {
            break;
        }
        periodic::keep(state, &job).await?;
        pace.yield_to_writers(began).await;
    }
    periodic::finish(state, &job, FOLDING).await?;
    if so_far.changed > 0 {
        info!(keys = so_far.changed, "search keys were computed again");
    }
    Ok(so_far.changed)
}
