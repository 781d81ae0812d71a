//! The outcome of a delivery, and the sentence for every change of a seat.

use serde::{Deserialize, Serialize};

use super::{
    directory_user::SeatState,
    organization::{SeatLimit, grouped},
    waitlist::Place,
};

/// The outcome of a delivery. Every delivery has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A user got a seat.
    Admitted,
    /// A user wanted a seat, but none was free. The user is in the waitlist.
    Blocked,
    /// A deactivation released a seat.
    Released,
    /// Stored data changed, but no seat.
    Updated,
    /// A user or an organization was deleted. Its seats are free again.
    Removed,
    /// The same event arrived before.
    Duplicate,
    /// Older than the stored data.
    Stale,
    /// An event type that we do not use.
    Ignored,
    /// The envelope and the data name different organizations.
    Mismatch,
    /// The event is about an archived organization.
    Archived,
    /// The signature is valid, but the event could not be processed. Its body is kept for a replay.
    Dead,
}

impl Outcome {
    pub const ALL: [Self; 11] = [
        Self::Admitted,
        Self::Blocked,
        Self::Released,
        Self::Updated,
        Self::Removed,
        Self::Duplicate,
        Self::Stale,
        Self::Ignored,
        Self::Mismatch,
        Self::Archived,
        Self::Dead,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Blocked => "blocked",
            Self::Released => "released",
            Self::Updated => "updated",
            Self::Removed => "removed",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::Ignored => "ignored",
            Self::Mismatch => "mismatch",
            Self::Archived => "archived",
            Self::Dead => "dead",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }

    /// The name for readers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admitted => "Admitted",
            Self::Blocked => "Blocked",
            Self::Released => "Released",
            Self::Updated => "Updated",
            Self::Removed => "Removed",
            Self::Duplicate => "Duplicate",
            Self::Stale => "Stale",
            Self::Ignored => "Ignored",
            Self::Mismatch => "Mismatch",
            Self::Archived => "Archived",
            Self::Dead => "Dead letter",
        }
    }

    /// The explanation on the page of a delivery.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Admitted => "A person got a seat.",
            Self::Blocked => "No seat was free, so a person was put on the waitlist.",
            Self::Released => "A person was switched off in the directory and gave the seat back.",
            Self::Updated => "The stored data was updated. No seat was taken or given back.",
            Self::Removed => {
                "A person or group was deleted in the directory. A seat that the person held is free again."
            }
            Self::Duplicate => "The same event was received before. It changed nothing.",
            Self::Stale => "The event is older than the stored data. It changed nothing.",
            Self::Ignored => {
                "Seatkeeper does not use this type of event. It is kept and changed nothing."
            }
            Self::Mismatch => {
                "Its envelope and its data name different organizations. It changed nothing."
            }
            Self::Archived => "The organization was archived. The event changed no seat.",
            Self::Dead => {
                "The signature is valid, but the webhook could not be processed. It is kept unchanged and can be replayed."
            }
        }
    }
}

/// Why a seat, or a position in the waitlist, changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The directory made the user active, and a seat was free.
    SeatFree,
    /// The directory made the user active, but every seat was used.
    SeatsTaken,
    /// The directory made the user active, but more seats were used than the lowered limit allows.
    OverLimit,
    /// The directory made the user active, but no limit is set yet.
    LimitNotSet,
    /// The directory made the user active, and a seat was free, but other users waited for it.
    OthersWait,
    /// The user was the first in the waitlist when a seat became free.
    NextOnWaitlist,
    /// The directory deactivated the user.
    Deactivated,
    /// The directory deleted the user.
    Deleted,
    /// The organization was deleted.
    OrganizationDeleted,
    /// Staff archived the organization.
    OrganizationArchived,
    /// The organization exists again, and the directory had made the user active or inactive before
    /// that was known.
    OrganizationRestored,
    /// An admin admitted the user.
    ByHand,
    /// An admin moved the user to the front of the waitlist.
    MovedToFront,
    /// An admin moved the user to another position in the waitlist.
    Moved,
    /// The user's groups changed, and with them the place in the waitlist.
    GroupsChanged,
    /// The admission policy changed, and with it the place in the waitlist.
    PolicyChanged,
    /// An admin dismissed the user, who waited.
    DismissedByHand,
    /// An admin dismissed the user, who held a seat.
    ReleasedByHand,
    /// An admin undid a dismissal.
    DismissalUndone,
    /// A placeholder, known only by its e-mail address, is the same person as this user.
    Merged,
    /// A placeholder, known only by its e-mail address, got the directory's id.
    Identified,
    /// The places around the user were numbered anew. The order stayed as it was.
    Renumbered,
    /// The row has a reason that this version does not know.
    Unknown,
}

