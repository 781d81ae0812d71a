//! Writes digests in the morning.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{Job, JobContext, Progress, Silence};
use crate::commands::{self, write_digests};

#[derive(Debug)]
pub(super) struct WriteDigests;

impl Job for WriteDigests {
    fn name(&self) -> &'static str {
        "write_digests"
    }

    fn interval(&self) -> Duration {
        Duration::from_mins(5)
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
            let written = write_digests(context.state).await?;
            Ok(if written == 0 { Progress::Done } else { Progress::More })
        }
        .boxed()
    }
}
