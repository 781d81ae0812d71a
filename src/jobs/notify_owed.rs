//! Notifies recipients who came after the alert that concerns them, and ends the alerts about
//! receivers that the environment names no more.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Silence};
use crate::commands::{self, forget_unset, notify_owed};

#[derive(Debug)]
pub(super) struct NotifyOwed;

impl Job for NotifyOwed {
    fn name(&self) -> &'static str {
        "notify_owed"
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
        async {
            forget_unset(context.state).await?;
            notify_owed(context.state).await.map(|_| Progress::Done)
        }
        .boxed()
    }
}
