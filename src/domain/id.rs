//! Typed ids. Scalekit's ids stay as they come (`org_…`, `diruser_…`); our own carry a prefix and sort by creation.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{directory_user::email_key, text::is_unseen};

/// The longest id we store, in bytes. Scalekit's are at most 37; an id made of an e-mail address may be longer.
pub const MOST_BYTES: usize = 400;

/// An id as it comes from outside; it has to be parsed.
#[derive(Deserialize)]
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

            /// An id as somebody else wrote it: not empty, nothing that cannot be seen, no step of a path (`.`, `..`), not endless.
            pub fn parse(text: &str) -> Option<Self> {
                let fits = !["", ".", ".."].contains(&text) && text.len() <= MOST_BYTES;
                (fits && !text.chars().any(|c| c.is_whitespace() || is_unseen(c))).then(|| Self(text.to_owned()))
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

ids! {
    /// A customer of the SaaS product, a tenant here: Scalekit's `org_…`.
    OrganizationId;
    /// One person in one directory: Scalekit's `diruser_…`, or `email:…` until the first real id is known.
    DirectoryUserId;
    /// A connection to Okta, Entra ID, Google …: Scalekit's `dir_…`.
    DirectoryId;
    /// Scalekit's `dirgroup_…`.
    GroupId;
    /// Scalekit's `evt_…`: the id inside a webhook's body.
    EventId;
    /// The `webhook-id` header, `msg_…`: the same for every retry of one message.
    WebhookId;
    /// One row of the inbox, `dlv_…`.
    DeliveryId;
    /// A replay of many dead letters, `rpl_…`.
    ReplayId;
    /// A dashboard account, `acc_…`.
    AccountId;
    /// One alert episode, `epi_…`.
    EpisodeId;
    /// One thing that has to leave: a mail to one person, `out_…`.
    LetterId;
    /// One comparison with the directory, `rsn_…`.
    ResyncId;
}

impl DirectoryUserId {
    const BY_EMAIL: &str = "email:";

    /// The key of a person whose real id nobody has told us yet.
    pub fn by_email(email: &str) -> Self {
        Self(format!("{}{}", Self::BY_EMAIL, email_key(email)))
    }

    /// Whether this is such a stand-in, to be adopted by the first real id.
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
        for bad in ["", "org 1", "org\n", "org\u{0}", ".", "..", "org_a\u{200b}", "org_tw\u{202e}"] {
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
