//! The settings that staff admins change while Seatkeeper runs: their names, ranges and values. A
//! value is stored as a text. The environment may fix a setting, and then its value wins.

mod fixed;
mod plan_guard;
mod words;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{fixed::FixedSettings, plan_guard::PlanGuard, words::SettingWords};
use super::{
    admission::AdmissionPolicy,
    alert::UsageThresholds,
    attribute::{KeptAttributes, LONGEST_NAME, MOST_ATTRIBUTES},
    organization::{SeatLimit, grouped},
    refusal::Refusal,
    role::{RoleName, joined},
    session::SessionLimits,
};

const DAY: Duration = Duration::from_hours(24);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingName {
    DefaultSeatLimit,
    DefaultPolicy,
    UsageThresholds,
    NotifyStaffOfUsage,
    ApplicationRoles,
    DefaultRole,
    KeptAttributes,
    ReclaimAfterDays,
    ResyncNightly,
    ResyncHour,
    ResyncConfirmRemoved,
    ResyncConfirmRemovedPercent,
    ResyncConfirmAdded,
    ResyncConfirmAddedPercent,
    RawBodyDays,
    StaffIdleMinutes,
    TenantIdleMinutes,
    SessionHours,
}

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

/// The word of a seat limit that is not set.
const NOT_SET: &str = "not set";
const FOR_EVER: &str = "forever";
const NEVER: &str = "never";
const NONE: &str = "none";
const YES_OR_NO: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No")];
const POLICIES: &[(&str, &str)] =
    &[("first-come", "First come, first served"), ("by-hand", "By hand")];

impl SettingName {
    /// In the order of the page.
    pub const ALL: [Self; 18] = [
        Self::DefaultSeatLimit,
        Self::DefaultPolicy,
        Self::UsageThresholds,
        Self::NotifyStaffOfUsage,
        Self::ApplicationRoles,
        Self::DefaultRole,
        Self::KeptAttributes,
        Self::ReclaimAfterDays,
        Self::ResyncNightly,
        Self::ResyncHour,
        Self::ResyncConfirmRemoved,
        Self::ResyncConfirmRemovedPercent,
        Self::ResyncConfirmAdded,
        Self::ResyncConfirmAddedPercent,
        Self::RawBodyDays,
        Self::StaffIdleMinutes,
        Self::TenantIdleMinutes,
        Self::SessionHours,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::DefaultSeatLimit => "default_seat_limit",
            Self::DefaultPolicy => "default_policy",
            Self::UsageThresholds => "usage_thresholds",
            Self::NotifyStaffOfUsage => "notify_staff_of_usage",
            Self::ApplicationRoles => "application_roles",
            Self::DefaultRole => "default_role",
            Self::KeptAttributes => "kept_attributes",
            Self::ReclaimAfterDays => "reclaim_after_days",
            Self::ResyncNightly => "resync_nightly",
            Self::ResyncHour => "resync_hour",
            Self::ResyncConfirmRemoved => "resync_confirm_removed",
            Self::ResyncConfirmRemovedPercent => "resync_confirm_removed_percent",
            Self::ResyncConfirmAdded => "resync_confirm_added",
            Self::ResyncConfirmAddedPercent => "resync_confirm_added_percent",
            Self::RawBodyDays => "raw_body_days",
            Self::StaffIdleMinutes => "staff_idle_minutes",
            Self::TenantIdleMinutes => "tenant_idle_minutes",
            Self::SessionHours => "session_hours",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// The environment variable that fixes the setting.
    pub fn variable(self) -> Option<&'static str> {
        match self {
            Self::DefaultSeatLimit => Some("SEATKEEPER_DEFAULT_SEAT_LIMIT"),
            Self::ResyncNightly => Some("SEATKEEPER_RESYNC_NIGHTLY"),
            Self::ResyncConfirmRemoved => Some("SEATKEEPER_RESYNC_CONFIRM_ABOVE"),
            Self::RawBodyDays => Some("SEATKEEPER_RAW_BODY_DAYS"),
            Self::StaffIdleMinutes => Some("SEATKEEPER_STAFF_IDLE_MINUTES"),
            Self::TenantIdleMinutes => Some("SEATKEEPER_TENANT_IDLE_MINUTES"),
            Self::SessionHours => Some("SEATKEEPER_SESSION_HOURS"),
            Self::DefaultPolicy
            | Self::UsageThresholds
            | Self::NotifyStaffOfUsage
            | Self::ApplicationRoles
            | Self::DefaultRole
            | Self::KeptAttributes
            | Self::ReclaimAfterDays
            | Self::ResyncHour
            | Self::ResyncConfirmRemovedPercent
            | Self::ResyncConfirmAdded
            | Self::ResyncConfirmAddedPercent => None,
        }
    }

