//! The password of an account was changed: to its owner.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};
use crate::domain::time::Timestamp;

/// An account has a new password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// The address of the account.
    pub email: String,
    pub at: Timestamp,
}

impl PasswordChanged {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let content = Content {
            headline: "Your password was changed",
            lead: format!(
                "The Seatkeeper account of {} has a new password since {}.",
                one_line(&self.email),
                self.at.exact()
            ),
            link: format!("{public_url}/reset-password"),
        };
        Email {
            subject: "Your Seatkeeper password was changed".to_owned(),
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
#[template(path = "password_changed/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "password_changed/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
