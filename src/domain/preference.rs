//! What each person chooses to be told by e-mail: at once, in a digest, or never.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    access::Role,
    alert::{AlertKind, Message},
    time::Timestamp,
};

/// What a group of e-mails is about; a person chooses for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// People wait, or wait no longer.
    Waitlist,
    Usage,
    OverLimit,
    /// The seat limit was changed.
    LimitChanges,
    SeatRequests,
    /// A large change of a limit waits for a second staff member, or was answered.
    Proposals,
    Directories,
    Resyncs,
    /// Seatkeeper itself.
    Installation,
}

impl Topic {
    /// In the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Waitlist,
        Self::Usage,
        Self::OverLimit,
        Self::LimitChanges,
        Self::SeatRequests,
        Self::Proposals,
        Self::Directories,
        Self::Resyncs,
        Self::Installation,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waitlist => "waitlist",
            Self::Usage => "usage",
            Self::OverLimit => "over_limit",
            Self::LimitChanges => "limit_changes",
            Self::SeatRequests => "seat_requests",
            Self::Proposals => "proposals",
            Self::Directories => "directories",
            Self::Resyncs => "resyncs",
            Self::Installation => "installation",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text)
    }

    /// The topic of a message; `None`: a digest, an invitation, or an e-mail about the reader's own
    /// account, which no choice ends.
    pub fn of(message: Message) -> Option<Self> {
        Some(match message {
            Message::Opened(kind) => match kind {
                AlertKind::SeatLimitReached | AlertKind::LimitNotSet => Self::Waitlist,
                AlertKind::SeatUsageHigh => Self::Usage,
                AlertKind::OverLimit => Self::OverLimit,
                AlertKind::DirectoryDisabled => Self::Directories,
                AlertKind::ResyncFailed | AlertKind::ResyncNeedsConfirmation => Self::Resyncs,
                AlertKind::ChannelFailing => Self::Installation,
            },
            Message::SeatsFree => Self::Waitlist,
            Message::LimitChanged => Self::LimitChanges,
            Message::Request(_) => Self::SeatRequests,
            Message::Proposal(_) => Self::Proposals,
            Message::System(_) => Self::Installation,
            Message::Digest(_) | Message::Account(_) | Message::Invitation => return None,
        })
    }

    /// Whether accounts with this role get e-mails about it. Viewers get none.
    pub fn is_for(self, role: Role) -> bool {
        match role {
            Role::StaffAdmin | Role::Staff => self != Self::LimitChanges,
            Role::TenantAdmin => !matches!(self, Self::Proposals | Self::Installation),
            Role::TenantViewer => false,
        }
    }

    /// What a form calls it, and what the e-mails say.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Waitlist => ("Waitlist", "People have to wait for a seat, or got one."),
            Self::Usage => ("Usage", "Few seats are left."),
            Self::OverLimit => ("Over the limit", "More seats are used than the limit allows."),
            Self::LimitChanges => ("Seat limit", "The limit was changed."),
            Self::SeatRequests => ("Seat requests", "A request, its answer, or a reminder."),
            Self::Proposals => (
                "Second person",
                "A large change of a limit waits for a second person, or was answered.",
            ),
            Self::Directories => ("Directories", "A directory was switched off."),
            Self::Resyncs => ("Resyncs", "A resync failed, or waits for a confirmation."),
            Self::Installation => {
                ("Seatkeeper itself", "Failed webhooks, wrong numbers, channels that fail.")
            }
        }
    }
}

/// When a person gets the e-mails about a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    #[default]
    AtOnce,
    /// In the daily digest instead.
    Daily,
    /// In the weekly digest instead.
    Weekly,
    Never,
}

impl Frequency {
    pub const ALL: [Self; 4] = [Self::AtOnce, Self::Daily, Self::Weekly, Self::Never];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Never => "never",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|frequency| frequency.as_str() == text)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::AtOnce => "At once",
            Self::Daily => "Daily digest",
            Self::Weekly => "Weekly digest",
            Self::Never => "Never",
        }
    }

    /// Why a message is not sent by itself; `None`: it is.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Self::AtOnce => None,
            Self::Daily => Some("The recipient gets a daily digest instead."),
            Self::Weekly => Some("The recipient gets a weekly digest instead."),
            Self::Never => Some("The recipient chose not to get these e-mails."),
        }
    }
}

/// How often a digest is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Daily,
    Weekly,
}

impl Period {
    pub const ALL: [Self; 2] = [Self::Daily, Self::Weekly];
    /// Digests end at this hour, UTC.
    pub const HOUR: u64 = 6;

    pub fn as_str(self) -> &'static str {
        self.frequency().as_str()
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }

    /// What a person chooses to get it.
    pub fn frequency(self) -> Frequency {
        match self {
            Self::Daily => Frequency::Daily,
            Self::Weekly => Frequency::Weekly,
        }
    }

    /// How much time one digest tells of.
    pub fn span(self) -> Duration {
        match self {
            Self::Daily => Duration::from_hours(24),
            Self::Weekly => Duration::from_hours(7 * 24),
        }
    }

    /// When the newest digest ended: at six in the morning, of a weekly one on Monday.
    pub fn last_end(self, now: Timestamp) -> Timestamp {
        const DAY: i64 = 86_400;
        let hour = i64::try_from(Self::HOUR).unwrap_or(0) * 3_600;
        // the first Monday after 1970-01-01, which was a Thursday, is day 4
        let (every, first) = match self {
            Self::Daily => (DAY, hour),
            Self::Weekly => (7 * DAY, 4 * DAY + hour),
        };
        let seconds = now.nanos().div_euclid(1_000_000_000);
        Timestamp::from_seconds((seconds - first).div_euclid(every) * every + first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(topic));
        }
        for frequency in Frequency::ALL {
            assert_eq!(Frequency::parse(frequency.as_str()), Some(frequency));
        }
        for period in Period::ALL {
            assert_eq!(Period::parse(period.as_str()), Some(period));
        }
    }

    #[test]
    fn every_message_about_organizations_or_seatkeeper_has_a_topic_that_its_readers_can_choose() {
        for message in Message::all() {
            let Some(topic) = Topic::of(message) else {
                let has_none = matches!(
                    message,
                    Message::Digest(_) | Message::Account(_) | Message::Invitation
                );
                assert!(has_none, "{message:?}");
                continue;
            };
            let has_tenants = message.audience().has_tenants();
            let reader = if has_tenants { Role::TenantAdmin } else { Role::Staff };
            assert!(topic.is_for(reader), "{message:?}");
        }
    }

    #[test]
    fn a_digest_ends_in_the_morning_and_a_weekly_one_on_monday() {
        let at = |text| Timestamp::parse(text).unwrap();
        let end = |period: Period, now| period.last_end(at(now)).rfc3339();

        assert_eq!(end(Period::Daily, "2026-11-29T05:59:59Z"), "2026-11-28T06:00:00Z");
        assert_eq!(end(Period::Daily, "2026-11-29T06:00:00Z"), "2026-11-29T06:00:00Z");
        // 2026-11-30 is a Monday
        assert_eq!(end(Period::Weekly, "2026-11-30T05:59:59Z"), "2026-11-23T06:00:00Z");
        assert_eq!(end(Period::Weekly, "2026-12-02T00:00:00Z"), "2026-11-30T06:00:00Z");
        assert_eq!(end(Period::Weekly, "1970-01-01T00:00:00Z"), "1969-12-29T06:00:00Z");
    }
}
