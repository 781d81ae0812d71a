//! Messages about alerts, and who may receive them.

use serde::{Deserialize, Serialize};

use super::{AlertKind, Audience, SystemAlert};
use crate::{
    access::Role, account::AccountMessage, limit_proposal::ProposalMessage, preference::Period,
    seat_request::RequestMessage,
};

/// A message that Seatkeeper sends. It is composed when it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Message {
    /// An alert of an organization was opened.
    Opened(AlertKind),
    /// No user waits any more: the alert that the limit was reached is resolved.
    SeatsFree,
    /// A person did something about a seat request, or has to.
    Request(RequestMessage),
    /// A large change of the seat limit waits for a second staff member, or was answered.
    Proposal(ProposalMessage),
    /// Staff changed the seat limit, not because of a request.
    LimitChanged,
    /// A person is invited to an organization, or to the staff. It goes to an address without an
    /// account.
    Invitation,
    /// What happened in a period, instead of single e-mails.
    Digest(Period),
    /// An account's owner gets a link, or is told what was changed.
    Account(AccountMessage),
    /// An alert about Seatkeeper itself was opened.
    System(SystemAlert),
}

impl From<Message> for String {
    fn from(message: Message) -> Self {
        message.as_str().to_owned()
    }
}

impl TryFrom<String> for Message {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("this is no message")
    }
}

impl Message {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened(kind) => kind.as_str(),
            Self::SeatsFree => "seats_free",
            Self::Request(message) => message.as_str(),
            Self::Proposal(message) => message.as_str(),
            Self::LimitChanged => "limit_changed",
            Self::Invitation => "invitation",
            Self::Digest(Period::Daily) => "digest_daily",
            Self::Digest(Period::Weekly) => "digest_weekly",
            Self::Account(message) => message.as_str(),
            Self::System(kind) => kind.as_str(),
        }
    }

    /// Every message, those of organizations first.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_organizations = AlertKind::ALL.into_iter().map(Self::Opened);
        let of_the_installation = SystemAlert::ALL.into_iter().map(Self::System);
        let of_requests = RequestMessage::ALL.into_iter().map(Self::Request);
        let of_proposals = ProposalMessage::ALL.into_iter().map(Self::Proposal);
        let digests = Period::ALL.into_iter().map(Self::Digest);
        let of_accounts = AccountMessage::ALL.into_iter().map(Self::Account);
        of_organizations
            .chain([Self::SeatsFree, Self::LimitChanged, Self::Invitation])
            .chain(of_requests)
            .chain(of_proposals)
            .chain(digests)
            .chain(of_accounts)
            .chain(of_the_installation)
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|message| message.as_str() == text)
    }

    pub fn audience(self) -> Audience {
        match self {
            Self::Opened(kind) => kind.audience(),
            Self::SeatsFree => AlertKind::SeatLimitReached.audience(),
            Self::Request(message) if message.is_for_staff() => Audience::Staff,
            Self::Request(_) | Self::LimitChanged | Self::Invitation => Audience::TenantAdminsAlone,
            Self::Digest(_) | Self::Account(_) => Audience::TenantAdminsAndStaff,
            Self::Proposal(_) | Self::System(_) => Audience::Staff,
        }
    }

    pub fn is_for_staff_admins(self) -> bool {
        matches!(self, Self::System(alert) if alert.is_for_staff_admins())
    }
}

/// The way on which a message leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    /// An incoming webhook of Slack, or of a program that takes the same posts.
    Slack,
}

impl Channel {
    pub const ALL: [Self; 2] = [Self::Email, Self::Slack];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Slack => "slack",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// The Slack channel that a post goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlackRecipient {
    /// That of the organization.
    Organization,
    /// That of staff.
    Staff,
}

impl SlackRecipient {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Staff => "staff",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Organization, Self::Staff].into_iter().find(|one| one.as_str() == text)
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
}

impl Recipient {
    /// The reason if no account has the address.
    pub const GONE: &str = "No account has this address any more.";

    /// Why the e-mail must not be sent any more, as a sentence.
    pub fn refusal(&self, message: Message) -> Option<&'static str> {
        let is_for_tenants = self.is_about_organization && message.audience().has_tenants();
        if self.is_disabled {
            return Some("The recipient's account is disabled.");
        }
        if let Message::Digest(_) | Message::Account(_) = message {
            return None;
        }
        if self.is_archived {
            return Some("The organization is archived.");
        }
        match self.role {
            Role::Staff if message.is_for_staff_admins() => {
                Some("The recipient no longer has the role that receives this e-mail.")
            }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_a_name_of_its_own() {
        for message in Message::all() {
            assert_eq!(Message::parse(message.as_str()), Some(message));
        }
        assert_eq!(Message::parse(""), None);
    }
}
