//! All seats are used, deliveries keep coming, and none leads to a decision: to staff, once until
//! one does.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{Found, number_of, preferences},
    written,
};
use crate::domain::invariant::Finding;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnforcementSilent {
    pub found: Vec<Finding>,
}

impl EnforcementSilent {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let headline = format!(
            "No person is refused at {}",
            number_of(self.found.len(), "full organization", "full organizations")
        );
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            headline: &headline,
            found: Found::of(&self.found),
            link: format!("{public_url}/system"),
        };
        Email {
            subject: format!("Seatkeeper may have stopped deciding: {headline}"),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: Some(content.found.brief(content.headline)),
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Content<'a> {
    preferences: Option<String>,
    headline: &'a str,
    found: Found,
    link: String,
}

#[derive(Template)]
#[template(path = "enforcement_silent/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "enforcement_silent/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
