//! What a person decides about other people's seats by hand, for one person or for several.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    directory_user::DirectoryUser, id::DirectoryUserId, roster::Roster, seats::Command,
    time::Timestamp, waitlist::PlaceKey,
};

/// So many people are decided about at once, because the organization is locked meanwhile.
pub const MOST_AT_ONCE: i64 = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ManualDecision {
    /// Give a free seat to a person who waits or was dismissed.
    Admit,
    MoveToFront,
    /// Give a waiting person this position, counted from 1. Several people get the positions from
    /// here on.
    MoveTo(i64),
    /// "Not now": a waiting person leaves the waitlist, and a person with a seat gives it back.
    Dismiss,
    UndoDismissal,
}

impl ManualDecision {
    /// The name in addresses and forms.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::MoveToFront => "front",
            Self::MoveTo(_) => "move",
            Self::Dismiss => "dismiss",
            Self::UndoDismissal => "undo",
        }
    }

    /// Reads the name and, for a move, the position. A position that is no number becomes 0, which
    /// the seat rules refuse with the range.
    pub fn parse(slug: &str, position: &str) -> Option<Self> {
        match slug {
            "admit" => Some(Self::Admit),
            "front" => Some(Self::MoveToFront),
            "move" => Some(Self::MoveTo(position.trim().parse().unwrap_or(0))),
            "dismiss" => Some(Self::Dismiss),
            "undo" => Some(Self::UndoDismissal),
            _ => None,
        }
    }

    /// The position in an address; empty unless this is a move.
    pub fn position(self) -> String {
        match self {
            Self::MoveTo(position) => position.to_string(),
            _ => String::new(),
        }
    }

    /// The command for one user.
    pub fn command(self, user: &DirectoryUserId) -> Command {
        match self {
            Self::Admit => Command::Admit(user.clone()),
            Self::MoveToFront => Command::MoveToFront(user.clone()),
            Self::MoveTo(position) => Command::MoveTo(user.clone(), position),
            Self::Dismiss => Command::Dismiss(user.clone()),
            Self::UndoDismissal => Command::UndoDismiss(user.clone()),
        }
    }

    /// The commands for these users, in the order in which they must be decided. People keep the
    /// order among them in which they wait: the first of them is admitted first, and a block of
    /// people who are moved stays in order. To move several people to a position, the whole
    /// waitlist must be loaded.
    pub fn commands(
        self,
        roster: &Roster,
        users: &[DirectoryUserId],
    ) -> Vec<(DirectoryUserId, Command)> {
        let mut users: Vec<&DirectoryUserId> = users.iter().collect();
        users.sort_by_key(|user| order(roster, user));
        users.dedup();
        match self {
            Self::Admit | Self::Dismiss | Self::UndoDismissal => {
                users.into_iter().map(|user| (user.clone(), self.command(user))).collect()
            }
            // each goes before the one that was moved before
            Self::MoveToFront => {
                users.into_iter().rev().map(|user| (user.clone(), self.command(user))).collect()
            }
            Self::MoveTo(position) => moves(roster, &users, position),
        }
    }
}

/// Waiting people come first, in order; then the others, the longest in their state first.
fn order(roster: &Roster, user: &DirectoryUserId) -> (bool, Option<PlaceKey>, Timestamp, String) {
    let known = roster.person(user);
    let place = known.and_then(DirectoryUser::waitlist_key);
    let since = known.map_or(Timestamp::NEVER, |user| user.since);
    (place.is_none(), place, since, user.to_string())
}

