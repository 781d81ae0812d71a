//! The parts of a plan.

use serde::{Deserialize, Serialize};

use super::Change;

/// A part of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PlanPart {
    Of(Change),
    /// No seat is free for these users.
    Blocked,
    /// A newer webhook had already changed these users, so the plan did not.
    LeftAlone,
}

impl PlanPart {
    /// The parts in the order in which a plan is applied. Removals and deactivations come first.
    pub const ALL: [Self; 7] = [
        Self::Of(Change::Removed),
        Self::Of(Change::Deactivated),
        Self::Of(Change::Created),
        Self::Of(Change::Reactivated),
        Self::Of(Change::Updated),
        Self::Blocked,
        Self::LeftAlone,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Of(change) => change.as_str(),
            Self::Blocked => "blocked",
            Self::LeftAlone => "left-alone",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_and_read() {
        for part in PlanPart::ALL {
            assert_eq!(PlanPart::parse(part.as_str()), Some(part));
        }
        assert_eq!(PlanPart::parse(""), None);
    }
}
