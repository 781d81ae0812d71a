//! The link with which a forgotten password is replaced: to the account’s owner.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};
use crate::domain::time::Timestamp;

/// A link for a new password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// The address of the account.
    pub email: String,
    pub until: Timestamp,
    /// Who knows it may set the password, once.
    pub token: String,
}

impl PasswordReset {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let content = Content {
            headline: "Set a new password",
            lead: format!(
                "A new password was asked for, for the Seatkeeper account of {}.",
                one_line(&self.email)
            ),
            until: self.until.exact(),
            link: format!("{public_url}/reset-password/{}", self.token),
        };
        Email {
            subject: "Set a new password for Seatkeeper".to_owned(),
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
#[template(path = "password_reset/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "password_reset/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
