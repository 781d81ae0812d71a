//! The only place that asks the machine for the time or for randomness; everybody else is handed a [`Clock`].
#![expect(clippy::disallowed_methods, reason = "this is the place")]

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};

use crate::domain::time::Timestamp;

/// Time and chance. Cheap to clone; clones share both.
#[derive(Clone, Debug)]
pub struct Clock {
    time: Time,
    chance: Arc<Mutex<StdRng>>,
}

#[derive(Clone, Debug)]
enum Time {
    Machine,
    /// Stands still until it is moved.
    Still(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's time and randomness.
    pub fn machine() -> Self {
        Self { time: Time::Machine, chance: Arc::new(Mutex::new(StdRng::from_os_rng())) }
    }

    /// A clock that stands at `now` until it is moved, with chance that repeats.
    pub fn still(now: Timestamp, seed: u64) -> Self {
        Self { time: Time::Still(Arc::new(AtomicI64::new(now.nanos()))), chance: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))) }
    }

    pub fn now(&self) -> Timestamp {
        match &self.time {
            Time::Machine => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
            }
            Time::Still(nanos) => Timestamp::from_nanos(nanos.load(Ordering::Relaxed)),
        }
    }

    /// Moves a clock that stands still; the machine's goes by itself.
    pub fn pass(&self, span: Duration) {
        if let Time::Still(nanos) = &self.time {
            nanos.fetch_add(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }

    /// Waits for so long. A clock that stands still is moved on instead, and nobody waits.
    pub async fn rest(&self, span: Duration) {
        match self.time {
            Time::Machine => tokio::time::sleep(span).await,
            Time::Still(_) => {
                self.pass(span);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Puts a clock that stands still somewhere else, back or ahead; the machine's is not ours to put.
    pub fn put(&self, now: Timestamp) {
        if let Time::Still(nanos) = &self.time {
            nanos.store(now.nanos(), Ordering::Relaxed);
        }
    }

    /// A new id: `prefix_` and 26 characters that sort by time.
    pub fn id<T: From<String>>(&self, prefix: &str) -> T {
        let millis = u64::try_from(self.now().nanos() / 1_000_000).unwrap_or(0);
        let mut random = [0; 16];
        self.fill(&mut random);
        let random = u128::from_be_bytes(random);
        T::from(format!("{prefix}_{}", ulid::Ulid::from_parts(millis, random).to_string().to_lowercase()))
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        self.chance().fill_bytes(bytes);
    }

    /// `span` made up to a fifth longer or shorter, so that many do not come back at once.
    pub fn jittered(&self, span: Duration) -> Duration {
        span.mul_f64(self.chance().random_range(0.8..1.2))
    }

    /// Some part of `span`.
    pub fn within(&self, span: Duration) -> Duration {
        span.mul_f64(self.chance().random_range(0.0..1.0))
    }

    fn chance(&self) -> MutexGuard<'_, StdRng> {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long something takes, whatever the clock says.
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
