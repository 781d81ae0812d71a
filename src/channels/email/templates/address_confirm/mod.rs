//! The link that confirms the new e-mail address of an account: to that address.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};
use crate::domain::time::Timestamp;

/// A link to a new address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressConfirm {
    /// What the account is called.
    pub name: String,
    /// The new address.
    pub email: String,
    pub until: Timestamp,
    /// Who knows it may give the account the address, once.
    pub token: String,
}

impl AddressConfirm {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let content = Content {
            headline: "Confirm your e-mail address",
            lead: format!(
                "{} wants to use {} for the Seatkeeper account of that name.",
                one_line(&self.name),
                one_line(&self.email)
            ),
            until: self.until.exact(),
            link: format!("{public_url}/confirm-address/{}", self.token),
        };
        Email {
            subject: "Confirm your e-mail address for Seatkeeper".to_owned(),
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
    until: String,
    link: String,
}

#[derive(Template)]
#[template(path = "address_confirm/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "address_confirm/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
