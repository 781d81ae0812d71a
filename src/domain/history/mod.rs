//! Seat history: what the numbers of an organization were at any time. A change point has the
//! numbers from a moment on; a daily roll-up has the largest numbers of a day, and what happened on
//! it. Days are those of UTC. The numbers of a day without a decision are those with which the day
//! before it ended.
//!
//! If the clock was set back, the same times come twice, and the later revisions count, as in
//! `as_of`.

mod chart;

use serde::{Deserialize, Serialize};

pub use self::chart::{HistoryMonth, HistoryRange, Step, every_day, exact_steps, months, steps};
use super::{
    decision::{Reason, Transition},
    directory_user::SeatState,
    organization::{SeatLimit, Usage},
    time::{Day, Timestamp},
};

/// The numbers of an organization from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePoint {
    pub at: Timestamp,
    pub revision: i64,
    pub usage: Usage,
}

/// A day with a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyRollup {
    pub day: Day,
    /// The revision of the last decision of the day.
    pub revision: i64,
    /// At the end of the day.
    pub usage: Usage,
    /// The largest numbers of the day, also what the day began with.
    pub most_used: i64,
    pub most_waiting: i64,
    pub most_over: i64,
    /// How often a person was put on the waitlist.
    pub blocked: i64,
    /// How often a person got a seat.
    pub admitted: i64,
}

impl DailyRollup {
    /// A day that begins with these numbers. Its decisions follow.
    pub fn begin(day: Day, revision: i64, before: Usage) -> Self {
        Self {
            day,
            revision,
            usage: before,
            most_used: before.used,
            most_waiting: before.waiting,
            most_over: before.over(),
            blocked: 0,
            admitted: 0,
        }
    }

    /// A day without a decision, after this one.
    #[must_use]
    pub fn carried(&self, day: Day) -> Self {
        Self::begin(day, self.revision, self.usage)
    }

    pub fn decided(&mut self, step: &Transition) {
        let change = |state| i64::from(step.to == state) - i64::from(step.from == Some(state));
        self.usage.limit = step.limit;
        self.usage.used = step.used_after();
        self.usage.waiting += change(SeatState::Blocked);
        self.note();
        // two rows of one person become one
        if step.reason != Reason::Merged {
            self.blocked += change(SeatState::Blocked).max(0);
            self.admitted += change(SeatState::Provisioned).max(0);
        }
    }

    pub fn limit_decided(&mut self, limit: SeatLimit, used: i64) {
        self.usage.limit = limit;
        self.usage.used = used;
        self.note();
    }

    /// The numbers after the last decision.
    pub fn end(&mut self, after: Usage) {
        self.usage = after;
    }

    fn note(&mut self) {
        self.most_used = self.most_used.max(self.usage.used);
        self.most_waiting = self.most_waiting.max(self.usage.waiting);
        self.most_over = self.most_over.max(self.usage.over());
    }
}

/// A row of the history, with its time and the revision of its last decision.
pub trait Recorded {
    fn number(&self) -> (i64, i64);
}

impl Recorded for ChangePoint {
    fn number(&self) -> (i64, i64) {
        (self.at.nanos(), self.revision)
    }
}

impl Recorded for DailyRollup {
    fn number(&self) -> (i64, i64) {
        (self.day.number(), self.revision)
    }
}

/// The rows that count, in order of time: without those of a time that came again after the clock
/// was set back.
pub fn counting<T: Recorded>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort_by_key(|row| std::cmp::Reverse(row.number().1));
    let mut earliest = i64::MAX;
    rows.retain(|row| {
        let counts = row.number().0 <= earliest;
        earliest = earliest.min(row.number().0);
        counts
    });
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DirectoryUserId;

    fn usage(used: i64, waiting: i64) -> Usage {
        Usage { limit: SeatLimit::Seats(2), used, waiting }
    }

    fn step(from: Option<SeatState>, to: SeatState, reason: Reason, taken: i64) -> Transition {
        let user = DirectoryUserId::new("diruser_1");
        Transition { user, from, to, reason, limit: SeatLimit::Seats(2), used: taken, place: None }
    }

    #[test]
    fn a_day_keeps_its_largest_numbers_and_counts_who_was_blocked_and_admitted() {
        let (has, waits, gone) = (SeatState::Provisioned, SeatState::Blocked, SeatState::Removed);
        let mut day = DailyRollup::begin(Day::new(1), 7, usage(1, 0));

        day.decided(&step(None, has, Reason::SeatFree, 1));
        day.decided(&step(None, waits, Reason::SeatsTaken, 2));
        day.decided(&step(Some(has), gone, Reason::Deleted, 2));
        day.decided(&step(Some(waits), has, Reason::NextOnWaitlist, 1));
        day.limit_decided(SeatLimit::Seats(0), 2);
        day.decided(&step(Some(has), gone, Reason::Deleted, 2));
        day.end(Usage { limit: SeatLimit::Seats(0), used: 1, waiting: 0 });

        assert_eq!((day.most_used, day.most_waiting, day.most_over), (2, 1, 2));
        assert_eq!((day.blocked, day.admitted), (1, 2));
        assert_eq!(day.carried(Day::new(3)).most_over, 1, "the next day begins over the limit");
    }

    #[test]
    fn a_merged_placeholder_is_not_a_person_who_was_blocked_or_admitted() {
        let mut day = DailyRollup::begin(Day::new(1), 7, usage(2, 1));

        day.decided(&step(Some(SeatState::Blocked), SeatState::Removed, Reason::Merged, 2));
        day.decided(&step(Some(SeatState::Inactive), SeatState::Blocked, Reason::Merged, 2));

        assert_eq!((day.usage.waiting, day.blocked, day.admitted), (1, 0, 0));
    }

    #[test]
    fn a_time_that_came_again_counts_once() {
        let point = |at, revision| ChangePoint {
            at: Timestamp::from_seconds(at),
            revision,
            usage: Usage::default(),
        };
        let rows = vec![point(10, 1), point(50, 2), point(20, 3), point(20, 4), point(60, 5)];

        let revisions: Vec<_> = counting(rows).iter().map(|point| point.revision).collect();

        assert_eq!(revisions, [1, 3, 4, 5]);
    }
}
