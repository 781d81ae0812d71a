//! Writes the counters: all attempts that arrive during one transaction are written by the next
//! one, so that a flood of attempts needs few transactions.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;
use tracing::warn;

use super::Charge;
use crate::{domain::time::Timestamp, state::AppState, store::sign_in_counters};

/// The pause between two transactions.
const PAUSE: Duration = Duration::from_millis(20);

/// Whether an attempt is admitted; if not, which limit is reached, and until when.
pub(super) type Outcome = Result<(), (String, Timestamp)>;

#[derive(Debug, Default)]
pub(super) struct Counting(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Entry>,
    is_written: bool,
}

#[derive(Debug)]
enum Entry {
    Reserve(Vec<Charge>, oneshot::Sender<sqlx::Result<Outcome>>),
    GiveBack(Vec<Charge>),
}

impl Entry {
    fn charges(&self) -> &[Charge] {
        match self {
            Self::Reserve(charges, _) | Self::GiveBack(charges) => charges,
        }
    }
}

/// Counts one attempt under every limit, or under none of them.
pub(super) async fn reserve(state: &AppState, charges: Vec<Charge>) -> sqlx::Result<Outcome> {
    let (answer, answered) = oneshot::channel();
    state.login_throttle.counting.add(state, Entry::Reserve(charges, answer));
    answered.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

impl Counting {
    /// Queues the return without waiting: a successful sign-in does not depend on it.
    pub(super) fn give_back(&self, state: &AppState, charges: Vec<Charge>) {
        self.add(state, Entry::GiveBack(charges));
    }

    fn add(&self, state: &AppState, entry: Entry) {
        let mut queue = self.queue();
        queue.waiting.push(entry);
        if !mem::replace(&mut queue.is_written, true) {
            // The write runs in its own task, because the request may be dropped when the browser
            // disconnects.
            tokio::spawn(write_all(state.clone()));
        }
    }

    /// The waiting entries. None: the queue is empty, and the writer stops.
    fn next(&self) -> Option<Vec<Entry>> {
        let mut queue = self.queue();
        queue.is_written = !queue.waiting.is_empty();
        queue.is_written.then(|| mem::take(&mut queue.waiting))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write_all(state: AppState) {
    while let Some(entries) = state.login_throttle.counting.next() {
        match write(&state, &entries).await {
            Ok(outcomes) => {
                for (entry, outcome) in entries.into_iter().zip(outcomes) {
                    answer(entry, Ok(outcome));
                }
            }
            Err(error) => {
                warn!(%error, "sign-in attempts could not be counted");
                for entry in entries {
                    answer(entry, Err(sqlx::Error::WorkerCrashed));
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn answer(entry: Entry, outcome: sqlx::Result<Outcome>) {
    if let Entry::Reserve(_, answer) = entry {
        let _ = answer.send(outcome); // the browser may have disconnected
    }
}

async fn write(state: &AppState, entries: &[Entry]) -> sqlx::Result<Vec<Outcome>> {
    let keys: BTreeSet<String> =
        entries.iter().flat_map(Entry::charges).map(|charge| charge.key.clone()).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let mut tx = state.db.write().await?;
    let stored: BTreeMap<String, Timestamp> =
        sign_in_counters::lock(&mut tx, &keys).await?.into_iter().collect();
    let mut counters = stored.clone();
    let now = state.clock.now();
    let outcomes = entries.iter().map(|entry| count(entry, &mut counters, now)).collect();
    let changed: Vec<_> =
        counters.into_iter().filter(|(key, full_at)| stored.get(key) != Some(full_at)).collect();
    if !changed.is_empty() {
        sign_in_counters::save(&mut tx, &changed).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

fn count(entry: &Entry, counters: &mut BTreeMap<String, Timestamp>, now: Timestamp) -> Outcome {
    let full_at = |counters: &BTreeMap<String, Timestamp>, charge: &Charge| {
        counters.get(&charge.key).copied().unwrap_or(now)
    };
    match entry {
        Entry::GiveBack(charges) => {
            for charge in charges {
                let back = charge.quota.give_back(full_at(counters, charge), now);
                counters.insert(charge.key.clone(), back);
            }
        }
        Entry::Reserve(charges, _) => {
            let mut taken = Vec::new();
            for charge in charges {
                let next = charge.quota.take(full_at(counters, charge), now);
                taken
                    .push((charge.key.clone(), next.map_err(|until| (charge.key.clone(), until))?));
            }
            counters.extend(taken);
        }
    }
    Ok(())
}