    pub fn kind(self) -> SettingKind {
        const PEOPLE: SettingKind = SettingKind::Number { least: 0, most: 1_000_000 };
        const PERCENT: SettingKind = SettingKind::Number { least: 1, most: 100 };
        const IDLE: SettingKind = SettingKind::Number { least: 5, most: 24 * 60 };
        match self {
            Self::DefaultSeatLimit => SettingKind::SeatLimit,
            Self::DefaultPolicy => SettingKind::Choice(POLICIES),
            Self::UsageThresholds => SettingKind::Percentages,
            Self::ApplicationRoles => SettingKind::RoleNames,
            Self::DefaultRole => SettingKind::RoleName,
            Self::KeptAttributes => SettingKind::AttributeNames,
            Self::ReclaimAfterDays => SettingKind::NumberOr { least: 14, most: 365, word: NEVER },
            Self::NotifyStaffOfUsage | Self::ResyncNightly => SettingKind::Choice(YES_OR_NO),
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

/// The values of all settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingValues {
    /// The seat limit and the policy of a new organization.
    pub default_seat_limit: SeatLimit,
    pub default_policy: AdmissionPolicy,
    /// When organizations without thresholds of their own are notified of their usage.
    pub usage_thresholds: UsageThresholds,
    /// Staff are notified, too, when people wait or few seats are left.
    pub notify_staff_of_usage: bool,
    /// The roles that organizations map their groups to, in order of name.
    pub application_roles: Vec<RoleName>,
    /// The role of a person without a mapped group.
    pub default_role: Option<RoleName>,
    /// The attributes of directory users that are stored.
    pub kept_attributes: KeptAttributes,
    /// After how long without use a seat is suggested to be released; `None` means never.
    pub reclaim_after: Option<Duration>,
    /// Whether each organization gets a resync once a night.
    pub resync_nightly: bool,
    /// The hour (UTC) after which the nightly resyncs start.
    pub resync_hour: u32,
    pub plan_guard: PlanGuard,
    /// How long raw bodies are kept; `None` means for ever.
    pub keep_bodies: Option<Duration>,
    pub sessions: SessionLimits,
}

impl Default for SettingValues {
    fn default() -> Self {
        Self {
            default_seat_limit: SeatLimit::NotSet,
            default_policy: AdmissionPolicy::FirstCome,
            usage_thresholds: UsageThresholds::default(),
            notify_staff_of_usage: false,
            application_roles: Vec::new(),
            default_role: None,
            kept_attributes: KeptAttributes::None,
            reclaim_after: Some(DAY * 60),
            resync_nightly: true,
            resync_hour: 2,
            plan_guard: PlanGuard::default(),
            keep_bodies: Some(DAY * 90),
            sessions: SessionLimits::default(),
        }
    }
}

impl SettingValues {
    /// Gives a setting the value that a text says; the refusal says which values it takes.
    pub fn set(&mut self, name: SettingName, text: &str) -> Result<(), Refusal> {
        let text = text.trim();
        let number = || number(text, name.kind()).ok_or(Refusal::SettingValue(name));
        let minutes = || number().map(|minutes| Duration::from_mins(minutes.into()));
        match name {
            SettingName::DefaultSeatLimit if text == NOT_SET => {
                self.default_seat_limit = SeatLimit::NotSet;
            }
            SettingName::DefaultSeatLimit => {
                let limit = SeatLimit::parse(text).map_err(|_| Refusal::SettingValue(name))?;
                self.default_seat_limit = limit;
            }
            SettingName::DefaultPolicy => {
                self.default_policy = match text {
                    "first-come" => AdmissionPolicy::FirstCome,
                    "by-hand" => AdmissionPolicy::ByHand,
                    _ => return Err(Refusal::SettingValue(name)),
                };
            }
            SettingName::UsageThresholds => {
                let thresholds = UsageThresholds::parse(text);
                self.usage_thresholds = thresholds.ok_or(Refusal::SettingValue(name))?;
            }
            SettingName::NotifyStaffOfUsage => {
                let notify = yes_or_no(text).ok_or(Refusal::SettingValue(name))?;
                self.notify_staff_of_usage = notify;
            }
            SettingName::ApplicationRoles if text == NONE => self.application_roles.clear(),
            SettingName::ApplicationRoles => {
                let roles = role_names(text).ok_or(Refusal::SettingValue(name))?;
                self.application_roles = roles;
            }
            SettingName::DefaultRole if text == NONE => self.default_role = None,
            SettingName::DefaultRole => {
                let role = RoleName::parse(text).ok_or(Refusal::SettingValue(name))?;
                self.default_role = Some(role);
            }
            SettingName::KeptAttributes => {
                let kept = KeptAttributes::parse(text).ok_or(Refusal::SettingValue(name))?;
                self.kept_attributes = kept;
            }
            SettingName::ReclaimAfterDays if text == NEVER => self.reclaim_after = None,
            SettingName::ReclaimAfterDays => self.reclaim_after = Some(DAY * number()?),
            SettingName::ResyncNightly => {
                self.resync_nightly = yes_or_no(text).ok_or(Refusal::SettingValue(name))?;
            }
            SettingName::ResyncHour => self.resync_hour = number()?,
            SettingName::ResyncConfirmRemoved => self.plan_guard.removed = number()?.into(),
            SettingName::ResyncConfirmRemovedPercent => {
                self.plan_guard.removed_percent = number()?.into();
            }
            SettingName::ResyncConfirmAdded => self.plan_guard.added = number()?.into(),
            SettingName::ResyncConfirmAddedPercent => {
                self.plan_guard.added_percent = number()?.into();
            }
            SettingName::RawBodyDays if text == FOR_EVER => self.keep_bodies = None,
            SettingName::RawBodyDays => self.keep_bodies = Some(DAY * number()?),
            SettingName::StaffIdleMinutes => self.sessions.staff_idle = minutes()?,
            SettingName::TenantIdleMinutes => self.sessions.tenant_idle = minutes()?,
            SettingName::SessionHours => {
                self.sessions.absolute = Duration::from_hours(number()?.into());
            }
        }
        Ok(())
    }

    /// The value as a text that `set` reads.
    pub fn text(&self, name: SettingName) -> String {
        let minutes = |time: Duration| (time.as_secs() / 60).to_string();
        match name {
            SettingName::DefaultSeatLimit => match self.default_seat_limit {
                SeatLimit::NotSet => NOT_SET.to_owned(),
                SeatLimit::Seats(seats) => seats.to_string(),
                SeatLimit::Unlimited => "unlimited".to_owned(),
            },
            SettingName::DefaultPolicy => self.default_policy.as_str().to_owned(),
            SettingName::UsageThresholds => self.usage_thresholds.text(),
            SettingName::ApplicationRoles if self.application_roles.is_empty() => NONE.to_owned(),
            SettingName::ApplicationRoles => joined(self.application_roles.iter()),
            SettingName::DefaultRole => {
                self.default_role.as_ref().map_or(NONE, RoleName::as_str).to_owned()
            }
            SettingName::KeptAttributes => self.kept_attributes.text(),
            SettingName::ReclaimAfterDays => days(self.reclaim_after, NEVER),
            SettingName::NotifyStaffOfUsage => yes_no(self.notify_staff_of_usage),
            SettingName::ResyncNightly => yes_no(self.resync_nightly),
            SettingName::ResyncHour => self.resync_hour.to_string(),
            SettingName::ResyncConfirmRemoved => self.plan_guard.removed.to_string(),
            SettingName::ResyncConfirmRemovedPercent => self.plan_guard.removed_percent.to_string(),
            SettingName::ResyncConfirmAdded => self.plan_guard.added.to_string(),
            SettingName::ResyncConfirmAddedPercent => self.plan_guard.added_percent.to_string(),
            SettingName::RawBodyDays => days(self.keep_bodies, FOR_EVER),
            SettingName::StaffIdleMinutes => minutes(self.sessions.staff_idle),
            SettingName::TenantIdleMinutes => minutes(self.sessions.tenant_idle),
            SettingName::SessionHours => (self.sessions.absolute.as_secs() / 3_600).to_string(),
        }
    }
}

/// A number of days, or the word for none.
fn days(span: Option<Duration>, none: &str) -> String {
    span.map_or_else(|| none.to_owned(), |span| (span.as_secs() / DAY.as_secs()).to_string())
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

/// The names of a list, in order and without duplicates. “none” is no name.
fn role_names(text: &str) -> Option<Vec<RoleName>> {
    let names = text.split(',').map(|name| RoleName::parse(name.trim()));
    let mut names = names.collect::<Option<Vec<_>>>()?;
    names.sort();
    names.dedup();
    let is_word = names.iter().any(|name| name.as_str() == NONE);
    (names.len() <= RoleName::MOST && !is_word).then_some(names)
}

fn number(text: &str, kind: SettingKind) -> Option<u32> {
    let (SettingKind::Number { least, most } | SettingKind::NumberOr { least, most, .. }) = kind
    else {
        return None;
    };
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_digits && (least..=most).contains(number))
}

#[cfg(test)]
mod tests;
