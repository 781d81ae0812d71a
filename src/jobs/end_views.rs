//! Ends the views as a tenant admin whose time is over.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Silence};
use crate::commands::{self, end_views};

#[derive(Debug)]
pub(super) struct EndViews;

impl Job for EndViews {
    fn name(&self) -> &'static str {
        "end_views"
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(20)
    }

    fn silence(&self) -> Silence {
        Silence::Unlimited
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            // one turn ends a part of them
            let ended = end_views(context.state).await?;
            Ok(if ended == 0 { Progress::Done } else { Progress::More })
        }
        .boxed()
    }
}
