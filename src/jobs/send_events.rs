//! Sends outgoing webhooks. One worker holds an endpoint at a time and makes its deliveries; the
//! endpoints are served side by side, so that a slow one delays no other. Each delivery is made at
//! least once.

use std::{collections::BTreeSet, time::Duration};

use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, FuturesUnordered},
};
use tracing::info;

use super::{AtStop, Job, JobContext, Progress, Silence, Wake};
use crate::{
    channels::webhook::{PATIENCE, WebhookPoster},
    clock::Stopwatch,
    commands::{
        self,
        webhook_endpoints::{
            Delivering, Outgoing, claim_deliveries, due_endpoints, record_deliveries,
        },
    },
    db::Announcement,
    domain::{id::WebhookEndpointId, webhook_endpoint::Attempt},
    state::AppState,
    store::webhook_endpoints::Due,
};

/// How long a delivery waits that no announcement tells of.
const INTERVAL: Duration = Duration::from_millis(500);
/// How many deliveries to one endpoint are on their way at the same time.
const AT_ONCE: usize = 8;

#[derive(Debug)]
pub(super) struct SendEvents {
    poster: WebhookPoster,
    wake: Wake,
}

impl SendEvents {
    pub fn new(state: &AppState, poster: WebhookPoster) -> Self {
        let is_numbering = |heard: &Announcement| {
            matches!(heard, Announcement::EventsNumbered(_) | Announcement::Anything)
        };
        Self { poster, wake: Wake::on(state, is_numbering, Duration::ZERO) }
    }
}

impl Job for SendEvents {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn silence(&self) -> Silence {
        Silence::AtMost(2 * PATIENCE)
    }

    fn wake(&self) -> Option<&Wake> {
        Some(&self.wake)
    }

    fn at_stop(&self) -> AtStop {
        AtStop::FinishTurn
    }

    fn run_once<'a>(
        &'a self,
        context: &'a JobContext<'a>,
    ) -> BoxFuture<'a, Result<Progress, commands::Error>> {
        async {
            let turn = Turn {
                state: context.state,
                poster: &self.poster,
                running: Some((context, &self.wake)),
            };
            turn.send_due().await?;
            Ok(Progress::Done)
        }
        .boxed()
    }
}

/// Sends everything that is due now; gives how many deliveries were taken.
pub async fn work_off(state: &AppState, poster: &WebhookPoster) -> Result<usize, commands::Error> {
    Turn { state, poster, running: None }.send_due().await
}

struct Turn<'a> {
    state: &'a AppState,
    poster: &'a WebhookPoster,
    /// `None`: nothing is told of a stop or of new events.
    running: Option<(&'a JobContext<'a>, &'a Wake)>,
}

impl Turn<'_> {
    /// Sends what is due, and what becomes due meanwhile, until nothing is left.
    async fn send_due(&self) -> Result<usize, commands::Error> {
        let mut busy: BTreeSet<WebhookEndpointId> = BTreeSet::new();
        let mut sending = FuturesUnordered::new();
        let (mut taken, mut failed) = (0, None);
        loop {
            if let Some((context, _)) = self.running {
                context.heartbeat(2 * PATIENCE);
            }
            if !self.is_ending() && failed.is_none() {
                match due_endpoints(self.state).await {
                    Ok(all) => {
                        for due in all.into_iter().filter(|due| busy.insert(due.id())) {
                            sending.push(self.deliver(due).boxed());
                        }
                    }
                    Err(error) => failed = Some(error),
                }
            }
            if sending.is_empty() {
                return failed.map_or(Ok(taken), Err);
            }
            tokio::select! {
                Some((id, result)) = sending.next() => {
                    busy.remove(&id);
                    match result {
                        Ok(count) => taken += count,
                        Err(commands::Error::LeaseLost(lost)) => {
                            info!(%lost, "another worker goes on with an endpoint");
                        }
                        Err(error) => failed = Some(error),
                    }
                }
                () = self.woken() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    fn is_ending(&self) -> bool {
        self.running.is_some_and(|(context, _)| context.is_stopping())
    }

    async fn woken(&self) {
        match self.running {
            Some((_, wake)) => wake.reason().await,
            None => std::future::pending().await,
        }
    }

    /// Makes the deliveries of one endpoint. Gives how many were taken.
    async fn deliver(&self, due: Due) -> (WebhookEndpointId, Result<usize, commands::Error>) {
        (due.id(), self.delivered(&due).await)
    }

    async fn delivered(&self, due: &Due) -> Result<usize, commands::Error> {
        let mut taken = 0;
        let mut part = claim_deliveries(self.state, due).await?;
        while let Some(now) = part {
            // the boxes have types that the compiler can name
            let on_the_way: Vec<BoxFuture<'_, Attempt>> =
                now.deliveries.iter().map(|one| self.attempt(&now, one).boxed()).collect();
            let attempts: Vec<Attempt> = stream::iter(on_the_way).buffered(AT_ONCE).collect().await;
            taken += attempts.iter().filter(|attempt| attempt.is_taken()).count();
            part = record_deliveries(self.state, now, &attempts, self.is_ending()).await?;
        }
        Ok(taken)
    }

    async fn attempt(&self, to: &Delivering, delivery: &Outgoing) -> Attempt {
        let Some(url) = &to.url else {
            return Attempt {
                status: None,
                answer: "The settings allow no such address.".to_owned(),
                took: Duration::ZERO,
                retry_after: None,
            };
        };
        let began = Stopwatch::start();
        self.poster.post(url, delivery.signed.clone(), || began.elapsed()).await
    }
}
