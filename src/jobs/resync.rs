//! Runs resyncs, queues the ones that are due, and expires plans that wait for too long.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Silence};
use crate::commands::{
    self,
    resync::{self, expire_plans, start_due, work_on},
};

/// Works on one resync; a process has several such jobs. A run that is dropped at a stop is resumed
/// by the next process.
#[derive(Debug)]
pub(super) struct Resync;

impl Job for Resync {
    fn name(&self) -> &'static str {
        "resync"
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn silence(&self) -> Silence {
        Silence::Unlimited
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            let worked = work_on(context.state, &resync::Turn::Next).await?;
            Ok(if worked { Progress::More } else { Progress::Done })
        }
        .boxed()
    }
}

/// Queues the resyncs that are due.
#[derive(Debug)]
pub(super) struct QueueDue;

impl Job for QueueDue {
    fn name(&self) -> &'static str {
        "queue_resyncs"
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(15)
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async { start_due(context.state).await.map(|_| Progress::Done) }.boxed()
    }
}

/// Expires plans that no person confirmed, even without Scalekit's API.
#[derive(Debug)]
pub(super) struct ExpirePlans;

impl Job for ExpirePlans {
    fn name(&self) -> &'static str {
        "expire_plans"
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
        async { expire_plans(context.state).await.map(|_| Progress::Done) }.boxed()
    }
}
