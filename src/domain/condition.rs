//! Conditions by which staff filter the list of organizations. One organization can meet several.

use serde::{Deserialize, Serialize};

use super::alert::AlertKind;

/// An archived organization meets no other condition than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Condition {
    /// People wait for a seat.
    Waiting,
    /// More seats are used than the limit allows.
    Over,
    LimitNotSet,
    /// At least 80 % of the seats are used, and not more than the limit allows.
    NearlyFull,
    /// An alert is open about something that does not work; see [`AlertKind::is_trouble`].
    Trouble,
    /// A seat request is not over.
    OpenRequest,
    Archived,
}

impl Condition {
    /// The most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Over,
        Self::LimitNotSet,
        Self::NearlyFull,
        Self::Trouble,
        Self::OpenRequest,
        Self::Archived,
    ];

    /// In addresses, on the command line and in statements.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Over => "over",
            Self::LimitNotSet => "not-set",
            Self::NearlyFull => "nearly-full",
            Self::Trouble => "trouble",
            Self::OpenRequest => "open-requests",
            Self::Archived => "archived",
        }
    }

    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.slug() == slug)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Over => "Over",
            Self::LimitNotSet => "Limit not set",
            Self::NearlyFull => "Nearly full",
            Self::Trouble => "Trouble",
            Self::OpenRequest => "Open requests",
            Self::Archived => "Archived",
        }
    }
}

impl AlertKind {
    /// Whether something does not work that a person must look at. The other kinds are about the
    /// numbers.
    pub fn is_trouble(self) -> bool {
        match self {
            Self::DirectoryDisabled
            | Self::ResyncFailed
            | Self::ResyncNeedsConfirmation
            | Self::ChannelFailing => true,
            Self::SeatLimitReached | Self::SeatUsageHigh | Self::OverLimit | Self::LimitNotSet => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_found_by_its_slug() {
        for condition in Condition::ALL {
            assert_eq!(Condition::parse(condition.slug()), Some(condition));
        }
        assert_eq!(Condition::parse("room"), None);
    }
}
