//! A resync failed: to staff, once until a resync works again.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Letter,
    words::{link, name_of, one_line, sentence},
    written,
};
use crate::domain::id::OrganizationId;

/// A resync failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncFailed {
    pub organization: OrganizationId,
    pub name: String,
    /// Scalekit's own code.
    pub code: String,
    /// A sentence.
    pub message: String,
}

impl ResyncFailed {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn letter(&self, public_url: &str) -> Letter {
        let content = Content {
            headline: "The resync failed",
            name: name_of(&self.name, &self.organization),
            id: one_line(self.organization.as_str()),
            code: one_line(&self.code),
            message: sentence(&self.message),
            link: link(public_url, &self.organization),
        };
        Letter {
            subject: format!("{} could not be compared with its directory: {}", content.name, content.code),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
        }
    }
}

struct Content {
    headline: &'static str,
    name: String,
    id: String,
    code: String,
    message: String,
    link: String,
}

#[derive(Template)]
#[template(path = "resync_failed/letter.txt", config = "src/notify/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "resync_failed/letter.html", config = "src/notify/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