impl Reason {
    pub const ALL: [Self; 22] = [
        Self::SeatFree,
        Self::SeatsTaken,
        Self::OverLimit,
        Self::LimitNotSet,
        Self::OthersWait,
        Self::NextOnWaitlist,
        Self::Deactivated,
        Self::Deleted,
        Self::OrganizationDeleted,
        Self::OrganizationArchived,
        Self::OrganizationRestored,
        Self::ByHand,
        Self::MovedToFront,
        Self::Moved,
        Self::GroupsChanged,
        Self::PolicyChanged,
        Self::DismissedByHand,
        Self::ReleasedByHand,
        Self::DismissalUndone,
        Self::Merged,
        Self::Identified,
        Self::Renumbered,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeatFree => "seat_free",
            Self::SeatsTaken => "seats_taken",
            Self::OverLimit => "over_limit",
            Self::LimitNotSet => "limit_not_set",
            Self::OthersWait => "others_wait",
            Self::NextOnWaitlist => "next_on_waitlist",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
            Self::OrganizationDeleted => "organization_deleted",
            Self::OrganizationArchived => "organization_archived",
            Self::OrganizationRestored => "organization_restored",
            Self::ByHand => "by_hand",
            Self::MovedToFront => "moved_to_front",
            Self::Moved => "moved",
            Self::GroupsChanged => "groups_changed",
            Self::PolicyChanged => "policy_changed",
            Self::DismissedByHand => "dismissed_by_hand",
            Self::ReleasedByHand => "released_by_hand",
            Self::DismissalUndone => "dismissal_undone",
            Self::Merged => "merged",
            Self::Identified => "identified",
            Self::Renumbered => "renumbered",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }

    /// The sentence for readers, with the limit and the used seats at the time of the decision.
    pub fn sentence(self, limit: SeatLimit, used: i64) -> String {
        let count = grouped(used);
        match self {
            Self::SeatFree => match limit {
                SeatLimit::Seats(seats) => {
                    format!("A seat was free: {count} of {} were taken.", grouped(seats))
                }
                SeatLimit::Unlimited => "The plan has no limit.".to_owned(),
                SeatLimit::NotSet => "A seat was free.".to_owned(),
            },
            Self::SeatsTaken | Self::OverLimit => match limit {
                SeatLimit::Seats(0) => "No seat was free: the plan has no seats.".to_owned(),
                SeatLimit::Seats(seats) if seats == used => {
                    format!("No seat was free: the plan has {limit}, all taken.")
                }
                SeatLimit::Seats(_) => {
                    format!("No seat was free: the plan has {limit}, {count} were taken.")
                }
                SeatLimit::NotSet | SeatLimit::Unlimited => "No seat was free.".to_owned(),
            },
            Self::LimitNotSet => "No seat limit is set for this organization yet.".to_owned(),
            Self::NextOnWaitlist => match limit {
                SeatLimit::Seats(seats) => format!(
                    "First on the waitlist, and a seat was free: {count} of {} were taken.",
                    grouped(seats)
                ),
                SeatLimit::Unlimited => {
                    "First on the waitlist, and the plan has no limit.".to_owned()
                }
                SeatLimit::NotSet => "First on the waitlist, and a seat was free.".to_owned(),
            },
            Self::OthersWait => {
                "A seat was free, but other people waited for it already.".to_owned()
            }
            Self::Deactivated => "Switched off in the directory.".to_owned(),
            Self::Deleted => "Deleted in the directory.".to_owned(),
            Self::OrganizationDeleted => "The organization was deleted in Scalekit.".to_owned(),
            Self::OrganizationArchived => "The organization was archived.".to_owned(),
            Self::OrganizationRestored => "The organization exists again.".to_owned(),
            Self::ByHand => "Admitted by hand.".to_owned(),
            Self::MovedToFront => "Moved to the front of the waitlist by hand.".to_owned(),
            Self::Moved => "Moved to another position on the waitlist by hand.".to_owned(),
            Self::GroupsChanged => {
                "The person’s groups changed, and with them the position on the waitlist."
                    .to_owned()
            }
            Self::PolicyChanged => {
                "The admission policy changed, and with it the position on the waitlist.".to_owned()
            }
            Self::DismissedByHand => "Removed from the waitlist by hand.".to_owned(),
            Self::ReleasedByHand => "The seat was released by hand.".to_owned(),
            Self::DismissalUndone => "The dismissal was undone by hand.".to_owned(),
            Self::Merged => {
                "Known twice, once only by e-mail address: both are one person now.".to_owned()
            }
            Self::Identified => {
                "Known only by e-mail address before: the id in the directory is known now."
                    .to_owned()
            }
            Self::Renumbered => {
                "The places on the waitlist were numbered anew; the order stayed as it was."
                    .to_owned()
            }
            Self::Unknown => "Seatkeeper has no record of the reason.".to_owned(),
        }
    }
}

