//! Reclaim: who holds a seat and seems not to use it. These are suggestions; a person decides.
//!
//! Two facts speak for a suggestion: usage signals of the product, and the groups of a person. Both
//! must be true for a number of days, and both count only where they can mean something: signals
//! while they arrive, groups while other people of the organization hold seats through them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::time::{Day, Timestamp};

/// What is known about the usage signals of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownUsage {
    /// The earliest use that a signal told of: before it, the product may have counted nothing.
    pub since: Timestamp,
    /// When signals came last.
    pub heard_at: Timestamp,
}

/// When people are suggested, in one organization and at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReclaimRule {
    pub now: Timestamp,
    /// After how long without use.
    pub after: Duration,
    /// `None`: no signal ever came.
    pub usage: Option<KnownUsage>,
    /// Some person of the organization is in a group and holds a seat.
    pub has_seats_by_groups: bool,
}

/// What is known about a person who holds a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatUse {
    pub seat_since: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// When the person left the last group; `None`: the person is in a group, or never was.
    pub left_groups_at: Option<Timestamp>,
    /// When an admin ignored the suggestion.
    pub ignored_at: Option<Timestamp>,
}

/// Why a person seems not to use the seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnusedReason {
    LastUsed(Timestamp),
    /// Has the seat since this time, and no signal ever named the person.
    NeverUsed(Timestamp),
    /// Is in no group any more, since this time.
    LeftGroups(Timestamp),
}

impl ReclaimRule {
    /// What happened later than this counts as use.
    pub fn cutoff(&self) -> Timestamp {
        self.now.minus(self.after)
    }

    /// Whether signals count: they arrive. Where they stopped, no person would have used anything.
    pub fn signals_count(&self) -> bool {
        self.usage.is_some_and(|usage| usage.heard_at > self.cutoff())
    }

    /// Whether it means something that no signal named a person: the product has counted for long
    /// enough.
    pub fn silence_counts(&self) -> bool {
        self.signals_count() && self.usage.is_some_and(|usage| usage.since <= self.cutoff())
    }

    /// Why the person is suggested; empty: the person is not.
    pub fn reasons(&self, seat: &SeatUse) -> Vec<UnusedReason> {
        if seat.idle_since() > self.cutoff() || seat.is_ignored() {
            return Vec::new();
        }
        let by_signals = match seat.last_used_at {
            Some(at) => self.signals_count().then_some(UnusedReason::LastUsed(at)),
            None => self.silence_counts().then_some(UnusedReason::NeverUsed(seat.seat_since)),
        };
        let left =
            seat.left_groups_at.filter(|at| self.has_seats_by_groups && *at <= self.cutoff());
        by_signals.into_iter().chain(left.map(UnusedReason::LeftGroups)).collect()
    }
}

impl SeatUse {
    /// Since when the person is not known to use the seat: the last use, or the beginning of the
    /// seat if that is later.
    pub fn idle_since(&self) -> Timestamp {
        self.last_used_at.map_or(self.seat_since, |used| used.max(self.seat_since))
    }

    /// An ignored suggestion stays ignored until the person uses the product later than that, or
    /// gets a new seat later than that.
    pub fn is_ignored(&self) -> bool {
        self.ignored_at.is_some_and(|at| at >= self.idle_since())
    }
}

