//! What became of a delivery, and the sentence behind every seat that moved.

use serde::{Deserialize, Serialize};

use super::{
    directory_user::SeatState,
    organization::{SeatLimit, grouped},
};

/// What became of one delivery. Every delivery has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A seat was taken.
    Admitted,
    /// A seat was wanted, none was free: waits in line.
    Blocked,
    /// A seat was given back by a deactivation.
    Released,
    /// Facts changed, no seat did.
    Updated,
    /// Deleted in the directory (a seat, if one was held, is free again).
    Removed,
    /// This very event was taken before.
    Duplicate,
    /// Older than what is known already.
    Stale,
    /// A type of event we have no use for.
    Ignored,
    /// Envelope and data name different organizations.
    Mismatch,
    /// About an organization that was deleted.
    Archived,
    /// Verified, but not understood: kept raw, to be replayed.
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

    /// As people read it.
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

    /// What it means, for whoever looks at one delivery.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Admitted => "Somebody got a seat.",
            Self::Blocked => "Somebody wanted a seat, none was free: they wait in line.",
            Self::Released => "Somebody was switched off in the directory and gave their seat back.",
            Self::Updated => "What is known was brought up to date; no seat was taken or given back.",
            Self::Removed => "Deleted in the directory; a seat that was held is free again.",
            Self::Duplicate => "This very event came before. It changed nothing.",
            Self::Stale => "Older than what is known already. It changed nothing.",
            Self::Ignored => "A type of event Seatkeeper has no use for. It is kept and changed nothing.",
            Self::Mismatch => "Its envelope and its data name different organizations. It changed nothing.",
            Self::Archived => "About an organization that was deleted in Scalekit. It changed nothing.",
            Self::Dead => "The signature is good, but it could not be taken. It is kept as it came and can be replayed.",
        }
    }
}

/// Why a seat, or a place in the line, moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The directory wants them in, and a seat was free.
    SeatFree,
    /// The directory wants them in, every seat was taken.
    SeatsTaken,
    /// The directory wants them in, the plan was lowered below what is taken.
    OverLimit,
    /// The directory wants them in, nobody has set a limit yet.
    LimitNotSet,
    /// Next in line when a seat became free.
    NextInLine,
    /// Switched off in the directory.
    Deactivated,
    /// Deleted in the directory.
    Deleted,
    /// The organization was deleted.
    OrganizationDeleted,
    /// Admitted by hand.
    ByHand,
    /// Moved to the front of the line by hand.
    MovedToFront,
    /// Dismissed by hand.
    DismissedByHand,
    /// A dismissal was undone by hand.
    DismissalUndone,
    /// A placeholder, known by its address alone, turned out to be this person.
    Merged,
    /// The row has a reason that this version does not know.
    Unknown,
}

impl Reason {
    pub const ALL: [Self; 13] = [
        Self::SeatFree,
        Self::SeatsTaken,
        Self::OverLimit,
        Self::LimitNotSet,
        Self::NextInLine,
        Self::Deactivated,
        Self::Deleted,
        Self::OrganizationDeleted,
        Self::ByHand,
        Self::MovedToFront,
        Self::DismissedByHand,
        Self::DismissalUndone,
        Self::Merged,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeatFree => "seat_free",
            Self::SeatsTaken => "seats_taken",
            Self::OverLimit => "over_limit",
            Self::LimitNotSet => "limit_not_set",
            Self::NextInLine => "next_in_line",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
            Self::OrganizationDeleted => "organization_deleted",
            Self::ByHand => "by_hand",
            Self::MovedToFront => "moved_to_front",
            Self::DismissedByHand => "dismissed_by_hand",
            Self::DismissalUndone => "dismissal_undone",
            Self::Merged => "merged",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }

    /// The sentence a person reads, with the limit and the count the decision saw.
    pub fn sentence(self, limit: SeatLimit, used: i64) -> String {
        let count = grouped(used);
        match self {
            Self::SeatFree => match limit {
                SeatLimit::Seats(seats) => format!("A seat was free: {count} of {} were taken.", grouped(seats)),
                SeatLimit::Unlimited => "The plan has no limit.".to_owned(),
                SeatLimit::NotSet => "A seat was free.".to_owned(),
            },
            Self::SeatsTaken | Self::OverLimit => match limit {
                SeatLimit::Seats(0) => "No seat was free: the plan has no seats.".to_owned(),
                SeatLimit::Seats(seats) if seats == used => format!("No seat was free: the plan has {limit}, all taken."),
                SeatLimit::Seats(_) => format!("No seat was free: the plan has {limit}, {count} were taken."),
                SeatLimit::NotSet | SeatLimit::Unlimited => "No seat was free.".to_owned(),
            },
            Self::LimitNotSet => "No seat limit is set for this organization yet.".to_owned(),
            Self::NextInLine => match limit {
                SeatLimit::Seats(seats) => format!("First in line, and a seat was free: {count} of {} were taken.", grouped(seats)),
                SeatLimit::Unlimited => "First in line, and the plan has no limit.".to_owned(),
                SeatLimit::NotSet => "First in line, and a seat was free.".to_owned(),
            },
            Self::Deactivated => "Switched off in the directory.".to_owned(),
            Self::Deleted => "Deleted in the directory.".to_owned(),
            Self::OrganizationDeleted => "The organization was deleted in Scalekit.".to_owned(),
            Self::ByHand => "Admitted by hand.".to_owned(),
            Self::MovedToFront => "Moved to the front of the line by hand.".to_owned(),
            Self::DismissedByHand => "Taken out of the line by hand.".to_owned(),
            Self::DismissalUndone => "Put back into the line by hand.".to_owned(),
            Self::Merged => "Known twice, once by address alone: both are one person now.".to_owned(),
            Self::Unknown => "Seatkeeper has no record of the reason.".to_owned(),
        }
    }
}

/// One person's move, with everything the decision saw. It becomes one row that is kept for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub user: super::id::DirectoryUserId,
    /// `None`: nobody knew them before.
    pub from: Option<SeatState>,
    pub to: SeatState,
    pub reason: Reason,
    pub limit: SeatLimit,
    /// Seats taken just before this move.
    pub used: i64,
}
