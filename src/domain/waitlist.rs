//! The order of the waitlist, and how much of it the seat rules need.
//!
//! A place is a rank and a position; the smallest place gets the next seat. The rank follows the
//! groups of a person (see [`AdmissionPolicy::rank`]), and the position is the order of arrival. So
//! a change of rank keeps the order of arrival inside the new rank.
//!
//! An admin may move a person, also across ranks, and this holds until the person leaves the
//! waitlist or the policy changes:
//!
//! - A person who is moved to the front gets the rank [`Place::FRONT`], before every group. No
//!   change of groups leads another person past them; only an admin does. This holds after a change
//!   of the policy, too.
//! - A person who is moved to another position waits directly behind the person ahead, and takes
//!   over that rank. From then on the rank no longer follows the person's own groups. Other people
//!   still follow theirs: one whose new group gives them a higher place passes. After a change of
//!   the policy the rank follows the person's groups again, and the person counts as having arrived
//!   directly behind the one they were moved behind.
//!
//! Positions of arrival are multiples of [`Place::GAP`]. A person who is moved gets the middle
//! between two neighbours, so that one row is written. After some twenty moves to the same spot the
//! people who were moved there are spread over the gap again; no other row changes.

use serde::{Deserialize, Serialize};

use super::{
    admission::AdmissionPolicy,
    event::Change,
    id::DirectoryUserId,
    organization::{SeatLimit, Usage},
    seats::Command,
};

/// Where a user waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub rank: i64,
    pub position: i64,
    /// An admin moved the user: the rank does not follow the user's groups.
    pub by_hand: bool,
}

/// The order of the waitlist. Two users with the same rank and position, which only a rare change
/// of groups after a move can bring about, are in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlaceKey {
    pub rank: i64,
    pub position: i64,
    pub user: DirectoryUserId,
}

impl Place {
    /// The rank of the users who were moved to the front, before the ranks of all groups.
    pub const FRONT: i64 = 0;
    /// The distance between the positions of two users who arrived one after the other.
    pub const GAP: i64 = 1 << 24;

    pub fn key(&self, user: &DirectoryUserId) -> PlaceKey {
        PlaceKey { rank: self.rank, position: self.position, user: user.clone() }
    }

    /// The number of the arrival that the position belongs to.
    pub fn arrival(position: i64) -> i64 {
        position.div_euclid(Self::GAP)
    }

    /// Returns whether the user was moved behind another one, now or before the policy changed.
    pub(super) fn is_between(&self) -> bool {
        self.position.rem_euclid(Self::GAP) != 0
    }

    /// The first position behind the gap of this one.
    pub(super) fn end_of_gap(&self) -> i64 {
        (Self::arrival(self.position) + 1) * Self::GAP
    }
}

/// How many users from the head of the waitlist some commands may take.
///
/// A command that frees a seat, or takes a user out of the waitlist, takes at most one user from
/// the head. A new limit takes at most as many more as there are free seats under the highest of
/// the current and the new limits. If one user fewer is loaded, some batch is short. If the
/// organization was deleted and exists again, an old update may show that its user was there before
/// the deletion, and end the user. If groups come first, an update may lower the user's rank.
///
/// A move needs the head up to its position, and the people next to it. A new policy needs the
/// whole waitlist.
#[derive(Clone, Debug, Default)]
pub struct WaitlistDemand {
    takes: i64,
    /// Updates of users who stay.
    stays: i64,
    /// Users whose groups change otherwise.
    regrouped: i64,
    /// The sum of what moves need.
    reaches: i64,
    limits: Vec<SeatLimit>,
    is_whole: bool,
}

impl WaitlistDemand {
    /// So many people behind the position of a move are loaded: others who were moved there, if the
    /// gap is used up.
    pub const NEIGHBOURS: i64 = 64;

    pub fn of(commands: &[Command]) -> Self {
        let mut demand = Self::default();
        for command in commands {
            demand.add(command);
        }
        demand
    }

    pub fn add(&mut self, command: &Command) {
        match command {
            Command::UserUpdate(update) => return self.add_update(update.change, update.active),
            Command::OrganizationDeleted(_)
            | Command::OrganizationArchived(_)
            | Command::SetPolicy(_) => self.is_whole = true,
            Command::OrganizationSeen(_) | Command::GroupDeleted(..) => return,
            Command::GroupMembers(said) => {
                return self.add_regrouped(i64::try_from(said.members.len()).unwrap_or(i64::MAX));
            }
            Command::SetLimit(limit) => self.limits.push(*limit),
            Command::MoveTo(_, position) => {
                let needed = position.max(&0).saturating_add(1 + Self::NEIGHBOURS);
                self.reaches = self.reaches.saturating_add(needed);
            }
            Command::Admit(_)
            | Command::MoveToFront(_)
            | Command::Dismiss(_)
            | Command::UndoDismiss(_) => {}
        }
        self.takes += 1;
    }

    /// Adds an update of a user. Only a user who leaves frees a seat or a position.
    pub fn add_update(&mut self, change: Change, active: Option<bool>) {
        if change == Change::Deleted || active == Some(false) {
            self.takes += 1;
        } else {
            self.stays += 1;
        }
    }

    /// Adds the deletion of a group, or an update of single memberships, that concerns this many
    /// waiting users.
    pub fn add_regrouped(&mut self, users: i64) {
        self.regrouped = self.regrouped.saturating_add(users);
    }

    /// The organization was deleted once: each update may end its user.
    pub fn may_end_users(&mut self) {
        self.takes = self.takes.saturating_add(std::mem::take(&mut self.stays));
    }

    /// Adds merges of placeholders: each may give a seat back and take a user out of the waitlist.
    pub fn add_merges(&mut self, placeholders: i64) {
        self.takes = self.takes.saturating_add(placeholders.saturating_mul(2));
    }

    /// Returns how many users from the head must be loaded if an organization has these numbers.
    pub fn head_needed(&self, usage: &Usage, policy: &AdmissionPolicy) -> i64 {
        if self.is_whole {
            return usage.waiting;
        }
        if !policy.is_automatic() && self.reaches == 0 {
            return 0; // a person admits each user by hand
        }
        let lowered = match policy {
            AdmissionPolicy::GroupsFirst(_) => self.stays.saturating_add(self.regrouped),
            AdmissionPolicy::FirstCome | AdmissionPolicy::ByHand => 0,
        };
        let limits = self.limits.iter().copied().chain([usage.limit]);
        let free = limits
            .filter(|_| policy.is_automatic())
            .map(|limit| limit.free(usage.used).unwrap_or(usage.waiting))
            .max()
            .unwrap_or(0);
        let needed =
            [self.takes, lowered, self.reaches].into_iter().fold(free, i64::saturating_add);
        usage.waiting.min(needed)
    }
}
