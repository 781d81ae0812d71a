//! The sequencer: numbers the outgoing events soon after their commits. Each process has one; a
//! lock in the database lets one of them work at a time.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Wake};
use crate::{
    commands::{self, number_events},
    db::Announcement,
    state::AppState,
};

/// How long events wait that no announcement tells of.
const INTERVAL: Duration = Duration::from_secs(1);
/// What is committed shortly after the first event is numbered with it.
const TOGETHER: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct NumberEvents {
    wake: Wake,
}

impl NumberEvents {
    pub fn new(state: &AppState) -> Self {
        let is_commit = |heard: &Announcement| {
            matches!(heard, Announcement::Changed { .. } | Announcement::Anything)
        };
        Self { wake: Wake::on(state, is_commit, TOGETHER) }
    }
}

impl Job for NumberEvents {
    fn name(&self) -> &'static str {
        "number_events"
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn wake(&self) -> Option<&Wake> {
        Some(&self.wake)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            let numbered = number_events(context.state).await?;
            Ok(if numbered > 0 { Progress::More } else { Progress::Done })
        }
        .boxed()
    }
}

/// Numbers every event that is committed; gives how many.
pub async fn work_off(state: &AppState) -> Result<i64, commands::Error> {
    let mut all = 0;
    loop {
        match number_events(state).await? {
            0 => return Ok(all),
            numbered => all += numbered,
        }
    }
}
