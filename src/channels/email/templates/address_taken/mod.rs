//! Another account asked for an e-mail address that an account has: to the owner of the address.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};

/// An address that belongs to an account already was entered for another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressTaken {
    /// The address of the account.
    pub email: String,
}

impl AddressTaken {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let content = Content {
            headline: "Your address was entered again",
            lead: format!(
                "Another Seatkeeper account asked to use {}, which is the address of yours.",
                one_line(&self.email)
            ),
            link: format!("{public_url}/sign-in"),
        };
        Email {
            subject: "Your address was entered in Seatkeeper again".to_owned(),
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
#[template(path = "address_taken/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "address_taken/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
