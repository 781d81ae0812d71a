//! Alerts. An alert is opened when a condition becomes true, notifies its recipients once, and is
//! resolved when the condition is false.

mod message;
mod usage;
mod words;

use serde::{Deserialize, Serialize};

pub use self::{
    message::{Channel, Message, Recipient, SlackRecipient},
    usage::{Threshold, Turn, UsageAlert, UsageThresholds, turns},
};

/// What an organization's admins or our staff are notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A limit blocked a user. The alert is resolved when no user waits.
    SeatLimitReached,
    /// The used seats crossed a threshold. The alert is resolved five points below it.
    SeatUsageHigh,
    /// More seats are used than a lowered limit allows.
    OverLimit,
    /// A user waits and no limit is set yet. The tenant is not notified.
    LimitNotSet,
    /// A directory was disabled or deleted while users of the organization hold seats. The alert is
    /// resolved when it is enabled again, or when no seat can depend on it.
    DirectoryDisabled,
    /// A resync of the organization failed. The alert is resolved by the next resync that works.
    ResyncFailed,
    /// A plan waits for a person. The alert is resolved when the plan is confirmed, discarded or
    /// expired.
    ResyncNeedsConfirmation,
    /// The organization's Slack channel takes no posts. The alert is resolved when it takes one, or
    /// when its address is changed or removed. Tenants do not see it in their lists.
    ChannelFailing,
}

impl AlertKind {
    /// Whether the addresses that an organization's admins entered are notified, too.
    pub fn has_extra_recipients(self) -> bool {
        matches!(
            self,
            Self::SeatLimitReached
                | Self::SeatUsageHigh
                | Self::OverLimit
                | Self::DirectoryDisabled
        )
    }

    /// The most urgent first.
    pub const ALL: [Self; 8] = [
        Self::OverLimit,
        Self::SeatLimitReached,
        Self::LimitNotSet,
        Self::ResyncNeedsConfirmation,
        Self::DirectoryDisabled,
        Self::ResyncFailed,
        Self::ChannelFailing,
        Self::SeatUsageHigh,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeatLimitReached => "seat_limit_reached",
            Self::SeatUsageHigh => "seat_usage_high",
            Self::OverLimit => "over_limit",
            Self::LimitNotSet => "limit_not_set",
            Self::DirectoryDisabled => "directory_disabled",
            Self::ResyncFailed => "resync_failed",
            Self::ResyncNeedsConfirmation => "resync_needs_confirmation",
            Self::ChannelFailing => "channel_failing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn audience(self) -> Audience {
        match self {
            Self::SeatLimitReached => Audience::TenantAdminsElseStaff,
            Self::SeatUsageHigh => Audience::TenantAdmins,
            Self::OverLimit | Self::DirectoryDisabled | Self::ResyncNeedsConfirmation => {
                Audience::TenantAdminsAndStaff
            }
            Self::LimitNotSet | Self::ResyncFailed | Self::ChannelFailing => Audience::Staff,
        }
    }
}

/// The recipients of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Staff only if the installation's setting says so.
    TenantAdmins,
    /// Staff if the organization has no admin, or if the installation's setting says so.
    TenantAdminsElseStaff,
    TenantAdminsAndStaff,
    /// The organization's own admins, and no other person.
    TenantAdminsAlone,
    Staff,
}

impl Audience {
    /// Whether the organization's own admins are notified.
    pub fn has_tenants(self) -> bool {
        self != Self::Staff
    }
}

/// What our staff are notified of about Seatkeeper itself, for all organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemAlert {
    /// There are dead letters. The alert is resolved when none is left.
    DeadLetters,
    /// A stored number does not match its rows. The alert is resolved when a check has no finding.
    Drift,
    /// Every seat is used, and deliveries no longer lead to decisions.
    EnforcementSilent,
    /// The mail server takes no e-mails. The alert is resolved when it takes one.
    EmailFailing,
    /// The Slack channel of staff takes no posts. The alert is resolved when it takes one.
    StaffSlackFailing,
    /// Seatkeeper disabled an endpoint of outgoing webhooks. The alert is resolved when each of
    /// them is enabled again or removed.
    WebhookEndpointDisabled,
}

impl SystemAlert {
    pub const ALL: [Self; 6] = [
        Self::DeadLetters,
        Self::Drift,
        Self::EnforcementSilent,
        Self::EmailFailing,
        Self::StaffSlackFailing,
        Self::WebhookEndpointDisabled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeadLetters => "dead_letters",
            Self::Drift => "drift",
            Self::EnforcementSilent => "enforcement_silent",
            Self::EmailFailing => "email_failing",
            Self::StaffSlackFailing => "staff_slack_failing",
            Self::WebhookEndpointDisabled => "webhook_endpoint_disabled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether a channel of the installation takes no messages.
    pub fn is_about_a_channel(self) -> bool {
        self.channels() != Channel::ALL
    }

    /// Whether it is told to staff admins alone, because they alone can open its page.
    pub fn is_for_staff_admins(self) -> bool {
        self == Self::WebhookEndpointDisabled
    }

    /// The channels on which staff are notified. What is wrong with a channel is not told over it.
    pub fn channels(self) -> &'static [Channel] {
        match self {
            Self::EmailFailing => &[Channel::Slack],
            Self::StaffSlackFailing => &[Channel::Email],
            Self::DeadLetters
            | Self::Drift
            | Self::EnforcementSilent
            | Self::WebhookEndpointDisabled => &Channel::ALL,
        }
    }
}

/// What became of the notification that an open alert causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Every recipient was notified.
    Sent,
    /// A replay without messages opened the alert; the next real block notifies.
    Suppressed,
    /// No recipient was notified: there was none, or none of the messages may be sent any more. The
    /// recipients are notified as soon as there is one.
    Owed,
    /// An alert that counts more is open or opened in the same change, and notifies instead.
    Covered,
}

impl Notice {
    pub const ALL: [Self; 4] = [Self::Sent, Self::Suppressed, Self::Owed, Self::Covered];

    /// What becomes of a notification to so many recipients.
    pub fn to(recipients: usize) -> Self {
        if recipients == 0 { Self::Owed } else { Self::Sent }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Suppressed => "suppressed",
            Self::Owed => "owed",
            Self::Covered => "covered",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == text)
    }

    /// Whether a transaction that may send messages sends this one now.
    pub fn is_due(self, blocked: bool) -> bool {
        match self {
            Self::Sent | Self::Covered | Self::Owed => false,
            Self::Suppressed => blocked,
        }
    }
}
