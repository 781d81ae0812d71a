//! Writes the counters: whatever comes while one transaction runs is written by the next one, so that
//! a flood of attempts makes few transactions.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;
use tracing::warn;

use super::Charge;
use crate::{desk::Desk, domain::time::Timestamp, store::sign_in_counters};

/// Between two transactions.
const PAUSE: Duration = Duration::from_millis(20);

/// Whether an attempt may be made; if not, which limit is reached and until when.
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

/// Takes one attempt of each limit, or of none.
pub(super) async fn reserve(desk: &Desk, charges: Vec<Charge>) -> sqlx::Result<Outcome> {
    let (answer, answered) = oneshot::channel();
    desk.login_throttle.counting.add(desk, Entry::Reserve(charges, answer));
    answered.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

impl Counting {
    /// Without waiting: a person who has signed in does not depend on it.
    pub(super) fn give_back(&self, desk: &Desk, charges: Vec<Charge>) {
        self.add(desk, Entry::GiveBack(charges));
    }

    fn add(&self, desk: &Desk, entry: Entry) {
        let mut queue = self.queue();
        queue.waiting.push(entry);
        if !mem::replace(&mut queue.is_written, true) {
            // A task of its own: the browser that asked may go away.
            tokio::spawn(write_all(desk.clone()));
        }
    }

    /// What waits; nothing, and the writing ends, once nothing does.
    fn next(&self) -> Option<Vec<Entry>> {
        let mut queue = self.queue();
        queue.is_written = !queue.waiting.is_empty();
        queue.is_written.then(|| mem::take(&mut queue.waiting))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write_all(desk: Desk) {
    while let Some(entries) = desk.login_throttle.counting.next() {
        match write(&desk, &entries).await {
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
        let _ = answer.send(outcome); // the browser may have gone
    }
}

async fn write(desk: &Desk, entries: &[Entry]) -> sqlx::Result<Vec<Outcome>> {
    let keys: BTreeSet<String> = entries.iter().flat_map(Entry::charges).map(|charge| charge.key.clone()).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let mut tx = desk.db.write().await?;
    let stored: BTreeMap<String, Timestamp> = sign_in_counters::lock(&mut tx, &keys).await?.into_iter().collect();
    let mut counters = stored.clone();
    let now = desk.clock.now();
    let outcomes = entries.iter().map(|entry| count(entry, &mut counters, now)).collect();
    let changed: Vec<_> = counters.into_iter().filter(|(key, full_at)| stored.get(key) != Some(full_at)).collect();
    if !changed.is_empty() {
        sign_in_counters::save(&mut tx, &changed).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

fn count(entry: &Entry, counters: &mut BTreeMap<String, Timestamp>, now: Timestamp) -> Outcome {
    let full_at = |counters: &BTreeMap<String, Timestamp>, charge: &Charge| counters.get(&charge.key).copied().unwrap_or(now);
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
                taken.push((charge.key.clone(), next.map_err(|until| (charge.key.clone(), until))?));
            }
            counters.extend(taken);
        }
    }
    Ok(())
}
