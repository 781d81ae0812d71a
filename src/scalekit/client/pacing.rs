//! How fast we may call Scalekit. Scalekit limits the calls per minute of an environment and does
//! not publish the limit. The pace is learned from its refusals and shared by all callers, and it
//! rises again while calls succeed.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::clock::Monotonic;

const MINUTE: Duration = Duration::from_mins(1);
/// The pause after the first refusal. It doubles with each refusal in a row, up to a minute.
/// `Retry-After` and the pace can make a pause longer.
const SHORTEST: Duration = Duration::from_millis(250);
/// The longest pause, even if Scalekit asks for a longer one.
pub(super) const LONGEST: Duration = Duration::from_mins(15);
/// A call fails if Scalekit refuses for this long without one call that succeeds.
const PATIENCE: Duration = Duration::from_hours(1);
/// The longest distance between two calls.
const SLOWEST: Duration = Duration::from_mins(1);
/// A distance shorter than this becomes zero.
const FASTEST: Duration = Duration::from_millis(5);
/// How many successful calls are remembered at most.
const MOST: usize = 6_000;

/// The pace of an environment.
#[derive(Debug, Default)]
pub(super) struct Pacing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The time between two calls.
    distance: Duration,
    /// When the pace allows the next call.
    next: Option<Monotonic>,
    /// No call is made before this time.
    closed_until: Option<Monotonic>,
    /// The number of refusals since the last call that succeeded, the time of the first of them,
    /// and the time of the last refusal of all.
    refusals: u32,
    refused_since: Option<Monotonic>,
    refused_at: Option<Monotonic>,
    /// When the calls of the last minute succeeded.
    succeeded: VecDeque<Monotonic>,
}

impl Pacing {
    /// How long the pause after a refusal still lasts.
    pub(super) fn closed_for(&self, now: Monotonic) -> Duration {
        self.state().closed_until.map(|until| until.since(now)).unwrap_or_default()
    }

    /// Reserves the next call; returns how long to wait for it.
    pub(super) fn turn(&self, now: Monotonic) -> Duration {
        let mut state = self.state();
        let at = state.next.filter(|next| *next > now).unwrap_or(now);
        state.next = Some(at.plus(state.distance));
        at.since(now)
    }

    /// Records a call that succeeded. The pace gets a little faster, and much faster if no call was
    /// refused in the last minute.
    pub(super) fn succeeded(&self, now: Monotonic) {
        let mut state = self.state();
        (state.refusals, state.refused_since) = (0, None);
        state.succeeded.push_back(now);
        state.forget(now);
        let is_long_ago = state.refused_at.is_none_or(|at| now.since(at) > MINUTE);
        state.distance = state.distance.mul_f64(if is_long_ago { 0.8 } else { 0.98 });
        if state.distance < FASTEST {
            state.distance = Duration::ZERO;
        }
    }

    /// Records a call that was refused; returns how long to wait. `hint` is the `Retry-After` of
    /// the answer. Returns `None` if calls have been refused for too long.
    pub(super) fn refused(&self, now: Monotonic, hint: Option<Duration>) -> Option<Duration> {
        let mut state = self.state();
        let since = *state.refused_since.get_or_insert(now);
        if now.since(since) >= PATIENCE {
            (state.refusals, state.refused_since) = (0, None);
            return None;
        }
        state.forget(now);
        if state.refusals == 0 {
            state.slow_down();
        }
        let doubled = SHORTEST * 2_u32.pow(state.refusals.min(10));
        state.refusals += 1;
        state.refused_at = Some(now);
        let away = match hint {
            Some(hint) => hint.max(doubled.min(MINUTE)).min(LONGEST),
            None => doubled.max(state.distance).min(MINUTE),
        };
        state.closed_until = Some(now.plus(away));
        Some(away)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, now: Monotonic) {
        while self.succeeded.front().is_some_and(|at| now.since(*at) > MINUTE)
            || self.succeeded.len() > MOST
        {
            self.succeeded.pop_front();
        }
    }

    /// Assumes that a minute allows as many calls as succeeded in the last minute.
    fn slow_down(&mut self) {
        let a_minute = u32::try_from(self.succeeded.len()).unwrap_or(u32::MAX).max(1);
        self.distance =
            (MINUTE / a_minute).mul_f64(1.05).max(self.distance.mul_f64(1.05)).min(SLOWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, domain::time::Timestamp};

    /// Makes `wanted` calls against a limit of `a_minute` calls per minute; returns how long that
    /// takes and how many calls were refused.
    fn calls(wanted: usize, a_minute: usize, counts_refusals: bool) -> (Duration, usize) {
        let (pacing, clock) = (Pacing::default(), Clock::still(Timestamp::from_seconds(0), 1));
        let start = clock.monotonic();
        let (mut window, mut made, mut refused) = (VecDeque::new(), 0, 0);
        while made < wanted {
            clock.pass(pacing.closed_for(clock.monotonic()));
            clock.pass(pacing.turn(clock.monotonic()));
            let now = clock.monotonic();
            window.retain(|at: &Monotonic| now.since(*at) < MINUTE);
            if window.len() < a_minute {
                window.push_back(now);
                pacing.succeeded(now);
                made += 1;
            } else {
                if counts_refusals {
                    window.pop_front();
                    window.push_back(now);
                }
                refused += 1;
                pacing.refused(now, None).expect("it goes on");
            }
            clock.pass(Duration::from_millis(1));
        }
        (clock.monotonic().since(start), refused)
    }

    #[test]
    fn the_pace_of_a_limit_is_found() {
        for (wanted, a_minute) in [(100, 6), (1_000, 60), (6_000, 600)] {
            let least = MINUTE * u32::try_from(wanted / a_minute).unwrap();
            let (took, refused) = calls(wanted, a_minute, false);

            assert!(
                took < least.mul_f64(1.6) + MINUTE * 2,
                "{a_minute} a minute: {took:?} instead of {least:?}"
            );
            assert!(
                refused < wanted / 4 + 20,
                "{a_minute} a minute: {refused} of {wanted} refused"
            );
        }
    }

    #[test]
    fn a_limit_that_counts_refusals_too_is_no_prison() {
        let (took, _) = calls(60, 6, true);

        assert!(took < MINUTE * 40, "{took:?}");
    }

    #[test]
    fn a_hint_is_followed_within_bounds() {
        let now = Clock::still(Timestamp::from_seconds(0), 1).monotonic();
        let away = |hint| Pacing::default().refused(now, Some(hint)).unwrap();

        assert_eq!(away(Duration::from_secs(20)), Duration::from_secs(20));
        assert_eq!(away(Duration::ZERO), SHORTEST);
        assert_eq!(away(Duration::from_hours(9_000)), LONGEST);
    }

    #[test]
    fn patience_ends_after_an_hour_of_nothing_but_refusals() {
        let (pacing, clock) = (Pacing::default(), Clock::still(Timestamp::from_seconds(0), 1));
        let start = clock.monotonic();
        while let Some(away) = pacing.refused(clock.monotonic(), None) {
            clock.pass(away);
        }

        let waited = clock.monotonic().since(start);
        assert!(waited >= PATIENCE && waited <= PATIENCE + MINUTE, "{waited:?}");
    }
}
