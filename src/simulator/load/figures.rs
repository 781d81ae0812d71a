//! The results of a load test: how many deliveries, how fast, and with what delay.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

/// The results of a load test, which are printed as JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Deliveries answered with a 2xx.
    pub acknowledged: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Acknowledged deliveries per second.
    pub per_second: f64,
    /// Half of the acknowledged deliveries took no longer than this, in milliseconds; `None` if
    /// there was none.
    pub p50_ms: Option<f64>,
    /// 99 of 100 acknowledged deliveries took no longer than this, in milliseconds.
    pub p99_ms: Option<f64>,
    /// Deliveries with another answer, by status.
    pub refused: BTreeMap<u16, u64>,
    /// Deliveries without an answer: no connection, a broken one, or nothing in time.
    pub errors: u64,
}

/// The counts of one connection.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    times: Times,
    refused: BTreeMap<u16, u64>,
    errors: u64,
}

impl Tally {
    /// Only an answer with a 2xx counts as acknowledged.
    pub fn answered(&mut self, status: u16, after: Duration) {
        match status {
            200..300 => self.times.add(after),
            _ => *self.refused.entry(status).or_default() += 1,
        }
    }

    pub fn failed(&mut self) {
        self.errors += 1;
    }

    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        self.times.merge(&other.times);
        for (status, count) in other.refused {
            *self.refused.entry(status).or_default() += count;
        }
        self.errors += other.errors;
        self
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of deliveries stays far below 2^52")]
    pub fn figures(self, took: Duration) -> Figures {
        let (acknowledged, seconds) = (self.times.count(), took.as_secs_f64());
        Figures {
            acknowledged,
            seconds,
            per_second: if seconds > 0.0 { acknowledged as f64 / seconds } else { 0.0 },
            p50_ms: self.times.percentile(50),
            p99_ms: self.times.percentile(99),
            refused: self.refused,
            errors: self.errors,
        }
    }
}

/// Microseconds, counted in buckets that are at most 1/64 of their value wide. This is exact
/// enough, and it needs the same few kilobytes after a minute and after a day.
#[derive(Clone, Debug)]
struct Times(Vec<u64>);

const STEPS: u64 = 64;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Longer times count as this one, which is about 67 seconds.
const LONGEST_MICROS: u64 = (1 << 26) - 1;

impl Default for Times {
    fn default() -> Self {
        Self(vec![0; bucket(LONGEST_MICROS) + 1])
    }
}

impl Times {
    fn add(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(LONGEST_MICROS).min(LONGEST_MICROS);
        self.0[bucket(micros)] += 1;
    }

    fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.0.iter_mut().zip(&other.0) {
            *ours += theirs;
        }
    }

    fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// In milliseconds: the upper end of the bucket that is reached.
    fn percentile(&self, percent: u64) -> Option<f64> {
        let wanted = (self.count() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let reached = |count: &u64| {
            seen += count;
            seen >= wanted
        };
        let bucket = self.0.iter().position(reached)?;
        Some(Duration::from_micros(longest_in(bucket)).as_secs_f64() * 1_000.0)
    }
}

/// Below 64 each microsecond has its own bucket; from there on each power of two has 64 buckets.
fn bucket(micros: u64) -> usize {
    let octave = micros.max(STEPS).ilog2() - STEP_BITS;
    let bucket = if micros < STEPS {
        micros
    } else {
        (u64::from(octave) + 1) * STEPS + ((micros >> octave) & (STEPS - 1))
    };
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

fn longest_in(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or(u64::MAX);
    match bucket.checked_sub(STEPS) {
        None => bucket,
        Some(above) => ((STEPS + above % STEPS + 1) << (above / STEPS)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_has_a_bucket_that_is_hardly_wider_than_itself() {
        for micros in (0..10_000).chain((0..26).map(|power| 1 << power)).chain([LONGEST_MICROS]) {
            let longest = longest_in(bucket(micros));
            assert!(micros <= longest && longest <= micros + micros / 64, "{micros} {longest}");
        }
        assert!(
            (1..LONGEST_MICROS).step_by(997).all(|micros| bucket(micros) <= bucket(micros + 1))
        );
    }

    #[test]
    fn half_are_faster_than_the_median() {
        let mut tally = Tally::default();
        (1..=100).for_each(|millis| tally.answered(200, Duration::from_millis(millis)));
        tally.answered(503, Duration::from_millis(1));
        tally.failed();

        let figures = tally.plus(Tally::default()).figures(Duration::from_secs(2));

        assert_eq!(
            (figures.acknowledged, figures.errors, figures.refused),
            (100, 1, BTreeMap::from([(503, 1)]))
        );
        assert!((figures.per_second - 50.0).abs() < 1e-9);
        assert!((50.0..51.0).contains(&figures.p50_ms.unwrap()), "{:?}", figures.p50_ms);
        assert!((99.0..101.0).contains(&figures.p99_ms.unwrap()), "{:?}", figures.p99_ms);
        assert_eq!(Tally::default().figures(Duration::ZERO).p50_ms, None);
    }
}
