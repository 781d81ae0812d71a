//! One limit: it allows a number of attempts at once, and then one more each time a span has
//! passed. It is stored as a single number: the time at which all attempts are free again (the
//! "generic cell rate algorithm").

use std::time::Duration;

use crate::domain::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many attempts are allowed at once.
    pub burst: u32,
    /// The time after which one more attempt is allowed.
    pub every: Duration,
}

impl Quota {
    pub const fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every }
    }

    /// Takes one attempt. Gives the time at which all attempts are free again, or the time of the
    /// next free attempt as an error.
    pub fn take(self, full_at: Timestamp, now: Timestamp) -> Result<Timestamp, Timestamp> {
        let (full_at, most) = (self.sane(full_at, now), self.every.saturating_mul(self.burst));
        let taken = full_at.plus(self.every);
        if taken > now.plus(most) { Err(taken.minus(most)) } else { Ok(taken) }
    }

    /// Gives one attempt back.
    pub fn give_back(self, full_at: Timestamp, now: Timestamp) -> Timestamp {
        self.sane(full_at, now).minus(self.every).max(now)
    }

    /// If the clock was set back, a limit still lasts no longer than usual.
    fn sane(self, full_at: Timestamp, now: Timestamp) -> Timestamp {
        full_at.clamp(now, now.plus(self.every.saturating_mul(self.burst)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::property::cases;

    const QUOTA: Quota = Quota::new(3, Duration::from_secs(10));
    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn second(n: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(n))
    }

    #[test]
    fn so_many_at_once_then_one_each_time_a_span_has_passed() {
        let mut full_at = Timestamp::NEVER;
        for _ in 0..3 {
            full_at = QUOTA.take(full_at, NOW).unwrap();
        }

        assert_eq!(QUOTA.take(full_at, NOW), Err(second(10)));
        assert_eq!(QUOTA.take(full_at, second(9)), Err(second(10)));
        full_at = QUOTA.take(full_at, second(10)).unwrap();
        assert_eq!(QUOTA.take(full_at, second(10)), Err(second(20)));
        assert_eq!(QUOTA.take(full_at, second(100)), Ok(second(110)), "all are free again");
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut full_at = Timestamp::NEVER;
        for _ in 0..3 {
            full_at = QUOTA.take(full_at, NOW).unwrap();
        }

        full_at = QUOTA.give_back(full_at, NOW);
        full_at = QUOTA.take(full_at, NOW).unwrap();
        assert!(QUOTA.take(full_at, NOW).is_err());
        assert_eq!(QUOTA.give_back(Timestamp::NEVER, NOW), NOW, "never more than there are");
    }

    #[test]
    fn a_clock_that_is_put_back_locks_for_no_longer_than_one_span() {
        let full_at = QUOTA.take(second(3_600), second(3_600)).unwrap();

        assert_eq!(QUOTA.take(full_at, NOW), Err(second(10)));
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn never_more_than_the_burst_and_one_for_each_span(
            gaps in prop::collection::vec(0_u64..30, 1..200),
        ) {
            let (mut full_at, mut now, mut taken) = (Timestamp::NEVER, 0, 0);
            for gap in gaps {
                now += gap;
                if let Ok(next) = QUOTA.take(full_at, second(now)) {
                    full_at = next;
                    taken += 1;
                }
            }
            prop_assert!(taken <= 3 + now / 10, "{taken} within {now} s");
        }
    }
}
