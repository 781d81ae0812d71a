//! The members of a group, by the state of their seats.

use serde::{Deserialize, Serialize};

use super::directory_user::SeatState;

/// How many members of a group are in each state. A removed user is no member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberCounts {
    pub provisioned: i64,
    pub blocked: i64,
    pub dismissed: i64,
    pub inactive: i64,
}

impl MemberCounts {
    /// The states that a member can be in.
    pub const STATES: [SeatState; 4] =
        [SeatState::Provisioned, SeatState::Blocked, SeatState::Dismissed, SeatState::Inactive];

    pub fn of(self, state: SeatState) -> i64 {
        match state {
            SeatState::Provisioned => self.provisioned,
            SeatState::Blocked => self.blocked,
            SeatState::Dismissed => self.dismissed,
            SeatState::Inactive => self.inactive,
            SeatState::Removed => 0,
        }
    }

    /// All members.
    pub fn members(self) -> i64 {
        Self::STATES.map(|state| self.of(state)).iter().sum()
    }

    /// Adds members in this state; a negative number takes them away.
    pub fn add(&mut self, state: SeatState, members: i64) {
        match state {
            SeatState::Provisioned => self.provisioned += members,
            SeatState::Blocked => self.blocked += members,
            SeatState::Dismissed => self.dismissed += members,
            SeatState::Inactive => self.inactive += members,
            SeatState::Removed => {}
        }
    }
}

/// The noun for a number of groups: `group` or `groups`.
pub fn groups(n: i64) -> &'static str {
    if n == 1 { "group" } else { "groups" }
}

/// The noun for a number of members: `member` or `members`.
pub fn members(n: i64) -> &'static str {
    if n == 1 { "member" } else { "members" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_user_is_no_member() {
        let mut counts = MemberCounts::default();
        for state in SeatState::ALL {
            counts.add(state, 2);
        }
        counts.add(SeatState::Blocked, -1);

        assert_eq!(counts.members(), 7);
        assert_eq!(counts.of(SeatState::Blocked), 1);
        assert_eq!(counts.of(SeatState::Removed), 0);
    }
}
