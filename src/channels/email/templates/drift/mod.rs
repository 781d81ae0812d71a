//! A check found numbers that differ from the rows they count: to staff, once until a check finds
//! nothing.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{Found, number_of, preferences},
    written,
};
use crate::domain::invariant::Finding;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    pub found: Vec<Finding>,
}

impl Drift {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let headline = format!("{} not hold", number_of(self.found.len(), "rule does", "rules do"));
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            headline: &headline,
            found: Found::of(&self.found),
            link: format!("{public_url}/system"),
        };
        Email {
            subject: format!("Seatkeeper’s numbers need your attention: {headline}"),
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
#[template(path = "drift/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "drift/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
