//! What each setting takes.

use super::{FOR_EVER, NEVER, NONE, NOT_SET, OFF, SettingName};
use crate::{
    alert::UsageThresholds,
    attribute::{LONGEST_NAME, MOST_ATTRIBUTES},
    organization::{SeatLimit, grouped},
    role::RoleName,
};

/// The values that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// A whole number.
    Number { least: u32, most: u32 },
    /// A whole number, or this word.
    NumberOr { least: u32, most: u32, word: &'static str },
    /// One of these words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// A seat limit, or `not set`.
    SeatLimit,
    /// Percentages, separated by commas, or `none`.
    Percentages,
    /// Names of application roles, separated by commas.
    RoleNames,
    /// The name of an application role, or `none`.
    RoleName,
    /// Names of attributes, separated by commas, or `none` or `all`.
    AttributeNames,
}

const YES_OR_NO: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No")];
const POLICIES: &[(&str, &str)] =
    &[("first-come", "First come, first served"), ("by-hand", "By hand")];

impl SettingName {
    pub fn kind(self) -> SettingKind {
        const PEOPLE: SettingKind = SettingKind::Number { least: 0, most: 1_000_000 };
        const PERCENT: SettingKind = SettingKind::Number { least: 1, most: 100 };
        const IDLE: SettingKind = SettingKind::Number { least: 5, most: 24 * 60 };
        match self {
            Self::DefaultSeatLimit => SettingKind::SeatLimit,
            Self::DefaultPolicy => SettingKind::Choice(POLICIES),
            Self::ApprovalAbove => SettingKind::NumberOr { least: 0, most: 10_000_000, word: OFF },
            Self::UsageThresholds => SettingKind::Percentages,
            Self::ApplicationRoles => SettingKind::RoleNames,
            Self::DefaultRole => SettingKind::RoleName,
            Self::KeptAttributes => SettingKind::AttributeNames,
            Self::ReclaimAfterDays => SettingKind::NumberOr { least: 14, most: 365, word: NEVER },
            Self::NotifyStaffOfUsage | Self::ResyncNightly | Self::StaffSecondFactor => {
                SettingKind::Choice(YES_OR_NO)
            }
            Self::ResyncHour => SettingKind::Number { least: 0, most: 23 },
            Self::ResyncConfirmRemoved | Self::ResyncConfirmAdded => PEOPLE,
            Self::ResyncConfirmRemovedPercent | Self::ResyncConfirmAddedPercent => PERCENT,
            Self::RawBodyDays => SettingKind::NumberOr { least: 1, most: 3_650, word: FOR_EVER },
            Self::StaffIdleMinutes | Self::TenantIdleMinutes => IDLE,
            Self::SessionHours => SettingKind::Number { least: 1, most: 7 * 24 },
        }
    }

    /// What the setting takes: `a whole number from 5 to 1,440`.
    pub fn range(self) -> String {
        match self.kind() {
            SettingKind::Number { least, most } => {
                format!("a whole number from {least} to {}", grouped(most.into()))
            }
            SettingKind::NumberOr { least, most, word } => {
                format!("a whole number from {least} to {}, or “{word}”", grouped(most.into()))
            }
            SettingKind::Choice(choices) => {
                let words: Vec<_> = choices.iter().map(|(word, _)| format!("“{word}”")).collect();
                words.join(" or ")
            }
            SettingKind::SeatLimit => {
                format!(
                    "a whole number from 0 to {}, “unlimited” or “{NOT_SET}”",
                    grouped(SeatLimit::MOST)
                )
            }
            SettingKind::Percentages => format!(
                "at most {} whole numbers from 1 to 100, separated by commas, or “{NONE}”",
                UsageThresholds::MOST
            ),
            SettingKind::RoleNames => format!(
                "at most {} names, separated by commas, each of 1 to {} letters, digits, “_” and “-”; or “{NONE}”",
                RoleName::MOST,
                RoleName::LONGEST
            ),
            SettingKind::AttributeNames => format!(
                "“{NONE}”, “all”, or at most {MOST_ATTRIBUTES} names, separated by commas, each of 1 to {LONGEST_NAME} characters"
            ),
            SettingKind::RoleName => format!("one of the application roles, or “{NONE}”"),
        }
    }
}
