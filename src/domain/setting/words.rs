//! The words in which a page speaks of a setting.

use super::SettingName;

/// What a page says about a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingWords {
    /// The heading under which the page lists it.
    pub section: &'static str,
    pub title: &'static str,
    /// What it does, in one sentence.
    pub meaning: &'static str,
    /// What its number counts; empty if it has none.
    pub unit: &'static str,
}

const NEW_ORGANIZATIONS: &str = "New organizations";
const SEAT_LIMITS: &str = "Seat limits";
const ALERTS: &str = "Alerts";
const ATTRIBUTES: &str = "Attributes";
const ROLES: &str = "Roles";
const RECLAIM: &str = "Reclaim";
const RESYNCS: &str = "Resyncs";
const RETENTION: &str = "Retention";
const SESSIONS: &str = "Sessions";

const TO_STAFF: &str = "Whether staff are notified, too, when people have to wait in an organization or when few of its seats are left.";

impl SettingName {
    #[expect(clippy::too_many_lines, reason = "one entry for each setting")]
    pub fn words(self) -> SettingWords {
        let (section, title, meaning, unit) = match self {
            Self::DefaultSeatLimit => (
                NEW_ORGANIZATIONS,
                "Seat limit",
                "The seat limit that a new organization gets; without one all people wait.",
                "seats",
            ),
            Self::DefaultPolicy => (
                NEW_ORGANIZATIONS,
                "Admission policy",
                "Who gets a free seat in a new organization.",
                "",
            ),
            Self::ApprovalAbove => (
                SEAT_LIMITS,
                "Second person above",
                "Changes of a seat limit of more than this many seats need a second staff member; “off” needs none.",
                "seats",
            ),
            Self::UsageThresholds => (
                ALERTS,
                "Usage is high",
                "The shares of used seats at which an organization’s admins are notified; plans of up to 15 seats are notified when 1 seat is left, up to 25 when 2 are left.",
                "% of the seats",
            ),
            Self::NotifyStaffOfUsage => (ALERTS, "Also to staff", TO_STAFF, ""),
            Self::ApplicationRoles => (
                ROLES,
                "Application roles",
                "The roles of your product that organizations map their groups to.",
                "",
            ),
            Self::DefaultRole => (
                ROLES,
                "Default role",
                "The application role of a person who is in no group with a role.",
                "",
            ),
            Self::KeptAttributes => (
                ATTRIBUTES,
                "Kept attributes",
                "The attributes of people that Seatkeeper stores, as the directory names them, such as department; all others are cut out of webhooks before they are stored.",
                "",
            ),
            Self::ReclaimAfterDays => (
                RECLAIM,
                "Unused after",
                "After this time without use, the seat of a person is suggested to be released; “never” suggests none.",
                "days",
            ),
            Self::ResyncNightly => (
                RESYNCS,
                "Every night",
                "Whether each organization is compared with its directory once a night.",
                "",
            ),
            Self::ResyncHour => (
                RESYNCS,
                "Hour",
                "The nightly resyncs start within three hours after this hour.",
                "o’clock UTC",
            ),
            Self::ResyncConfirmRemoved => (
                RESYNCS,
                "Confirm above, removed",
                "A plan that deactivates or removes more people than this waits for a person to confirm it.",
                "people",
            ),
            Self::ResyncConfirmRemovedPercent => (
                RESYNCS,
                "Confirm above, share removed",
                "The same for this share of the organization’s people, if it is more than three people.",
                "%",
            ),
            Self::ResyncConfirmAdded => (
                RESYNCS,
                "Confirm above, added",
                "A plan that adds more people than this, and more than the share below, waits for a person to confirm it.",
                "people",
            ),
            Self::ResyncConfirmAddedPercent => (
                RESYNCS,
                "Confirm above, share added",
                "The share of the organization’s people that belongs to the number above.",
                "%",
            ),
            Self::RawBodyDays => (
                RETENTION,
                "Raw bodies",
                "How long the body of a webhook, the plan of a resync and a sent e-mail are kept; decisions are always kept.",
                "days",
            ),
            Self::StaffIdleMinutes => (
                SESSIONS,
                "Staff without use",
                "After this time without use, staff are signed out.",
                "minutes",
            ),
            Self::TenantIdleMinutes => (
                SESSIONS,
                "Customers without use",
                "After this time without use, a customer’s people are signed out.",
                "minutes",
            ),
            Self::StaffSecondFactor => (
                SESSIONS,
                "Staff need a second factor",
                "With “Yes”, staff type a code of an authenticator app, too; a person who has none sets one up first.",
                "",
            ),
            Self::SessionHours => (
                SESSIONS,
                "At most",
                "After this time every person signs in again, even after constant use.",
                "hours",
            ),
        };
        SettingWords { section, title, meaning, unit }
    }
}
