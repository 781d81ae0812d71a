//! After a change of the default role or of the roles of a group, writes the events of the people
//! whose roles are others.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Pace, Progress, periodic};
use crate::{
    clock::Stopwatch,
    commands::{self, tell_role_changes},
    state::AppState,
    store::{jobs::ROLE_CHANGES, role_changes},
};

#[derive(Debug)]
pub(super) struct TellRoleChanges;

impl Job for TellRoleChanges {
    fn name(&self) -> &'static str {
        ROLE_CHANGES
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { tell(context.state, Pace::Gentle(context)).await.map(|()| Progress::Done) }.boxed()
    }
}

/// Tells of all changes, without pauses.
pub async fn work_off(state: &AppState) -> Result<(), commands::Error> {
    tell(state, Pace::AtOnce).await
}

async fn tell(state: &AppState, pace: Pace<'_>) -> Result<(), commands::Error> {
    if role_changes::first(&mut state.db.read().await?).await?.is_none() {
        return Ok(());
    }
    let Some(job) = periodic::claim(state, ROLE_CHANGES, Duration::ZERO).await? else {
        return Ok(());
    };
    loop {
        let began = Stopwatch::start();
        if !tell_role_changes(state, &job).await? {
            break;
        }
        pace.yield_to_writers(began).await;
    }
    periodic::finish(state, &job, "").await
}
