//! Typed ids. Scalekit's ids are kept as they arrive (`org_…`, `diruser_…`). Our own ids have a
//! prefix and sort by creation.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{directory_user::email_key, refusal::Refusal, text::is_unseen};

/// The longest id that is stored, in bytes. Scalekit's ids have at most 37; an id made from an
/// e-mail address can be longer.
pub const MOST_BYTES: usize = 400;

/// Whether a text can be an id. An id is not empty, contains no invisible characters and no blanks,
/// is no step of a path (`.`, `..`), and is not longer than [`MOST_BYTES`].
pub fn is_id(text: &str) -> bool {
    let fits = !["", ".", ".."].contains(&text) && text.len() <= MOST_BYTES;
    fits && !text.chars().any(|c| c.is_whitespace() || is_unseen(c))
}

/// An id that Seatkeeper gives: a prefix and 26 characters that sort by creation.
pub trait OwnId: From<String> {
    const PREFIX: &'static str;
}

/// An id from outside that is not parsed yet: one text, and not a list of them, of which the first
/// would count.
#[derive(Deserialize)]
#[serde(transparent)]
struct Written(String);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "Written")]
        pub struct $name(String);

        impl TryFrom<Written> for $name {
            type Error = &'static str;

            fn try_from(Written(text): Written) -> Result<Self, Self::Error> {
                Self::parse(&text).ok_or("this is no id")
            }
        }

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Parses an id from outside; see [`is_id`].
            pub fn parse(text: &str) -> Option<Self> {
                is_id(text).then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )*};
}

macro_rules! own_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        ids! { $($(#[$doc])* $name;)* }

        $(impl OwnId for $name {
            const PREFIX: &'static str = $prefix;
        })*
    };
}

ids! {
    /// A customer of the SaaS product, here a tenant: Scalekit's `org_…`.
    OrganizationId;
    /// One user in one directory: Scalekit's `diruser_…`, or `email:…` for a placeholder without a
    /// real id.
    DirectoryUserId;
    /// A connection to Okta, Entra ID, Google …: Scalekit's `dir_…`.
    DirectoryId;
    /// Scalekit's `dirgroup_…`.
    GroupId;
    /// Scalekit's `evt_…`: the id inside a webhook's body.
    EventId;
    /// The `webhook-id` header, `msg_…`: the same for every retry of one message.
    WebhookId;
    /// Who changed something: the id of an account, or of an API key.
    ActorId;
    /// What a message is about: the id of an alert, of an entry of a seat request, of a
    /// proposal, of a digest, of a link to an account, of an entry of the audit log or of a sending
    /// of an invitation, or a version of a seat limit.
    AboutId;
}

own_ids! {
    /// One row of the inbox.
    DeliveryId = "dlv";
    /// What a person did with a delivery.
    HistoryEntryId = "his";
    /// A bulk replay of dead letters.
    ReplayId = "rpl";
    /// A dashboard account.
    AccountId = "acc";
    /// One entry of the audit log.
    AuditEntryId = "aud";
    /// One alert, from its opening to its resolution.
    AlertId = "alr";
    /// One message to one recipient in the outbox.
    MessageId = "out";
    /// One resync.
    ResyncId = "rsn";
    /// One import of people.
    ImportId = "imp";
    /// One digest to one account.
    DigestId = "dig";
    /// One sign-in of an account in one browser.
    SessionId = "ses";
    /// One API key.
    ApiKeyId = "key";
    /// One link that an account gets by e-mail.
    AccountLinkId = "lnk";
    /// One seat request.
    SeatRequestId = "srq";
    /// One entry of the conversation about a seat request.
    SeatRequestEntryId = "rqe";
    /// A change of a seat limit that waits for a second staff member.
    ProposalId = "lpr";
    /// An invitation of one address.
    InvitationId = "inv";
    /// One outgoing event; the `webhook-id` of its webhooks, too.
    OutgoingEventId = "oev";
    /// One address of the product that gets outgoing events.
    WebhookEndpointId = "wep";
    /// One passkey of an account.
    PasskeyId = "psk";
}

impl From<&AlertId> for AboutId {
    fn from(id: &AlertId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&SeatRequestEntryId> for AboutId {
    fn from(id: &SeatRequestEntryId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&ProposalId> for AboutId {
    fn from(id: &ProposalId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&DigestId> for AboutId {
    fn from(id: &DigestId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&AccountLinkId> for AboutId {
    fn from(id: &AccountLinkId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&AuditEntryId> for AboutId {
    fn from(id: &AuditEntryId) -> Self {
        Self(id.0.clone())
    }
}

impl OrganizationId {
    /// Parses what a person types for a new organization: Scalekit's id.
    ///
    /// ```
    /// use domain::id::OrganizationId;
    ///
    /// assert!(OrganizationId::parse_new(" org_12345 ").is_ok());
    /// assert!(OrganizationId::parse_new("Acme").is_err());
    /// ```
    pub fn parse_new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let is_usual = text.strip_prefix("org_").is_some_and(|rest| !rest.is_empty());
        Self::parse(text)
            .filter(|_| is_usual)
            .ok_or_else(|| Refusal::OrganizationId(text.to_owned()))
    }
}

impl DirectoryUserId {
    const BY_EMAIL: &str = "email:";

    /// The placeholder id of a user whose real id is not known yet.
    ///
    /// ```
    /// use domain::id::DirectoryUserId;
    ///
    /// let id = DirectoryUserId::by_email("Ada@Acme.test");
    ///
    /// assert_eq!(id.as_str(), "email:ada@acme.test");
    /// assert!(id.is_by_email());
    /// ```
    pub fn by_email(email: &str) -> Self {
        Self(format!("{}{}", Self::BY_EMAIL, email_key(email)))
    }

    /// Whether this is an id as Scalekit makes it, or a placeholder id, and not one of another
    /// thing.
    pub fn is_usual(&self) -> bool {
        self.0.starts_with("diruser_") || self.is_by_email()
    }

    /// Whether this is a placeholder id, which the first real id replaces.
    pub fn is_by_email(&self) -> bool {
        self.0.starts_with(Self::BY_EMAIL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_no_blanks_and_an_end() {
        assert!(OrganizationId::parse("org_1").is_some());
        for bad in ["", "org 1", "org\n", "org\u{0}", ".", "..", "org_a\u{200b}", "org_tw\u{202e}"]
        {
            assert_eq!(OrganizationId::parse(bad), None, "{bad:?}");
        }
        assert_eq!(OrganizationId::parse(&"x".repeat(MOST_BYTES + 1)), None);
    }

    #[test]
    fn a_person_without_an_id_is_keyed_by_the_lower_case_address() {
        let id = DirectoryUserId::by_email(" Ada@Acme.Test ");
        assert_eq!(id.as_str(), "email:ada@acme.test");
        assert!(id.is_by_email());
    }
}
