//! What people do with deliveries, beside reading them.

use serde::{Deserialize, Serialize};

use super::decision::Outcome;

/// What a person did with one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryAction {
    /// A replay with this outcome.
    Replayed(Outcome),
    /// A person viewed the personal data.
    Shown,
}

/// The state of a bulk replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplayState {
    Running,
    Finished,
    Cancelled,
}

impl ReplayState {
    pub const ALL: [Self; 3] = [Self::Running, Self::Finished, Self::Cancelled];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}