/// The people get the positions from `position` on. First those who move up, in order, and then
/// those who move down, the last one first: so no move shifts a person who has been moved.
fn moves(
    roster: &Roster,
    users: &[&DirectoryUserId],
    position: i64,
) -> Vec<(DirectoryUserId, Command)> {
    let waiting = roster.usage().waiting;
    let waits = |user: &&&DirectoryUserId| {
        roster.person(user).is_some_and(|user| user.waitlist_place.is_some())
    };
    let block = i64::try_from(users.iter().filter(waits).count()).unwrap_or(waiting);
    // the block ends with the waitlist
    let first = if (1..=waiting).contains(&position) {
        position.min(waiting - block + 1).max(1)
    } else {
        position
    };
    let positions: BTreeMap<&DirectoryUserId, i64> =
        roster.line().zip(1..).map(|(user, at)| (&user.id, at)).collect();
    let moves_down =
        |user: &DirectoryUserId, to: i64| positions.get(user).is_some_and(|at| *at < to);
    let (down, up): (Vec<_>, Vec<_>) =
        users.iter().zip(first..).partition(|(user, to)| moves_down(user, *to));
    up.into_iter()
        .chain(down.into_iter().rev())
        .map(|(user, to)| ((*user).clone(), Command::MoveTo((*user).clone(), to)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        admission::AdmissionPolicy,
        directory_user::Profile,
        event::Change,
        organization::SeatLimit,
        roster::Counts,
        seats::{UserUpdate, decide},
    };

    fn id(number: i64) -> DirectoryUserId {
        DirectoryUserId::new(format!("u{number:02}"))
    }

    /// `waiting` people, who arrived in the order of their numbers.
    fn waitlist(waiting: i64) -> Roster {
        let (limit, policy) = (SeatLimit::Seats(0), AdmissionPolicy::FirstCome);
        let mut roster = Roster::new(limit, policy, Counts::default());
        for (number, at) in (1..=waiting).zip(1..) {
            let at = Timestamp::from_seconds(at);
            let update = UserUpdate {
                change: Change::Created,
                user: id(number),
                active: Some(true),
                profile: Some(Profile::default()),
                groups: None,
                roles: None,
                at,
                event: 0,
            };
            decide(&mut roster, &Command::UserUpdate(update), at).unwrap();
        }
        roster
    }

    fn after(mut roster: Roster, decision: ManualDecision, numbers: &[i64]) -> Vec<String> {
        let users: Vec<_> = numbers.iter().map(|number| id(*number)).collect();
        for (_, command) in decision.commands(&roster, &users) {
            let _ = decide(&mut roster, &command, Timestamp::from_seconds(99));
        }
        roster.line().map(|user| user.id.to_string()).collect()
    }

    #[test]
    fn several_people_stay_in_order_at_the_front() {
        let line = after(waitlist(6), ManualDecision::MoveToFront, &[6, 3, 5]);
        assert_eq!(line, ["u03", "u05", "u06", "u01", "u02", "u04"]);
    }

    /// Every choice of people among six, and every position.
    #[test]
    fn several_people_form_a_block_at_the_position() {
        for chosen in 1_u32..64 {
            let numbers: Vec<i64> = (1..=6).filter(|n| chosen >> (n - 1) & 1 == 1).collect();
            for position in 1..=6 {
                let line = after(waitlist(6), ManualDecision::MoveTo(position), &numbers);
                let block = i64::try_from(numbers.len()).unwrap();
                let first = usize::try_from(position.min(6 - block + 1)).unwrap() - 1;
                let mut expected: Vec<String> =
                    (1..=6).filter(|n| !numbers.contains(n)).map(|n| id(n).to_string()).collect();
                let moved = numbers.iter().map(|n| id(*n).to_string());
                expected.splice(first..first, moved);
                assert_eq!(line, expected, "{numbers:?} to {position}");
            }
        }
    }

    #[test]
    fn a_position_outside_the_waitlist_stays_as_it_was_typed() {
        for position in [0, 7] {
            let commands = ManualDecision::MoveTo(position).commands(&waitlist(6), &[id(2)]);
            assert_eq!(commands, [(id(2), Command::MoveTo(id(2), position))]);
        }
    }

    #[test]
    fn a_decision_survives_the_way_through_an_address() {
        for decision in [
            ManualDecision::Admit,
            ManualDecision::MoveToFront,
            ManualDecision::MoveTo(12),
            ManualDecision::Dismiss,
            ManualDecision::UndoDismissal,
        ] {
            let read = ManualDecision::parse(decision.slug(), &decision.position());
            assert_eq!(read, Some(decision));
        }
        assert_eq!(ManualDecision::parse("move", "first"), Some(ManualDecision::MoveTo(0)));
        assert_eq!(ManualDecision::parse("evict", ""), None);
    }
}
