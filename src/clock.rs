//! The only module that reads the system clock and the system's randomness; all other code takes a
//! [`Clock`].
#![expect(clippy::disallowed_methods, reason = "this is the place")]

use std::{
    fmt,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rand::{
    Rng, RngCore, SeedableRng, TryRngCore,
    rngs::{OsRng, StdRng},
};
use ulid::Ulid;

use crate::domain::{id::OwnId, time::Timestamp};

/// Time and randomness. Cheap to clone; clones share both.
#[derive(Clone, Debug)]
pub struct Clock {
    time: Time,
    chance: Arc<Mutex<StdRng>>,
    last_id: Arc<Mutex<Ulid>>,
}

#[derive(Clone, Debug)]
enum Time {
    Machine,
    /// Does not advance until the test moves it.
    Still(Arc<Still>),
}

#[derive(Debug)]
struct Still {
    /// The wall-clock time.
    now: AtomicI64,
    /// The time that has passed, whatever the wall clock is set to.
    passed: AtomicI64,
}

/// A moment of this process that no step of the wall clock moves. It is used for waiting and for
/// health checks, and means nothing to another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Monotonic(Duration);

impl Monotonic {
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Gives new ids: `DeliveryId::generate(&clock)`.
pub trait Generate: OwnId {
    fn generate(clock: &Clock) -> Self {
        clock.unique_name(Self::PREFIX).into()
    }
}

impl<T: OwnId> Generate for T {}

impl Clock {
    /// The system's time and randomness.
    pub fn machine() -> Self {
        Self {
            time: Time::Machine,
            chance: Arc::new(Mutex::new(StdRng::from_os_rng())),
            last_id: Arc::default(),
        }
    }

    /// A clock that stands at `now` until it is moved, with randomness that repeats for the same
    /// seed.
    pub fn still(now: Timestamp, seed: u64) -> Self {
        let still = Still { now: AtomicI64::new(now.nanos()), passed: AtomicI64::new(0) };
        Self {
            time: Time::Still(Arc::new(still)),
            chance: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
            last_id: Arc::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        match &self.time {
            Time::Machine => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
            }
            Time::Still(still) => Timestamp::from_nanos(still.now.load(Ordering::Relaxed)),
        }
    }

    /// The time that has passed. A step of the wall clock does not change it.
    pub fn monotonic(&self) -> Monotonic {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match &self.time {
            Time::Machine => Monotonic(START.elapsed()),
            Time::Still(still) => {
                let passed = u64::try_from(still.passed.load(Ordering::Relaxed)).unwrap_or(0);
                Monotonic(Duration::from_nanos(passed))
            }
        }
    }

    /// Moves a test clock forward; the system clock is not affected.
    pub fn pass(&self, span: Duration) {
        if let Time::Still(still) = &self.time {
            let nanos = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
            still.now.fetch_add(nanos, Ordering::Relaxed);
            still.passed.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    /// Waits for `span`. A test clock is moved forward instead, and the call does not wait.
    pub async fn rest(&self, span: Duration) {
        match self.time {
            Time::Machine => tokio::time::sleep(span).await,
            Time::Still(_) => {
                self.pass(span);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Sets the wall clock of a test clock, back or ahead, while no time passes; the system clock
    /// is not affected.
    pub fn put(&self, now: Timestamp) {
        if let Time::Still(still) = &self.time {
            still.now.store(now.nanos(), Ordering::Relaxed);
        }
    }

    /// A new name: `prefix_` and 26 characters that sort by creation. Names of one process keep
    /// their order within a millisecond, and while the clock is set back.
    pub fn unique_name(&self, prefix: &str) -> String {
        let millis = u64::try_from(self.now().nanos() / 1_000_000).unwrap_or(0);
        let mut random = [0; 16];
        self.fill(&mut random);
        let fresh = Ulid::from_parts(millis, u128::from_be_bytes(random));
        let mut last = self.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        *last = if fresh.timestamp_ms() > last.timestamp_ms() {
            fresh
        } else {
            last.increment().unwrap_or(fresh)
        };
        format!("{prefix}_{}", last.to_string().to_lowercase())
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        self.chance().fill_bytes(bytes);
    }

    /// `span` made up to a fifth longer or shorter, so that many retries do not happen at the same
    /// time.
    pub fn jittered(&self, span: Duration) -> Duration {
        span.mul_f64(self.chance().random_range(0.8..1.2))
    }

    /// A random part of `span`.
    pub fn within(&self, span: Duration) -> Duration {
        span.mul_f64(self.chance().random_range(0.0..1.0))
    }

    fn chance(&self) -> MutexGuard<'_, StdRng> {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes from the operating system that no person and no program can guess. They are for secrets,
/// and are not repeatable in tests.
pub fn secret_bytes<const N: usize>() -> Result<[u8; N], impl fmt::Display> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map(|()| bytes)
}

/// Measures how long something takes, also while the clock is a test clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AuditEntryId;

    #[test]
    fn a_step_of_the_wall_clock_is_no_time_that_passes() {
        let clock = Clock::still(Timestamp::from_seconds(1_000), 1);
        let before = clock.monotonic();

        clock.put(Timestamp::from_seconds(5_000));
        clock.pass(Duration::from_secs(3));
        clock.put(Timestamp::from_seconds(10));

        assert_eq!(clock.monotonic().since(before), Duration::from_secs(3));
        assert_eq!(before.since(clock.monotonic()), Duration::ZERO);
        assert_eq!(before.plus(Duration::from_secs(3)), clock.monotonic());
    }

    #[test]
    fn ids_sort_by_creation_within_a_millisecond_and_after_a_step_back() {
        let clock = Clock::still(Timestamp::from_seconds(1_000), 1);
        let mut ids: Vec<_> = (0..100).map(|_| AuditEntryId::generate(&clock)).collect();
        clock.put(Timestamp::from_seconds(10));
        ids.extend((0..100).map(|_| AuditEntryId::generate(&clock)));
        clock.put(Timestamp::from_seconds(2_000));
        ids.push(AuditEntryId::generate(&clock));

        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert!(ids.iter().all(|id| id.as_str().starts_with("aud_")), "{ids:?}");
    }
}
