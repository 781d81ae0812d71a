//! Reads the events that were missed from Scalekit's event log.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Silence};
use crate::commands::{self, Gap, Look, backfill};

/// At the rate that Scalekit allows, a long log takes hours.
#[derive(Debug, Default)]
pub(super) struct Backfill {
    /// The log was checked after this process started.
    has_looked: AtomicBool,
}

impl Job for Backfill {
    fn name(&self) -> &'static str {
        "backfill"
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(15)
    }

    fn silence(&self) -> Silence {
        Silence::Unlimited
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async move {
            let look = if self.has_looked.load(Ordering::Relaxed) {
                Look::AfterSilence
            } else {
                Look::Now
            };
            match backfill(context.state, look).await? {
                // Another process runs the check, or a check did not finish: try again.
                Gap::NotLooked | Gap::Unanswered => {}
                Gap::None | Gap::Closed(_) | Gap::Resync => {
                    self.has_looked.store(true, Ordering::Relaxed);
                }
            }
            Ok(Progress::Done)
        }
        .boxed()
    }
}
