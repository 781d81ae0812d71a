//! The state of a directory: whether users come from it.

use serde::{Deserialize, Serialize};

use crate::event::DirectoryChange;

/// The state of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryState {
    /// The directory is not enabled yet: no user comes from it.
    Created,
    Enabled,
    Disabled,
    Deleted,
}

impl DirectoryState {
    pub const ALL: [Self; 4] = [Self::Created, Self::Enabled, Self::Disabled, Self::Deleted];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn is_enabled(self) -> bool {
        self == Self::Enabled
    }
}

impl From<DirectoryChange> for DirectoryState {
    fn from(change: DirectoryChange) -> Self {
        match change {
            DirectoryChange::Created => Self::Created,
            DirectoryChange::Enabled => Self::Enabled,
            DirectoryChange::Disabled => Self::Disabled,
            DirectoryChange::Deleted => Self::Deleted,
        }
    }
}
