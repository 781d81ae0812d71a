//! The intake lane: deliveries that queue while the last commit runs are the next batch. Nobody waits for a batch to fill.
//! On Postgres there are several lanes; an organization is always in the same one.

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

use super::batch::Batch;
use crate::{
    acts::{self, Delivery, Error, bury, take_deliveries},
    db::is_transient,
    desk::Desk,
    domain::{decision::Outcome, id::OrganizationId},
};

/// Deliveries that may wait in one lane; more are told to come again.
const ROOM: usize = 1_024;
/// Deliveries in one transaction.
const BATCH: usize = 256;
/// Lanes on Postgres, at most.
const MOST_LANES: usize = 8;
/// How often a batch that met a passing trouble is tried before its senders are told to come again.
const TRIES: usize = 3;

/// How long a sender waits for its answer: Scalekit gives up after ten seconds, and takes a time limit worse than a 503.
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);

/// How long a batch may take, a silent connection included.
const PATIENCE: Duration = Duration::from_secs(40);

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Durable, with this outcome.
    Taken(Outcome),
    /// Nothing is known to be kept; the sender comes again. If it was kept after all, that is a duplicate.
    Later,
}

/// The way in. Cheap to clone; when the last clone is gone, the lanes finish what they hold and end.
#[derive(Clone, Debug)]
pub struct Intake {
    lanes: Vec<mpsc::Sender<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    delivery: Delivery,
    answer: oneshot::Sender<Answer>,
}

impl Intake {
    /// Opens the lanes, and gives the tasks that work them off.
    pub fn open(desk: &Desk) -> (Self, Vec<JoinHandle<()>>) {
        let lanes = if desk.db.is_postgres() { lanes_on_postgres() } else { 1 }; // SQLite has one writer
        let open = |_| {
            let (sender, receiver) = mpsc::channel(ROOM);
            (sender, tokio::spawn(work_off(desk.clone(), receiver)))
        };
        let (lanes, tasks) = (0..lanes).map(open).unzip();
        (Self { lanes }, tasks)
    }

    /// Waits until the delivery is durable, for as long as a sender does. A full lane says so at once.
    pub async fn take(&self, delivery: Delivery) -> Answer {
        let (answer, taken) = oneshot::channel();
        let lane = &self.lanes[lane_of(&delivery, self.lanes.len())];
        match lane.try_send(Waiting { delivery, answer }) {
            Ok(()) => timeout(ANSWERED_WITHIN, taken).await.map_or(Answer::Later, |taken| taken.unwrap_or(Answer::Later)),
            Err(_) => Answer::Later,
        }
    }
}

/// A lane keeps two processors busy, one here and one in the server. More lanes than that make smaller batches, which cost
/// more than they gain: on two processors four lanes took half of what one takes.
fn lanes_on_postgres() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).clamp(1, MOST_LANES))
}

fn lane_of(delivery: &Delivery, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    match delivery.lane() {
        Some(organization) => organization.hash(&mut hasher),
        None => return 0, // they take turns anyway, and one lane's do not wait for another's
    }
    usize::try_from(hasher.finish() % lanes as u64).unwrap_or(0)
}

async fn work_off(desk: Desk, mut lane: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while lane.recv_many(&mut waiting, BATCH).await > 0 {
        let under_way = Batch::begins(&desk);
        let (batch, answers): (Vec<Delivery>, Vec<_>) = waiting.drain(..).map(|w| (w.delivery, w.answer)).unzip();
        // Whatever happens, the lane goes on: a lane that ended would take nothing ever again.
        let taken = AssertUnwindSafe(take(&desk, &batch)).catch_unwind().await.unwrap_or_else(|_| vec![Answer::Later; batch.len()]);
        under_way.ends(&taken);
        for (answer, to) in taken.into_iter().zip(answers) {
            let _ = to.send(answer); // whoever asked has gone; the delivery is kept all the same
        }
    }
}

/// A batch is taken as a whole. If it fails for good, its deliveries are taken one by one, so that one bad apple spoils
/// nobody else's answer; and what fails alone, too, is a dead letter.
async fn take(desk: &Desk, batch: &[Delivery]) -> Vec<Answer> {
    match attempt(desk, batch).await {
        Ok(outcomes) => outcomes.into_iter().map(Answer::Taken).collect(),
        Err(Trouble::Passing) => vec![Answer::Later; batch.len()],
        Err(Trouble::Lasting) if batch.len() > 1 => {
            let mut answers = Vec::with_capacity(batch.len());
            for delivery in batch {
                answers.push(alone(desk, delivery).await);
            }
            answers
        }
        Err(Trouble::Lasting) => vec![dead(desk, &batch[0]).await],
    }
}

async fn alone(desk: &Desk, delivery: &Delivery) -> Answer {
    match attempt(desk, std::slice::from_ref(delivery)).await {
        Ok(outcomes) => outcomes.first().map_or(Answer::Later, |outcome| Answer::Taken(*outcome)),
        Err(Trouble::Passing) => Answer::Later,
        Err(Trouble::Lasting) => dead(desk, delivery).await,
    }
}

async fn dead(desk: &Desk, delivery: &Delivery) -> Answer {
    let why = "Taking this delivery failed each time. The log has the reason under its webhook-id.";
    match bury(desk, delivery, why).await {
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

async fn attempt(desk: &Desk, batch: &[Delivery]) -> Result<Vec<Outcome>, Trouble> {
    for tries in 1.. {
        let taking = AssertUnwindSafe(take_deliveries(desk, batch)).catch_unwind();
        let Ok(taken) = timeout(PATIENCE, taking).await else {
            warn!(deliveries = batch.len(), "the database did not answer in time");
            return Err(Trouble::Passing);
        };
        match taken {
            Ok(Ok(outcomes)) => return Ok(outcomes),
            Ok(Err(Error::Database(error))) if tries < TRIES && acts::is_worth_repeating(&error) => {
                warn!(%error, deliveries = batch.len(), tries, "taking deliveries again at once");
            }
            Ok(Err(Error::Database(error))) if is_transient(&error) => {
                warn!(%error, deliveries = batch.len(), "taking deliveries met a passing trouble");
                desk.room.doubt();
                return Err(Trouble::Passing);
            }
            Ok(Err(error)) => {
                let Delivery { webhook_id, .. } = &batch[0];
                let (event, organization) = (batch[0].event().as_str(), batch[0].lane().map(OrganizationId::as_str));
                error!(%error, deliveries = batch.len(), %webhook_id, event, organization, "taking deliveries failed; these are the first one’s ids");
                return Err(Trouble::Lasting);
            }
            Err(_) => {
                let Delivery { webhook_id, .. } = &batch[0];
                error!(deliveries = batch.len(), %webhook_id, event = %batch[0].event(), "taking deliveries panicked; these are the first one’s ids");
                return Err(Trouble::Lasting);
            }
        }
    }
    Err(Trouble::Passing)
}
