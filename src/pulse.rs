//! Whether what works beside the requests is alive: each worker says by when it will have come round again, the outbox when a
//! letter last moved, and the intake which batches it is at.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::domain::time::Timestamp;

/// One for each process.
#[derive(Debug)]
pub struct Pulse {
    pub started_at: Timestamp,
    felt: Mutex<Felt>,
}

#[derive(Debug)]
struct Felt {
    /// By when each worker will have come round again.
    due: BTreeMap<&'static str, Timestamp>,
    letter_moved_at: Timestamp,
    /// When the batches under way began.
    batches: BTreeMap<u64, Timestamp>,
    next_batch: u64,
}

impl Pulse {
    /// The outbox's name among the workers; it is there only where a mail server is.
    pub const OUTBOX: &'static str = "outbox";

    pub fn new(now: Timestamp) -> Self {
        let felt = Felt { due: BTreeMap::new(), letter_moved_at: now, batches: BTreeMap::new(), next_batch: 0 };
        Self { started_at: now, felt: Mutex::new(felt) }
    }

    /// A worker has come round and will again within `pause`.
    pub fn beat(&self, worker: &'static str, now: Timestamp, pause: Duration) {
        self.felt().due.insert(worker, now.plus(pause));
    }

    /// A letter was sent, postponed or given up.
    pub fn letter_moved(&self, now: Timestamp) {
        self.felt().letter_moved_at = now;
    }

    /// Gives what to end the batch with.
    pub fn batch_begins(&self, now: Timestamp) -> u64 {
        let mut felt = self.felt();
        felt.next_batch += 1;
        let batch = felt.next_batch;
        felt.batches.insert(batch, now);
        batch
    }

    pub fn batch_ends(&self, batch: u64) {
        self.felt().batches.remove(&batch);
    }

    /// How late each worker is, if it is.
    pub fn late(&self, now: Timestamp) -> Vec<(&'static str, Duration)> {
        self.felt().due.iter().map(|(worker, due)| (*worker, now.since(*due))).filter(|(_, late)| !late.is_zero()).collect()
    }

    /// How long the oldest batch has been under way.
    pub fn oldest_batch(&self, now: Timestamp) -> Duration {
        self.felt().batches.values().map(|began| now.since(*began)).max().unwrap_or_default()
    }

    /// How long no letter has moved, where letters are sent at all.
    pub fn letters_rest(&self, now: Timestamp) -> Option<Duration> {
        let felt = self.felt();
        felt.due.contains_key(Self::OUTBOX).then(|| now.since(felt.letter_moved_at))
    }

    fn felt(&self) -> MutexGuard<'_, Felt> {
        self.felt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
