//! Ends the proposed changes of seat limits whose time is over.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Silence};
use crate::commands::{self, expire_proposals};

#[derive(Debug)]
pub(super) struct ExpireProposals;

impl Job for ExpireProposals {
    fn name(&self) -> &'static str {
        "expire_proposals"
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
            // one turn ends a part of them
            let ended = expire_proposals(context.state).await?;
            Ok(if ended == 0 { Progress::Done } else { Progress::More })
        }
        .boxed()
    }
}
