//! Reminds of seat requests that have waited for long.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Silence};
use crate::commands::{self, remind_of_requests};

#[derive(Debug)]
pub(super) struct RemindOfRequests;

impl Job for RemindOfRequests {
    fn name(&self) -> &'static str {
        "remind_of_requests"
    }

    fn interval(&self) -> Duration {
        Duration::from_mins(1)
    }

    fn silence(&self) -> Silence {
        Silence::Unlimited
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            // one turn writes a part of them
            let written = remind_of_requests(context.state).await?;
            Ok(if written == 0 { Progress::Done } else { Progress::More })
        }
        .boxed()
    }
}
