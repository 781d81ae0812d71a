//! Alerts. An alert is opened when a condition becomes true, notifies its recipients once, and is
//! resolved when the condition is false.

use serde::{Deserialize, Serialize};

use super::{
    access::Role,
    organization::{SeatLimit, Usage},
};

/// What an organization's admins or our staff are notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A limit blocked a user. The alert is resolved when no user waits. For the tenant's admins.
    SeatLimitReached,
    /// A user waits and no limit is set yet. For staff; the tenant is not notified.
    LimitNotSet,
    /// A resync of the organization failed. The alert is resolved by the next resync that works.
    /// For staff.
    ResyncFailed,
    /// A plan waits for a person. The alert is resolved when the plan is confirmed, discarded or
    /// expired. For the people who may confirm it.
    ResyncNeedsConfirmation,
}

impl AlertKind {
    pub const ALL: [Self; 4] = [
        Self::SeatLimitReached,
        Self::LimitNotSet,
        Self::ResyncFailed,
        Self::ResyncNeedsConfirmation,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeatLimitReached => "seat_limit_reached",
            Self::LimitNotSet => "limit_not_set",
            Self::ResyncFailed => "resync_failed",
            Self::ResyncNeedsConfirmation => "resync_needs_confirmation",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether the organization's own admins are notified. Staff are notified if it has none.
    pub fn is_for_tenants(self) -> bool {
        match self {
            Self::SeatLimitReached | Self::ResyncNeedsConfirmation => true,
            Self::LimitNotSet | Self::ResyncFailed => false,
        }
    }
}

/// The alerts that the numbers of an organization alone open and resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageAlert {
    SeatLimitReached,
    LimitNotSet,
}

impl UsageAlert {
    pub const ALL: [Self; 2] = [Self::SeatLimitReached, Self::LimitNotSet];

    /// `None` if the numbers do not decide about this alert.
    pub fn of(kind: AlertKind) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| AlertKind::from(*usage) == kind)
    }

    /// Whether the condition holds for an organization with these numbers.
    pub fn holds(self, usage: &Usage) -> bool {
        let not_set = usage.limit == SeatLimit::NotSet;
        match self {
            Self::SeatLimitReached => usage.waiting > 0 && !not_set,
            Self::LimitNotSet => usage.waiting > 0 && not_set,
        }
    }
}

impl From<UsageAlert> for AlertKind {
    fn from(alert: UsageAlert) -> Self {
        match alert {
            UsageAlert::SeatLimitReached => Self::SeatLimitReached,
            UsageAlert::LimitNotSet => Self::LimitNotSet,
        }
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
}

impl SystemAlert {
    pub const ALL: [Self; 3] = [Self::DeadLetters, Self::Drift, Self::EnforcementSilent];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeadLetters => "dead_letters",
            Self::Drift => "drift",
            Self::EnforcementSilent => "enforcement_silent",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An account to which an e-mail is addressed, as it is when the e-mail is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one column of a row")]
pub struct Recipient {
    pub role: Role,
    pub is_disabled: bool,
    /// A member of the organization that the e-mail is about.
    pub is_member: bool,
    pub is_archived: bool,
    /// False if the e-mail is about Seatkeeper itself.
    pub is_about_organization: bool,
    /// The alert that caused the e-mail.
    pub kind: Option<AlertKind>,
}

impl Recipient {
    /// Why the e-mail must not be sent any more, as a sentence.
    pub fn refusal(&self) -> Option<&'static str> {
        let is_for_tenants =
            self.is_about_organization && self.kind.is_none_or(AlertKind::is_for_tenants);
        if self.is_disabled {
            return Some("The recipient's account is disabled.");
        }
        if self.is_archived {
            return Some("The organization is archived.");
        }
        match self.role {
            Role::StaffAdmin | Role::Staff => None,
            Role::TenantAdmin if is_for_tenants && self.is_member => None,
            Role::TenantAdmin if is_for_tenants => {
                Some("The recipient is no longer a member of the organization.")
            }
            Role::TenantAdmin | Role::TenantViewer => {
                Some("The recipient no longer has the role that receives this e-mail.")
            }
        }
    }

    /// The reason if no account has the address.
    pub const GONE: &str = "No account has this address any more.";
}

/// What became of the notification that an open alert causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Every recipient was notified.
    Sent,
    /// A replay without e-mails opened the alert; the next real block notifies.
    Suppressed,
    /// No recipient was notified: there was none, or none of the e-mails may be sent any more. The
    /// recipients are notified as soon as there is one.
    Owed,
}

