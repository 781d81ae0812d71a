//! A test: to the member of staff who asked for it.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};
use crate::domain::time::Timestamp;

/// E-mails of this installation arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestEmail {
    /// The address of the account that asked.
    pub email: String,
    pub at: Timestamp,
}

impl TestEmail {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let content = Content {
            headline: "E-mails arrive",
            lead: format!(
                "{} asked for this test at {}. E-mails of this Seatkeeper reach the address.",
                one_line(&self.email),
                self.at.exact()
            ),
            link: format!("{public_url}/messages"),
        };
        Email {
            subject: "A test from Seatkeeper".to_owned(),
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
#[template(path = "test_email/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "test_email/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
