//! When a worker may take over a row with a lease, judged by heartbeats and not by the wall clock.
//! The holder increases a number; a process that has seen the same number for as long as the lease
//! lasts, by its own monotonic clock, may take the work over. A step of the wall clock, on this
//! machine or another, changes nothing. `store::lease` takes, renews and releases.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    clock::Monotonic,
    store::lease::{Lease, LeaseRow, Work},
};

/// With this many rows all of them are forgotten and observed again.
const MOST: usize = 10_000;

/// What this process has seen of leases. Cheap to clone; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Leases(Arc<Mutex<HashMap<String, Seen>>>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The holder, as a number that grows with each holder, and the number of heartbeats.
    heartbeat: (i64, i64),
    since: Monotonic,
}

impl Leases {
    /// Whether a worker may take the row: it is free, or this process has seen no newer heartbeat
    /// for as long as the lease lasts.
    pub fn is_free(&self, work: &Work, row: LeaseRow, now: Monotonic) -> bool {
        row.lasts().is_zero() || self.silence(work, row, now) >= row.lasts()
    }

    /// Records that this process has taken the lease, so that its time begins now and not when the
    /// process looks at the row again.
    pub fn note(&self, lease: &Lease, now: Monotonic) {
        self.note_heartbeat(&lease.work, lease.taken, now);
    }

    /// The same for a heartbeat of this process.
    pub fn note_heartbeat(&self, work: &Work, row: LeaseRow, now: Monotonic) {
        self.silence(work, row, now);
    }

    /// Records the current heartbeat; returns for how long this process has seen no newer one.
    fn silence(&self, work: &Work, row: LeaseRow, now: Monotonic) -> Duration {
        let (key, heartbeat) = (work.to_string(), (row.claim, row.heartbeats));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // a heartbeat older than the known one comes from a transaction that was rolled back
        if let Some(seen) = all.get(&key).filter(|seen| heartbeat <= seen.heartbeat) {
            return now.since(seen.since);
        }
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, Seen { heartbeat, since: now });
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, domain::time::Timestamp};

    const WORK: Work = Work::Job("story");

    fn row((claim, heartbeats): (i64, i64), lease: Duration) -> LeaseRow {
        let lease_millis = i64::try_from(lease.as_millis()).unwrap();
        LeaseRow { claim, heartbeats, lease_millis }
    }

    #[test]
    fn a_lease_is_over_once_its_holder_gave_no_sign_for_so_long() {
        let (leases, clock) = (Leases::default(), Clock::still(Timestamp::from_seconds(0), 1));
        let is_free = |heartbeat| {
            leases.is_free(&WORK, row(heartbeat, Duration::from_secs(45)), clock.monotonic())
        };
        let second = Duration::from_secs(1);

        assert!(!is_free((1, 1)));
        clock.pass(44 * second);
        assert!(!is_free((1, 1)));
        clock.pass(second);
        assert!(is_free((1, 1)));
        assert!(!is_free((1, 2)), "a heartbeat");
        clock.pass(45 * second);
        assert!(is_free((1, 1)), "the heartbeat was never committed");
        assert!(!is_free((2, 0)), "another holder");
    }

    #[test]
    fn a_row_that_is_released_is_free_at_once() {
        let (leases, clock) = (Leases::default(), Clock::still(Timestamp::from_seconds(0), 1));

        assert!(leases.is_free(&WORK, row((1, 1), Duration::ZERO), clock.monotonic()));
        assert!(!leases.is_free(&WORK, row((2, 1), Duration::from_secs(1)), clock.monotonic()));
    }

    #[test]
    fn a_step_of_the_wall_clock_ends_no_lease_and_prolongs_none() {
        let (leases, clock) =
            (Leases::default(), Clock::still(Timestamp::from_seconds(100_000), 1));
        let is_free =
            || leases.is_free(&WORK, row((1, 1), Duration::from_secs(45)), clock.monotonic());
        assert!(!is_free());

        clock.put(Timestamp::from_seconds(103_600));
        assert!(!is_free());
        clock.put(Timestamp::from_seconds(96_400));
        clock.pass(Duration::from_secs(45));

        assert!(is_free());
    }
}
