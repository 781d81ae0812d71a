//! The settings that staff admins change while Seatkeeper runs: their names, ranges and values. A
//! value is stored as a text. The environment may fix a setting, and then its value wins.

mod fixed;
mod kind;
mod plan_guard;
mod texts;
mod words;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::texts::{days, number, role_names, yes_no, yes_or_no};
pub use self::{
    fixed::FixedSettings, kind::SettingKind, plan_guard::PlanGuard, words::SettingWords,
};
use super::{
    admission::AdmissionPolicy,
    alert::UsageThresholds,
    attribute::KeptAttributes,
    organization::SeatLimit,
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
    ApprovalAbove,
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
    StaffSecondFactor,
}

/// The word of a seat limit that is not set.
const NOT_SET: &str = "not set";
const FOR_EVER: &str = "forever";
const NEVER: &str = "never";
const NONE: &str = "none";
const OFF: &str = "off";

impl SettingName {
    /// In the order of the page.
    pub const ALL: [Self; 20] = [
        Self::DefaultSeatLimit,
        Self::DefaultPolicy,
        Self::ApprovalAbove,
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
        Self::StaffSecondFactor,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::DefaultSeatLimit => "default_seat_limit",
            Self::DefaultPolicy => "default_policy",
            Self::ApprovalAbove => "approval_above",
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
            Self::StaffSecondFactor => "staff_second_factor",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// The environment variable that fixes the setting.
    pub fn variable(self) -> Option<&'static str> {
        match self {
            Self::DefaultSeatLimit => Some("SEATKEEPER_DEFAULT_SEAT_LIMIT"),
            Self::ApprovalAbove => Some("SEATKEEPER_APPROVAL_ABOVE"),
            Self::ResyncNightly => Some("SEATKEEPER_RESYNC_NIGHTLY"),
            Self::ResyncConfirmRemoved => Some("SEATKEEPER_RESYNC_CONFIRM_ABOVE"),
            Self::RawBodyDays => Some("SEATKEEPER_RAW_BODY_DAYS"),
            Self::StaffIdleMinutes => Some("SEATKEEPER_STAFF_IDLE_MINUTES"),
            Self::TenantIdleMinutes => Some("SEATKEEPER_TENANT_IDLE_MINUTES"),
            Self::SessionHours => Some("SEATKEEPER_SESSION_HOURS"),
            Self::StaffSecondFactor => Some("SEATKEEPER_STAFF_SECOND_FACTOR"),
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
}

/// The values of all settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingValues {
    /// The seat limit and the policy of a new organization.
    pub default_seat_limit: SeatLimit,
    pub default_policy: AdmissionPolicy,
    /// A change of a seat limit by more seats than this needs a second staff member; `None`: no
    /// change does.
    pub approval_above: Option<u32>,
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
    /// Whether staff need more than a password.
    pub staff_second_factor: bool,
}

impl Default for SettingValues {
    fn default() -> Self {
        Self {
            default_seat_limit: SeatLimit::NotSet,
            default_policy: AdmissionPolicy::FirstCome,
            approval_above: None,
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
            staff_second_factor: false,
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
            SettingName::ApprovalAbove if text == OFF => self.approval_above = None,
            SettingName::ApprovalAbove => self.approval_above = Some(number()?),
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
            SettingName::StaffSecondFactor => {
                let needed = yes_or_no(text).ok_or(Refusal::SettingValue(name))?;
                self.staff_second_factor = needed;
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
            SettingName::ApprovalAbove => {
                self.approval_above.map_or_else(|| OFF.to_owned(), |above| above.to_string())
            }
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
            SettingName::StaffSecondFactor => yes_no(self.staff_second_factor),
        }
    }
}

#[cfg(test)]
mod tests;
