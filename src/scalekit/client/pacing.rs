//! How fast Scalekit may be asked. It limits the calls a minute of a whole environment and says to nobody how many: the pace is
//! learned from its refusals, shared by everybody who asks, and probed again and again.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::clock::Monotonic;

const MINUTE: Duration = Duration::from_mins(1);
/// The first pause after a refusal that says nothing; it doubles with each one in a row.
const SHORTEST: Duration = Duration::from_millis(250);
/// However long Scalekit asks us to stay away, it is asked again after so long.
pub(super) const LONGEST: Duration = Duration::from_mins(15);
/// Refused for so long without one call that succeeds: nobody waits any longer.
const PATIENCE: Duration = Duration::from_hours(1);
/// The longest distance between two calls.
const SLOWEST: Duration = Duration::from_mins(1);
/// A shorter distance is none.
const FASTEST: Duration = Duration::from_millis(5);
/// Calls that are remembered.
const MOST: usize = 6_000;

/// The pace of an environment.
#[derive(Debug, Default)]
pub(super) struct Pacing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Between two calls.
    distance: Duration,
    /// When the next call may be made, by the pace.
    next: Option<Monotonic>,
    /// Nobody asks before.
    closed_until: Option<Monotonic>,
    /// Refusals since the last call that succeeded, and when the first and the last of them came.
    refusals: u32,
    refused_since: Option<Monotonic>,
    refused_at: Option<Monotonic>,
    /// When calls of the last minute succeeded.
    succeeded: VecDeque<Monotonic>,
}

impl Pacing {
    /// How long to stay away before the pace is asked for a turn.
    pub(super) fn closed_for(&self, now: Monotonic) -> Duration {
        self.state().closed_until.map(|until| until.since(now)).unwrap_or_default()
    }

    /// Takes the next turn: how long it is until it comes.
    pub(super) fn turn(&self, now: Monotonic) -> Duration {
        let mut state = self.state();
        let at = state.next.filter(|next| *next > now).unwrap_or(now);
        state.next = Some(at.plus(state.distance));
        at.since(now)
    }

    /// A call succeeded: the pace gets a little faster, and much faster where nothing was refused for a while.
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

    /// A call was refused: how long to stay away, `hint` being what Scalekit says. None: it was refused for too long.
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
        while self.succeeded.front().is_some_and(|at| now.since(*at) > MINUTE) || self.succeeded.len() > MOST {
            self.succeeded.pop_front();
        }
    }

    /// What went through in the last minute is what a minute allows.
    fn slow_down(&mut self) {
        let a_minute = u32::try_from(self.succeeded.len()).unwrap_or(u32::MAX).max(1);
        self.distance = (MINUTE / a_minute).mul_f64(1.05).max(self.distance.mul_f64(1.05)).min(SLOWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, domain::time::Timestamp};

    /// Makes so many calls against a limit for each minute; gives how long that takes, and how many were refused.
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

            assert!(took < least.mul_f64(1.6) + MINUTE * 2, "{a_minute} a minute: {took:?} instead of {least:?}");
            assert!(refused < wanted / 4 + 20, "{a_minute} a minute: {refused} of {wanted} refused");
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
