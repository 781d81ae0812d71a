//! The e-mail address of an account was changed: to the old address.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};
use crate::domain::time::Timestamp;

/// An account has another address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressChanged {
    /// The old address.
    pub email: String,
    pub at: Timestamp,
}

impl AddressChanged {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let content = Content {
            headline: "Your e-mail address was changed",
            lead: format!(
                "The Seatkeeper account of {} has another e-mail address since {}.",
                one_line(&self.email),
                self.at.exact()
            ),
            link: format!("{public_url}/sign-in"),
        };
        Email {
            subject: "The e-mail address of your Seatkeeper account was changed".to_owned(),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Content {
    headline: &'static str,
    lead: String,
    link: String,
}

#[derive(Template)]
#[template(path = "address_changed/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "address_changed/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
