//! A resync failed: to staff, once until a resync works again.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{link, name_of, one_line, preferences, sentence},
    written,
};
use crate::domain::{
    organization::{grouped, people},
    resync::Resync,
};

/// A resync failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncFailed {
    /// The organization's name.
    pub name: String,
    pub run: Resync,
    /// Every organization gets a resync each night.
    pub nightly: bool,
}

impl ResyncFailed {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let organization = &self.run.organization;
        let (code, message) =
            self.run.error.as_ref().map_or(("", ""), |(code, message)| (code, message));
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            headline: "The resync failed",
            name: name_of(&self.name, organization),
            id: one_line(organization.as_str()),
            code: one_line(code),
            message: sentence(message),
            changed: changed(&self.run),
            next: if self.nightly { AUTOMATIC } else { BY_HAND },
            link: link(public_url, organization),
        };
        Email {
            subject: format!(
                "{} could not be compared with its directory: {}",
                content.name, content.code
            ),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: Some(format!(
                "{} could not be compared with its directory. {}",
                content.name, content.message
            )),
            link: content.link,
            unsubscribe: None,
        }
    }
}

const AUTOMATIC: &str = "Seatkeeper tries again automatically, at the latest tomorrow night.";
const BY_HAND: &str = "Nightly resyncs are switched off: start a resync on the page of the organization when the cause is gone.";

/// What the run changed before it failed.
fn changed(run: &Resync) -> String {
    let planned = run.counts.people();
    if run.applied > 0 {
        let (applied, noun) = (grouped(run.applied), people(planned));
        format!(
            "A part of the plan was applied, for {applied} of {} {noun}, and stays applied. Webhooks are still processed.",
            grouped(planned)
        )
    } else if run.has_changed_nothing() {
        "No person was changed, and webhooks are still processed.".to_owned()
    } else {
        "No person was changed, but directories and groups may have been. Webhooks are still processed.".to_owned()
    }
}

struct Content {
    preferences: Option<String>,
    headline: &'static str,
    name: String,
    id: String,
    code: String,
    message: String,
    /// A sentence.
    changed: String,
    /// A sentence.
    next: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "resync_failed/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "resync_failed/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
