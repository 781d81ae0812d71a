//! Whether what works beside the requests is alive: each worker says by when it will have come round again, the outbox when a
//! letter last moved, and the intake which batches it is at. All of it by the time that passes, whatever the wall clock says.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{clock::Monotonic, domain::time::Timestamp};

/// One for each process.
#[derive(Debug)]
pub struct Pulse {
    pub started_at: Timestamp,
    felt: Mutex<Felt>,
}

#[derive(Debug)]
struct Felt {
    /// By when each worker will have come round again.
    due: BTreeMap<&'static str, Monotonic>,
    outbox_worked_at: Monotonic,
    /// When the batches under way began.
    batches: BTreeMap<u64, Monotonic>,
    next_batch: u64,
    finished: BTreeMap<&'static str, Finished>,
}

/// What this process has seen of a duty.
#[derive(Clone, Copy, Debug)]
struct Finished {
    /// How often it was finished.
    times: i64,
    /// How long ago the last time was when it was seen first.
    age: Duration,
    seen_at: Monotonic,
    looked_at: Monotonic,
}

impl Pulse {
    /// The outbox's name among the workers; it is there only where a mail server is.
    pub const OUTBOX: &'static str = "outbox";

    pub fn new(started_at: Timestamp, now: Monotonic) -> Self {
        let felt = Felt { due: BTreeMap::new(), outbox_worked_at: now, batches: BTreeMap::new(), next_batch: 0, finished: BTreeMap::new() };
        Self { started_at, felt: Mutex::new(felt) }
    }

    /// A worker has come round and will again within `pause`.
    pub fn beat(&self, worker: &'static str, now: Monotonic, pause: Duration) {
        self.felt().due.insert(worker, now.plus(pause));
    }

    /// An e-mail was sent, postponed, dropped or given up, or none was due.
    pub fn outbox_worked(&self, now: Monotonic) {
        self.felt().outbox_worked_at = now;
    }

    /// Gives what to end the batch with.
    pub fn batch_begins(&self, now: Monotonic) -> u64 {
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
    pub fn late(&self, now: Monotonic) -> Vec<(&'static str, Duration)> {
        self.felt().due.iter().map(|(worker, due)| (*worker, now.since(*due))).filter(|(_, late)| !late.is_zero()).collect()
    }

    /// How long the oldest batch has been under way.
    pub fn oldest_batch(&self, now: Monotonic) -> Duration {
        self.felt().batches.values().map(|began| now.since(*began)).max().unwrap_or_default()
    }

    /// How long the outbox has neither moved an e-mail nor found that none is due, where e-mails are sent at all.
    pub fn outbox_rests(&self, now: Monotonic) -> Option<Duration> {
        let felt = self.felt();
        felt.due.contains_key(Self::OUTBOX).then(|| now.since(felt.outbox_worked_at))
    }

    /// How long ago a duty was finished the last time. What was finished before this process saw the duty first is as old as the
    /// wall clock says. What was finished since it looked last is not older than that, whatever the wall clock says.
    pub fn since_finished(&self, (duty, times): (&'static str, i64), by_the_wall: Duration, now: Monotonic) -> Duration {
        let mut felt = self.felt();
        let finished = match felt.finished.get(duty) {
            Some(known) if known.times == times => Finished { looked_at: now, ..*known },
            Some(known) => {
                let age = by_the_wall.min(now.since(known.looked_at));
                Finished { times, age, seen_at: now, looked_at: now }
            }
            None => Finished { times, age: by_the_wall, seen_at: now, looked_at: now },
        };
        felt.finished.insert(duty, finished);
        finished.age.saturating_add(now.since(finished.seen_at))
    }

    fn felt(&self) -> MutexGuard<'_, Felt> {
        self.felt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
