//! A resync plan waits for a confirmation: to all people who may confirm it, once for each plan
//! that waits.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{link, one_line, preferences},
    written,
};
use crate::domain::{
    directory::PlanWarning,
    organization::{grouped, people},
    resync::Resync,
    time::Timestamp,
};

/// A plan needs a confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncNeedsConfirmation {
    /// The organization's name.
    pub name: String,
    pub run: Resync,
}

impl ResyncNeedsConfirmation {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let (run, counts) = (&self.run, &self.run.counts);
        let warning = run.warning.unwrap_or(PlanWarning::RemovesMany);
        let number = counts.to_confirm(warning);
        let (number, noun) = (grouped(number), people(number));
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            headline: "A resync waits for you",
            name: one_line(&self.name),
            id: one_line(run.organization.as_str()),
            lead: match warning {
                PlanWarning::Empty | PlanWarning::RemovesMany => {
                    format!("Its plan takes {number} {noun} away.")
                }
                PlanWarning::AddsMany => format!("Its plan adds {number} {noun}."),
            },
            why: match warning {
                PlanWarning::Empty => {
                    "A directory lists no people at all. A mistake in its setup is more likely than that all people left."
                }
                PlanWarning::RemovesMany => {
                    "That is more than usual. It may be right, or the directory lists fewer people than before."
                }
                PlanWarning::AddsMany => {
                    "That is more than usual. It may be right, or the directory lists more people than intended."
                }
            },
            until: run.expires_at().map(Timestamp::exact).unwrap_or_default(),
            link: format!(
                "{}/resyncs/{}",
                link(public_url, &run.organization),
                one_line(run.id.as_str())
            ),
        };
        Email {
            subject: match warning {
                PlanWarning::Empty | PlanWarning::RemovesMany => {
                    format!("{}: confirm a resync that takes {number} {noun} away", content.name)
                }
                PlanWarning::AddsMany => {
                    format!("{}: confirm a resync that adds {number} {noun}", content.name)
                }
            },
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Content {
    preferences: Option<String>,
    headline: &'static str,
    name: String,
    id: String,
    lead: String,
    why: &'static str,
    /// When the plan expires.
    until: String,
    link: String,
}

#[derive(Template)]
#[template(path = "resync_needs_confirmation/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "resync_needs_confirmation/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
