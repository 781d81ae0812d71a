//! Leases on work, judged by heartbeats and not by the wall clock. The holder increases a number; a
//! process that has seen the same number for as long as the lease lasts, by its own monotonic
//! clock, may take the work over. A step of the wall clock, on this machine or another, changes
//! nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::clock::Monotonic;

/// With this many names all of them are forgotten and observed again.
const MOST: usize = 10_000;

/// What this process has seen of leases. Cheap to clone; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Leases(Arc<Mutex<HashMap<String, Seen>>>);

/// A heartbeat: the holder, as a number that grows with each holder, and the number of its
/// heartbeats.
pub type Heartbeat = (i64, i64);

#[derive(Clone, Copy, Debug)]
struct Seen {
    heartbeat: Heartbeat,
    since: Monotonic,
}

impl Leases {
    /// Records the current heartbeat; returns for how long this process has seen no newer one.
    pub fn unchanged(&self, name: &str, heartbeat: Heartbeat, now: Monotonic) -> Duration {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // a heartbeat older than the known one comes from a transaction that was rolled back
        if let Some(seen) = all.get(name).filter(|seen| heartbeat <= seen.heartbeat) {
            return now.since(seen.since);
        }
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(name.to_owned(), Seen { heartbeat, since: now });
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, domain::time::Timestamp};

    #[test]
    fn a_lease_is_over_once_its_holder_gave_no_sign_for_so_long() {
        let (leases, clock) = (Leases::default(), Clock::still(Timestamp::from_seconds(0), 1));
        let seen = |heartbeat| leases.unchanged("run", heartbeat, clock.monotonic());

        assert_eq!(seen((1, 1)), Duration::ZERO);
        clock.pass(Duration::from_secs(30));
        assert_eq!(seen((1, 1)), Duration::from_secs(30));
        assert_eq!(seen((1, 2)), Duration::ZERO, "a heartbeat");
        clock.pass(Duration::from_secs(20));
        assert_eq!(seen((1, 1)), Duration::from_secs(20), "one that was never committed");
        assert_eq!(seen((2, 0)), Duration::ZERO, "another holder");
    }

    #[test]
    fn a_step_of_the_wall_clock_ends_no_lease_and_prolongs_none() {
        let (leases, clock) =
            (Leases::default(), Clock::still(Timestamp::from_seconds(100_000), 1));
        leases.unchanged("run", (1, 1), clock.monotonic());

        clock.put(Timestamp::from_seconds(103_600));
        assert_eq!(leases.unchanged("run", (1, 1), clock.monotonic()), Duration::ZERO);
        clock.put(Timestamp::from_seconds(96_400));
        clock.pass(Duration::from_secs(45));

        assert_eq!(leases.unchanged("run", (1, 1), clock.monotonic()), Duration::from_secs(45));
    }
}
