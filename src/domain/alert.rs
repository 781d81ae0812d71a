//! Alert episodes: an episode begins when a condition becomes true, tells everybody once, and ends when it is false.

use serde::{Deserialize, Serialize};

use super::organization::{SeatLimit, Usage};

/// What an organization's people or our staff are told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Somebody was blocked by a limit; ends when nobody waits. For the tenant's admins.
    SeatLimitReached,
    /// Somebody waits and nobody has set a limit yet. For staff; the tenant hears nothing.
    LimitNotSet,
    /// The organization could not be compared with its directory; ends with the next comparison that works. For staff.
    ResyncFailed,
}

impl AlertKind {
    pub const ALL: [Self; 3] = [Self::SeatLimitReached, Self::LimitNotSet, Self::ResyncFailed];
    /// Those that the numbers alone begin and end.
    pub const BY_USAGE: [Self; 2] = [Self::SeatLimitReached, Self::LimitNotSet];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeatLimitReached => "seat_limit_reached",
            Self::LimitNotSet => "limit_not_set",
            Self::ResyncFailed => "resync_failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether the condition holds for an organization with these numbers.
    pub fn holds(self, usage: &Usage) -> bool {
        let not_set = usage.limit == SeatLimit::NotSet;
        match self {
            Self::SeatLimitReached => usage.waiting > 0 && !not_set,
            Self::LimitNotSet => usage.waiting > 0 && not_set,
            Self::ResyncFailed => false, // numbers say nothing about it
        }
    }
}

/// What our staff are told about Seatkeeper itself, whatever the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseAlert {
    /// There are dead letters; ends when none is left.
    DeadLetters,
    /// A stored number is not what its rows say; ends when a check finds nothing any more.
    Drift,
    /// Where every seat is taken, deliveries no longer come to a decision.
    EnforcementSilent,
}

impl HouseAlert {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeadLetters => "dead_letters",
            Self::Drift => "drift",
            Self::EnforcementSilent => "enforcement_silent",
        }
    }
}

/// An episode's beginning or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Begins(AlertKind),
    Ends(AlertKind),
}

/// What begins and what ends, given the episodes that are open and the numbers as they are now.
pub fn turns(open: &[AlertKind], usage: &Usage) -> Vec<Turn> {
    let turn = |kind: AlertKind| match (open.contains(&kind), kind.holds(usage)) {
        (false, true) => Some(Turn::Begins(kind)),
        (true, false) => Some(Turn::Ends(kind)),
        (true, true) | (false, false) => None,
    };
    AlertKind::BY_USAGE.into_iter().filter_map(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(limit: SeatLimit, waiting: i64) -> Usage {
        Usage { limit, used: 5, waiting }
    }

    #[test]
    fn an_episode_begins_once_and_ends_when_nobody_waits() {
        let full = SeatLimit::Seats(5);
        assert_eq!(turns(&[], &usage(full, 1)), [Turn::Begins(AlertKind::SeatLimitReached)]);
        assert_eq!(turns(&[AlertKind::SeatLimitReached], &usage(full, 2)), []);
        assert_eq!(turns(&[AlertKind::SeatLimitReached], &usage(full, 0)), [Turn::Ends(AlertKind::SeatLimitReached)]);
    }

    /// Every set of open episodes with every kind of numbers.
    #[test]
    fn afterwards_exactly_what_holds_is_open_and_nothing_turns_twice() {
        let limits = [SeatLimit::NotSet, SeatLimit::Seats(0), SeatLimit::Seats(5), SeatLimit::Seats(9), SeatLimit::Unlimited];
        for open in [&[][..], &[AlertKind::SeatLimitReached], &[AlertKind::LimitNotSet], &AlertKind::BY_USAGE] {
            for usage in limits.into_iter().flat_map(|limit| [0, 1, 7].map(|waiting| usage(limit, waiting))) {
                let mut now_open = open.to_vec();

                for turn in turns(open, &usage) {
                    match turn {
                        Turn::Begins(kind) => now_open.push(kind),
                        Turn::Ends(kind) => now_open.retain(|other| *other != kind),
                    }
                }

                now_open.sort_unstable();
                let holding: Vec<_> = AlertKind::BY_USAGE.into_iter().filter(|kind| kind.holds(&usage)).collect();
                assert_eq!(now_open, holding, "{open:?} {usage:?}");
                assert!(holding.len() <= 1, "the tenant or staff, never both");
                assert_eq!(turns(&now_open, &usage), []);
            }
        }
    }

    #[test]
    fn more_people_waiting_are_no_new_episode_and_an_empty_line_allows_one() {
        let full = SeatLimit::Seats(5);
        let open = [AlertKind::SeatLimitReached];
        for waiting in 1..100 {
            assert_eq!(turns(&open, &usage(full, waiting)), []);
        }

        assert_eq!(turns(&open, &usage(full, 0)), [Turn::Ends(AlertKind::SeatLimitReached)]);
        assert_eq!(turns(&[], &usage(full, 1)), [Turn::Begins(AlertKind::SeatLimitReached)]);
    }

    #[test]
    fn without_a_limit_staff_hear_and_the_tenant_does_not() {
        assert_eq!(turns(&[], &usage(SeatLimit::NotSet, 3)), [Turn::Begins(AlertKind::LimitNotSet)]);
        let set = turns(&[AlertKind::LimitNotSet], &usage(SeatLimit::Seats(1), 2));
        assert_eq!(set, [Turn::Begins(AlertKind::SeatLimitReached), Turn::Ends(AlertKind::LimitNotSet)]);
    }
}