/// One change of one user's state, with everything the decision depended on. It becomes a row that
/// is kept for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    pub user: super::id::DirectoryUserId,
    /// `None` if the user was not known before.
    pub from: Option<SeatState>,
    pub to: SeatState,
    pub reason: Reason,
    pub limit: SeatLimit,
    /// The used seats just before this change.
    pub used: i64,
    /// Where the user waits after this change.
    pub place: Option<Place>,
}

impl Transition {
    /// The used seats just after this change.
    pub fn used_after(&self) -> i64 {
        used_after(self.used, self.from, self.to)
    }
}

/// The used seats after a user's change of state.
pub fn used_after(used: i64, from: Option<SeatState>, to: SeatState) -> i64 {
    used - i64::from(from == Some(SeatState::Provisioned)) + i64::from(to == SeatState::Provisioned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: [SeatLimit; 5] = [
        SeatLimit::NotSet,
        SeatLimit::Unlimited,
        SeatLimit::Seats(0),
        SeatLimit::Seats(5),
        SeatLimit::Seats(1_200),
    ];

    /// A reason that this version does not know says nothing about seats, limits or persons.
    #[test]
    fn an_unknown_reason_invents_nothing() {
        for (limit, used) in
            LIMITS.into_iter().flat_map(|limit| [0, 5, 1_300].map(|used| (limit, used)))
        {
            assert_eq!(
                Reason::Unknown.sentence(limit, used),
                "Seatkeeper has no record of the reason."
            );
        }
        assert_eq!(Reason::parse("unknown"), None, "no row is written with it");
    }

    #[test]
    fn a_limit_that_is_not_set_is_not_called_unlimited_or_a_plan() {
        for reason in Reason::ALL {
            let sentence = reason.sentence(SeatLimit::NotSet, 7);
            assert!(
                !sentence.contains("plan")
                    && !sentence.contains("no limit")
                    && !sentence.contains('7'),
                "{reason:?}: {sentence}"
            );
        }
        assert_eq!(Reason::SeatFree.sentence(SeatLimit::NotSet, 7), "A seat was free.");
        assert_eq!(
            Reason::NextOnWaitlist.sentence(SeatLimit::NotSet, 7),
            "First on the waitlist, and a seat was free."
        );
        assert_eq!(Reason::SeatsTaken.sentence(SeatLimit::NotSet, 7), "No seat was free.");
        assert_eq!(Reason::OverLimit.sentence(SeatLimit::Unlimited, 7), "No seat was free.");
    }

    #[test]
    fn the_numbers_of_a_decision_are_told_as_they_were() {
        let told = |reason: Reason, seats, used| reason.sentence(SeatLimit::Seats(seats), used);
        assert_eq!(told(Reason::SeatsTaken, 0, 0), "No seat was free: the plan has no seats.");
        assert_eq!(
            told(Reason::SeatsTaken, 5, 5),
            "No seat was free: the plan has 5 seats, all taken."
        );
        assert_eq!(
            told(Reason::OverLimit, 5, 1_300),
            "No seat was free: the plan has 5 seats, 1,300 were taken."
        );
        assert_eq!(told(Reason::SeatFree, 1_200, 7), "A seat was free: 7 of 1,200 were taken.");
    }
}
