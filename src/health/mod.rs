//! Whether the background workers are alive. Each worker reports when its next heartbeat is due,
//! the outbox reports when it last handled an e-mail, and the intake reports which batches are in
//! progress. All times are monotonic, so the wall clock does not matter.

mod write_check;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use self::write_check::WriteCheck;
use crate::{clock::Monotonic, domain::time::Timestamp};

/// One for each process.
#[derive(Debug)]
pub struct WorkerHealth {
    pub started_at: Timestamp,
    felt: Mutex<Felt>,
}

#[derive(Debug)]
struct Felt {
    /// When the next heartbeat of each worker is due.
    due: BTreeMap<&'static str, Monotonic>,
    outbox_worked_at: Monotonic,
    /// When the batches in progress began.
    batches: BTreeMap<u64, Monotonic>,
    next_batch: u64,
    finished: BTreeMap<&'static str, Finished>,
}

/// What this process has seen of a periodic job.
#[derive(Clone, Copy, Debug)]
struct Finished {
    /// How often the job was finished.
    times: i64,
    /// How long ago the last finish was when this process first saw it.
    age: Duration,
    seen_at: Monotonic,
    looked_at: Monotonic,
}

impl WorkerHealth {
    /// The outbox's name among the workers; it is registered only where a mail server is
    /// configured.
    pub const OUTBOX: &'static str = "outbox";

    pub fn new(started_at: Timestamp, now: Monotonic) -> Self {
        let felt = Felt {
            due: BTreeMap::new(),
            outbox_worked_at: now,
            batches: BTreeMap::new(),
            next_batch: 0,
            finished: BTreeMap::new(),
        };
        Self { started_at, felt: Mutex::new(felt) }
    }

    /// The worker is alive and promises its next heartbeat within `pause`.
    pub fn heartbeat(&self, worker: &'static str, now: Monotonic, pause: Duration) {
        self.felt().due.insert(worker, now.plus(pause));
    }

    /// The outbox sent, postponed, dropped or gave up an e-mail, or found that none was due.
    pub fn outbox_worked(&self, now: Monotonic) {
        self.felt().outbox_worked_at = now;
    }

    /// Returns the number to pass to [`Self::batch_ends`].
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

    /// How late each worker is; workers that are on time are left out.
    pub fn late(&self, now: Monotonic) -> Vec<(&'static str, Duration)> {
        self.felt()
            .due
            .iter()
            .map(|(worker, due)| (*worker, now.since(*due)))
            .filter(|(_, late)| !late.is_zero())
            .collect()
    }

    /// How long the oldest batch in progress has been running.
    pub fn oldest_batch(&self, now: Monotonic) -> Duration {
        self.felt().batches.values().map(|began| now.since(*began)).max().unwrap_or_default()
    }

    /// How long the outbox has neither handled an e-mail nor found that none is due; `None` without
    /// a mail server.
    pub fn outbox_rests(&self, now: Monotonic) -> Option<Duration> {
        let felt = self.felt();
        felt.due.contains_key(Self::OUTBOX).then(|| now.since(felt.outbox_worked_at))
    }

    /// How long ago a periodic job was last finished. For a finish before this process first saw
    /// the job, the wall clock decides. A finish since the last look is at most as old as that
    /// look, whatever the wall clock says.
    pub fn since_finished(
        &self,
        (job, times): (&'static str, i64),
        by_the_wall: Duration,
        now: Monotonic,
    ) -> Duration {
        let mut felt = self.felt();
        let finished = match felt.finished.get(job) {
            Some(known) if known.times == times => Finished { looked_at: now, ..*known },
            Some(known) => {
                let age = by_the_wall.min(now.since(known.looked_at));
                Finished { times, age, seen_at: now, looked_at: now }
            }
            None => Finished { times, age: by_the_wall, seen_at: now, looked_at: now },
        };
        felt.finished.insert(job, finished);
        finished.age.saturating_add(now.since(finished.seen_at))
    }

    fn felt(&self) -> MutexGuard<'_, Felt> {
        self.felt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