impl Notice {
    pub const ALL: [Self; 3] = [Self::Sent, Self::Suppressed, Self::Owed];

    /// What becomes of a notification to these recipients.
    pub fn to(recipients: &[String]) -> Self {
        if recipients.is_empty() { Self::Owed } else { Self::Sent }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Suppressed => "suppressed",
            Self::Owed => "owed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == text)
    }

    /// Whether a transaction that may send e-mails sends this one now.
    pub fn is_due(self, blocked: bool) -> bool {
        match self {
            Self::Sent => false,
            Self::Suppressed => blocked,
            Self::Owed => true,
        }
    }
}

/// An alert to open or to resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Opens(UsageAlert),
    Resolves(UsageAlert),
}

/// Returns the alerts to open and to resolve, given the open alerts and the current numbers.
pub fn turns(open: &[UsageAlert], usage: &Usage) -> Vec<Turn> {
    let turn = |kind: UsageAlert| match (open.contains(&kind), kind.holds(usage)) {
        (false, true) => Some(Turn::Opens(kind)),
        (true, false) => Some(Turn::Resolves(kind)),
        (true, true) | (false, false) => None,
    };
    UsageAlert::ALL.into_iter().filter_map(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(limit: SeatLimit, waiting: i64) -> Usage {
        Usage { limit, used: 5, waiting }
    }

    #[test]
    fn an_alert_opens_once_and_is_resolved_when_the_waitlist_is_empty() {
        let full = SeatLimit::Seats(5);
        assert_eq!(turns(&[], &usage(full, 1)), [Turn::Opens(UsageAlert::SeatLimitReached)]);
        assert_eq!(turns(&[UsageAlert::SeatLimitReached], &usage(full, 2)), []);
        assert_eq!(
            turns(&[UsageAlert::SeatLimitReached], &usage(full, 0)),
            [Turn::Resolves(UsageAlert::SeatLimitReached)]
        );
    }

    /// Every set of open alerts with every kind of numbers.
    #[test]
    fn afterwards_exactly_what_holds_is_open_and_nothing_turns_twice() {
        let limits = [
            SeatLimit::NotSet,
            SeatLimit::Seats(0),
            SeatLimit::Seats(5),
            SeatLimit::Seats(9),
            SeatLimit::Unlimited,
        ];
        for open in
            [&[][..], &[UsageAlert::SeatLimitReached], &[UsageAlert::LimitNotSet], &UsageAlert::ALL]
        {
            for usage in
                limits.into_iter().flat_map(|limit| [0, 1, 7].map(|waiting| usage(limit, waiting)))
            {
                let mut now_open = open.to_vec();

                for turn in turns(open, &usage) {
                    match turn {
                        Turn::Opens(kind) => now_open.push(kind),
                        Turn::Resolves(kind) => now_open.retain(|other| *other != kind),
                    }
                }

                now_open.sort_unstable();
                let holding: Vec<_> =
                    UsageAlert::ALL.into_iter().filter(|kind| kind.holds(&usage)).collect();
                assert_eq!(now_open, holding, "{open:?} {usage:?}");
                assert!(holding.len() <= 1, "the tenant or staff, never both");
                assert_eq!(turns(&now_open, &usage), []);
            }
        }
    }

    #[test]
    fn more_people_waiting_are_no_new_alert_and_an_empty_waitlist_allows_one() {
        let full = SeatLimit::Seats(5);
        let open = [UsageAlert::SeatLimitReached];
        for waiting in 1..100 {
            assert_eq!(turns(&open, &usage(full, waiting)), []);
        }

        assert_eq!(turns(&open, &usage(full, 0)), [Turn::Resolves(UsageAlert::SeatLimitReached)]);
        assert_eq!(turns(&[], &usage(full, 1)), [Turn::Opens(UsageAlert::SeatLimitReached)]);
    }

    #[test]
    fn without_a_limit_staff_are_notified_and_the_tenant_is_not() {
        assert_eq!(
            turns(&[], &usage(SeatLimit::NotSet, 3)),
            [Turn::Opens(UsageAlert::LimitNotSet)]
        );
        let set = turns(&[UsageAlert::LimitNotSet], &usage(SeatLimit::Seats(1), 2));
        assert_eq!(
            set,
            [Turn::Opens(UsageAlert::SeatLimitReached), Turn::Resolves(UsageAlert::LimitNotSet)]
        );
    }
}
