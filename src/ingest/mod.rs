//! The ingest queue: deliveries that arrive during a commit form the next batch. No delivery waits
//! for a batch to fill. On Postgres there are several shards; an organization is always in the same
//! one.

mod batch;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    panic::AssertUnwindSafe,
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use tracing::{error, warn};

use self::batch::Batch;
use crate::{
    commands::{self, Delivery, Error, ingest_deliveries, store_as_dead_letter},
    db::is_transient,
    domain::{decision::Outcome, id::OrganizationId},
    state::AppState,
};

/// How many deliveries may wait in one shard; the senders of more must retry.
const ROOM: usize = 1_024;
/// Deliveries in one transaction.
const BATCH: usize = 256;
/// The maximum number of shards on Postgres.
const MOST_SHARDS: usize = 8;
/// How often a batch is attempted after a conflict before its senders must retry.
const TRIES: usize = 3;

/// How long a sender waits for its answer. Scalekit gives up after ten seconds, and treats a
/// timeout as worse than a 503.
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);

/// How long a batch may take, even if the database connection hangs.
const PATIENCE: Duration = Duration::from_secs(40);

/// The answer to a webhook request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The delivery is stored durably, with this outcome.
    Taken(Outcome),
    /// The sender must retry, because the delivery may not be stored. If it was stored after all,
    /// the retry is a duplicate.
    Later,
}

/// The entry to the ingest queue. It is cheap to clone; when the last clone is dropped, the shards
/// finish their deliveries and end.
#[derive(Clone, Debug)]
pub struct Intake {
    shards: Vec<mpsc::Sender<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    delivery: Delivery,
    answer: oneshot::Sender<Answer>,
}

impl Intake {
    /// Opens the shards, and gives the tasks that process them.
    pub fn open(state: &AppState) -> (Self, Vec<JoinHandle<()>>) {
        // SQLite has one writer, so one shard is enough.
        let shards = if state.db.is_postgres() { shards_on_postgres() } else { 1 };
        let open = |_| {
            let (sender, receiver) = mpsc::channel(ROOM);
            (sender, tokio::spawn(work_off(state.clone(), receiver)))
        };
        let (shards, tasks) = (0..shards).map(open).unzip();
        (Self { shards }, tasks)
    }

    /// Waits until the delivery is durable, for at most `ANSWERED_WITHIN`. A full shard answers at
    /// once that the sender must retry.
    pub async fn take(&self, delivery: Delivery) -> Answer {
        let (answer, taken) = oneshot::channel();
        let shard = &self.shards[shard_of(&delivery, self.shards.len())];
        match shard.try_send(Waiting { delivery, answer }) {
            Ok(()) => timeout(ANSWERED_WITHIN, taken)
                .await
                .map_or(Answer::Later, |taken| taken.unwrap_or(Answer::Later)),
            Err(_) => Answer::Later,
        }
    }
}

/// A shard keeps two processors busy, one here and one in the database server. More shards make
/// smaller batches, which cost more than they gain: on two processors four shards processed half as
/// much as one.
fn shards_on_postgres() -> usize {
    std::thread::available_parallelism()
        .map_or(1, |processors| (processors.get() / 2).clamp(1, MOST_SHARDS))
}

fn shard_of(delivery: &Delivery, shards: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    match delivery.shard() {
        Some(organization) => organization.hash(&mut hasher),
        // Deliveries without an organization run one after the other anyway; in one shard they do
        // not block the others.
        None => return 0,
    }
    usize::try_from(hasher.finish() % shards as u64).unwrap_or(0)
}

async fn work_off(state: AppState, mut shard: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while shard.recv_many(&mut waiting, BATCH).await > 0 {
        let under_way = Batch::begins(&state);
        let (batch, answers): (Vec<Delivery>, Vec<_>) =
            waiting.drain(..).map(|w| (w.delivery, w.answer)).unzip();
        // A panic must not end the shard: an ended shard would never process a delivery again.
        let taken = AssertUnwindSafe(take(&state, &batch))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| vec![Answer::Later; batch.len()]);
        under_way.ends(&taken);
        for (answer, to) in taken.into_iter().zip(answers) {
            // the sender may have disconnected; the delivery is stored nevertheless
            let _ = to.send(answer);
        }
    }
}

/// Ingests a batch as a whole. If it fails permanently, its deliveries are ingested one by one, so
/// that one bad delivery does not affect the others; a delivery that fails even alone becomes a
/// dead letter.
async fn take(state: &AppState, batch: &[Delivery]) -> Vec<Answer> {
    match attempt(state, batch).await {
        Ok(outcomes) => outcomes.into_iter().map(Answer::Taken).collect(),
        Err(Trouble::Passing) => vec![Answer::Later; batch.len()],
        Err(Trouble::Lasting) if batch.len() > 1 => {
            let mut answers = Vec::with_capacity(batch.len());
            for delivery in batch {
                answers.push(alone(state, delivery).await);
            }
            answers
        }
        Err(Trouble::Lasting) => vec![dead(state, &batch[0]).await],
    }
}

async fn alone(state: &AppState, delivery: &Delivery) -> Answer {
    match attempt(state, std::slice::from_ref(delivery)).await {
        Ok(outcomes) => outcomes.first().map_or(Answer::Later, |outcome| Answer::Taken(*outcome)),
        Err(Trouble::Passing) => Answer::Later,
        Err(Trouble::Lasting) => dead(state, delivery).await,
    }
}

async fn dead(state: &AppState, delivery: &Delivery) -> Answer {
    let why =
        "Processing this delivery failed each time. The log has the reason under its webhook-id.";
    match store_as_dead_letter(state, delivery, why).await {
        Ok(outcome) => Answer::Taken(outcome),
        Err(error) => {
            error!(%error, webhook_id = %delivery.webhook_id, event = %delivery.event(), "a dead letter could not be kept");
            Answer::Later
        }
    }
}

enum Trouble {
    Passing,
    Lasting,
}

async fn attempt(state: &AppState, batch: &[Delivery]) -> Result<Vec<Outcome>, Trouble> {
    for tries in 1.. {
        let taking = AssertUnwindSafe(ingest_deliveries(state, batch)).catch_unwind();
        let Ok(taken) = timeout(PATIENCE, taking).await else {
            warn!(deliveries = batch.len(), "the database did not answer in time");
            return Err(Trouble::Passing);
        };
        match taken {
            Ok(Ok(outcomes)) => return Ok(outcomes),
            Ok(Err(Error::Database(error)))
                if tries < TRIES && commands::is_worth_repeating(&error) =>
            {
                warn!(%error, deliveries = batch.len(), tries, "processing the deliveries again at once");
            }
            Ok(Err(Error::Database(error))) if is_transient(&error) => {
                warn!(%error, deliveries = batch.len(), "processing deliveries had a passing error");
                state.write_check.forget();
                return Err(Trouble::Passing);
            }
            Ok(Err(error)) => {
                let Delivery { webhook_id, .. } = &batch[0];
                let (event, organization) =
                    (batch[0].event().as_str(), batch[0].shard().map(OrganizationId::as_str));
                error!(%error, deliveries = batch.len(), %webhook_id, event, organization, "processing deliveries failed; these are the ids of the first delivery");
                return Err(Trouble::Lasting);
            }
            Err(_) => {
                let Delivery { webhook_id, .. } = &batch[0];
                error!(deliveries = batch.len(), %webhook_id, event = %batch[0].event(), "processing deliveries panicked; these are the ids of the first delivery");
                return Err(Trouble::Lasting);
            }
        }
    }
    Err(Trouble::Passing)
}