impl UnusedReason {
    /// `Last used on 12 Aug, 109 days ago`.
    pub fn sentence(self, now: Timestamp) -> String {
        let ago = |at: Timestamp| Day::of(now).since(Day::of(at));
        let on = |at: Timestamp| Day::of(at).words(now);
        match self {
            Self::LastUsed(at) => format!("Last used on {}, {} days ago", on(at), ago(at)),
            Self::NeverUsed(since) => {
                format!(
                    "Never used since the seat was given on {}, {} days ago",
                    on(since),
                    ago(since)
                )
            }
            Self::LeftGroups(at) => format!("In no group since {}, for {} days", on(at), ago(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    /// So many days before now.
    fn ago(days: u32) -> Timestamp {
        now().minus(DAY * days)
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-29T12:00:00Z").unwrap()
    }

    /// Signals arrive daily, and tell of the last two hundred days.
    fn rule() -> ReclaimRule {
        let usage = KnownUsage { since: ago(200), heard_at: ago(1) };
        ReclaimRule { now: now(), after: DAY * 60, usage: Some(usage), has_seats_by_groups: true }
    }

    fn seat(days: u32) -> SeatUse {
        let (last_used_at, left_groups_at, ignored_at) = (None, None, None);
        SeatUse { seat_since: ago(days), last_used_at, left_groups_at, ignored_at }
    }

    fn used(seat_days: u32, days: u32) -> SeatUse {
        SeatUse { last_used_at: Some(ago(days)), ..seat(seat_days) }
    }

    fn is_suggested(seat: &SeatUse) -> bool {
        !rule().reasons(seat).is_empty()
    }

    #[test]
    fn a_seat_is_unused_from_the_last_day_on() {
        assert_eq!(rule().reasons(&used(100, 60)), [UnusedReason::LastUsed(ago(60))]);
        assert_eq!(rule().reasons(&used(100, 59)), []);
        assert_eq!(rule().reasons(&seat(60)), [UnusedReason::NeverUsed(ago(60))]);
        assert_eq!(rule().reasons(&seat(59)), []);
    }

    #[test]
    fn a_person_who_came_back_has_the_time_of_a_new_seat() {
        assert!(!is_suggested(&used(10, 100)), "has the seat for ten days only");
        assert_eq!(rule().reasons(&used(70, 100)), [UnusedReason::LastUsed(ago(100))]);
    }

    #[test]
    fn signals_count_only_while_they_arrive() {
        let heard = |days| KnownUsage { since: ago(200), heard_at: ago(days) };
        for (usage, counts) in [(None, false), (Some(heard(60)), false), (Some(heard(59)), true)] {
            let rule = ReclaimRule { usage, ..rule() };
            assert_eq!(!rule.reasons(&used(100, 100)).is_empty(), counts, "{usage:?}");
            assert_eq!(!rule.reasons(&seat(100)).is_empty(), counts, "{usage:?}");
        }
    }

    #[test]
    fn silence_says_nothing_before_the_product_counts() {
        let usage = Some(KnownUsage { since: ago(59), heard_at: ago(1) });
        let rule = ReclaimRule { usage, ..rule() };
        assert_eq!(rule.reasons(&seat(100)), []);
        assert_eq!(rule.reasons(&used(100, 90)), [UnusedReason::LastUsed(ago(90))]);
    }

    #[test]
    fn a_person_without_groups_is_suggested_where_others_hold_seats_through_groups() {
        let left = |days| SeatUse { left_groups_at: Some(ago(days)), ..seat(100) };
        let without_signals = ReclaimRule { usage: None, ..rule() };
        assert_eq!(without_signals.reasons(&left(60)), [UnusedReason::LeftGroups(ago(60))]);
        assert_eq!(without_signals.reasons(&left(59)), []);
        assert_eq!(without_signals.reasons(&seat(100)), [], "was never in a group");
        let without_groups = ReclaimRule { has_seats_by_groups: false, ..without_signals };
        assert_eq!(without_groups.reasons(&left(60)), []);
        let used = SeatUse { last_used_at: Some(ago(3)), ..left(90) };
        assert_eq!(rule().reasons(&used), [], "who uses the seat needs no group");
        let both = [UnusedReason::NeverUsed(ago(100)), UnusedReason::LeftGroups(ago(90))];
        assert_eq!(rule().reasons(&left(90)), both);
    }

    #[test]
    fn an_ignored_suggestion_comes_back_after_a_later_use_or_a_new_seat() {
        let ignored = |at, seat| SeatUse { ignored_at: Some(ago(at)), ..seat };
        assert!(!is_suggested(&ignored(0, used(300, 200))));
        assert!(!is_suggested(&ignored(190, seat(200))));
        assert!(is_suggested(&ignored(190, used(300, 100))), "used later, and then no more");
        assert!(is_suggested(&ignored(190, seat(100))), "another seat");
        assert!(!is_suggested(&ignored(190, used(300, 20))), "used lately");
    }

    #[test]
    fn a_reason_is_a_sentence() {
        let sentence = |reason: UnusedReason| reason.sentence(now());
        assert_eq!(sentence(UnusedReason::LastUsed(ago(109))), "Last used on 12 Aug, 109 days ago");
        assert_eq!(
            sentence(UnusedReason::NeverUsed(ago(365))),
            "Never used since the seat was given on 29 Nov 2025, 365 days ago"
        );
        assert_eq!(
            sentence(UnusedReason::LeftGroups(ago(60))),
            "In no group since 30 Sep, for 60 days"
        );
    }
}
