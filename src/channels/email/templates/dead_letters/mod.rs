//! A dead letter was stored: to staff, once until no dead letter is left.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{one_line, preferences, sentence},
    written,
};
use crate::domain::body::{HIDDEN, is_kind};

/// The first dead letter after there were none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetters {
    /// The type of the event; empty if it could not be read.
    pub kind: String,
    pub organization: Option<String>,
    /// A sentence.
    pub why: String,
}

impl DeadLetters {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let readable = |text: &str| {
            Some(one_line(text))
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| "not readable".to_owned())
        };
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            headline: "A webhook could not be processed",
            // a type may be any text, also an address
            kind: readable(if self.kind.is_empty() || is_kind(&self.kind) {
                &self.kind
            } else {
                HIDDEN
            }),
            organization: readable(self.organization.as_deref().unwrap_or_default()),
            why: sentence(&self.why),
            link: format!("{public_url}/deliveries?show=dead"),
        };
        Email {
            subject: content.headline.to_owned(),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: Some(format!("{}: {}", content.headline, content.why)),
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Content<'a> {
    preferences: Option<String>,
    headline: &'a str,
    kind: String,
    organization: String,
    why: String,
    link: String,
}

#[derive(Template)]
#[template(path = "dead_letters/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "dead_letters/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
