//! Writes the counters: all attempts that arrive during one transaction are written by the next
//! one, so that a flood of attempts needs few transactions.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::sync::oneshot;
use tracing::warn;

use crate::{
    domain::time::Timestamp,
    state::AppState,
    store::sign_in_counters,
    throttle::{Charge, Entry, Outcome},
};

/// The pause between two transactions.
const PAUSE: Duration = Duration::from_millis(20);

/// Counts one attempt under every limit, or under none of them.
pub(super) async fn reserve(state: &AppState, charges: Vec<Charge>) -> sqlx::Result<Outcome> {
    let (answer, answered) = oneshot::channel();
    add(state, Entry::Reserve(charges, answer));
    answered.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

/// Queues the return without waiting: a successful sign-in does not depend on it.
pub(super) fn give_back(state: &AppState, charges: Vec<Charge>) {
    add(state, Entry::GiveBack(charges));
}

fn add(state: &AppState, entry: Entry) {
    if state.login_throttle.queue.add(entry) {
        // The write runs in its own task, because the request may be dropped when the browser
        // disconnects.
        tokio::spawn(write_all(state.clone()));
    }
}

async fn write_all(state: AppState) {
    while let Some(entries) = state.login_throttle.queue.next() {
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
