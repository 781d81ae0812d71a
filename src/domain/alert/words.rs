//! What an alert is called on pages, on the command line and in posts.

use super::{AlertKind, Message, SystemAlert, Threshold};
use crate::preference::Period;

impl Message {
    /// The alert in a few words: `People are waiting`. `target` is that of the alert.
    pub fn title(self, target: &str) -> String {
        match self {
            Self::Opened(AlertKind::SeatUsageHigh) => match Threshold::parse(target) {
                Some(Threshold::Percent(percent)) => format!("{percent} % of the seats are used"),
                Some(Threshold::Left(1)) => "Only 1 seat is left".to_owned(),
                Some(Threshold::Left(left)) => format!("Only {left} seats are left"),
                None => Self::Opened(AlertKind::SeatUsageHigh).name().to_owned(),
            },
            other => other.name().to_owned(),
        }
    }

    /// The kind in one or two words, for a filter.
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Opened(kind) => match kind {
                AlertKind::SeatLimitReached => "People wait",
                AlertKind::SeatUsageHigh => "Usage",
                AlertKind::OverLimit => "Over",
                AlertKind::LimitNotSet => "No limit",
                AlertKind::DirectoryDisabled => "Directory off",
                AlertKind::ResyncFailed => "Resync failed",
                AlertKind::ResyncNeedsConfirmation => "Resync to confirm",
                AlertKind::ChannelFailing => "Slack fails",
            },
            Self::SeatsFree => "Seats free",
            Self::Request(_) => "Seat request",
            Self::Proposal(_) => "Second person",
            Self::LimitChanged => "Limit changed",
            Self::Invitation => "Invitation",
            Self::Digest(_) => "Digest",
            Self::Account(_) => "Account",
            Self::System(kind) => match kind {
                SystemAlert::DeadLetters => "Webhooks",
                SystemAlert::Drift => "Numbers",
                SystemAlert::EnforcementSilent => "Decisions",
                SystemAlert::EmailFailing => "E-mail",
                SystemAlert::StaffSlackFailing => "Slack of staff",
                SystemAlert::WebhookEndpointDisabled => "Outgoing webhooks",
            },
        }
    }

    /// The kind of alert or message in a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened(kind) => match kind {
                AlertKind::SeatLimitReached => "People are waiting",
                AlertKind::SeatUsageHigh => "Usage is high",
                AlertKind::OverLimit => "Over the limit",
                AlertKind::LimitNotSet => "People are waiting, and no limit is set",
                AlertKind::DirectoryDisabled => "A directory is switched off",
                AlertKind::ResyncFailed => "A resync failed",
                AlertKind::ResyncNeedsConfirmation => "A resync waits for a confirmation",
                AlertKind::ChannelFailing => "The Slack channel takes no posts",
            },
            Self::SeatsFree => "The waitlist is empty again",
            Self::Request(message) => message.name(),
            Self::Proposal(message) => message.name(),
            Self::LimitChanged => "The seat limit was changed",
            Self::Invitation => "An invitation",
            Self::Digest(Period::Daily) => "Daily digest",
            Self::Digest(Period::Weekly) => "Weekly digest",
            Self::Account(message) => message.name(),
            Self::System(kind) => match kind {
                SystemAlert::DeadLetters => "A webhook could not be processed",
                SystemAlert::Drift => "Stored numbers are wrong",
                SystemAlert::EnforcementSilent => "Deliveries lead to no decisions",
                SystemAlert::EmailFailing => "The mail server takes no e-mails",
                SystemAlert::StaffSlackFailing => "The Slack channel of staff takes no posts",
                SystemAlert::WebhookEndpointDisabled => "An endpoint gets no events any more",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_part_of_the_title() {
        let title = |target| Message::Opened(AlertKind::SeatUsageHigh).title(target);

        assert_eq!(title("80%"), "80 % of the seats are used");
        assert_eq!(title("1-left"), "Only 1 seat is left");
        assert_eq!(title("2-left"), "Only 2 seats are left");
        assert_eq!(title("?"), "Usage is high");
        assert_eq!(Message::SeatsFree.title(""), "The waitlist is empty again");
    }
}
