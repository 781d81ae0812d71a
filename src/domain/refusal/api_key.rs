//! The refusals about API keys: how they are made, and what they may change.

use serde::{Deserialize, Serialize};

use crate::api_key::ApiKey;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ApiKeyRefusal {
    #[error("Choose what the key may do: read, write or import.")]
    Scopes,
    #[error("A key works for 1 to {} days, or without an end.", ApiKey::MOST_DAYS)]
    Days,
    #[error("The old key works for 0 to {} more hours.", ApiKey::MOST_OVERLAP_HOURS)]
    Hours,
    #[error("There is no such organization. Its page shows its id, org_….")]
    Organization,
    #[error("Choose one organization or all of them.")]
    Reach,
    #[error("Name the organization, or choose all of them.")]
    Unnamed,
    #[error("All organizations are chosen, and one is named. Empty this field, or choose one.")]
    OneAndAll,
    #[error("This key works no more, or another one has taken its place.")]
    Over,
    #[error("An organization or the installation has at most {} keys that work.", Self::MOST)]
    TooMany,
    #[error(
        "This change is so large that two people decide about it. A staff member proposes it on the organization’s page, and another one approves it."
    )]
    NeedsPeople,
}

impl ApiKeyRefusal {
    pub const ALL: [Self; 10] = [
        Self::Scopes,
        Self::Days,
        Self::Hours,
        Self::Organization,
        Self::Reach,
        Self::Unnamed,
        Self::OneAndAll,
        Self::Over,
        Self::TooMany,
        Self::NeedsPeople,
    ];
    /// How many keys of one organization, or of the installation, work at once.
    pub const MOST: i64 = 100;

    /// The code in an address, and in the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scopes => "key-scopes",
            Self::Days => "key-days",
            Self::Hours => "key-hours",
            Self::Organization => "no-such-organization",
            Self::Reach => "reach",
            Self::Unnamed => "organization-unnamed",
            Self::OneAndAll => "organization-and-all",
            Self::Over => "key-over",
            Self::TooMany => "too-many-keys",
            Self::NeedsPeople => "needs-people",
        }
    }

    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }

    /// The `name` of the refused form field.
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::Scopes => Some("scopes"),
            Self::Days => Some("days"),
            Self::Hours => Some("hours"),
            Self::Reach => Some("reach"),
            Self::Organization | Self::Unnamed | Self::OneAndAll => Some("organization"),
            Self::NeedsPeople => Some("limit"),
            Self::Over | Self::TooMany => None,
        }
    }
}
