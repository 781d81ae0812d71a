//! A large change of a seat limit waits for a second staff member: to the other staff.

use askama::Template;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::byte_serialize;

use super::{
    Audience, Email,
    asked::lines,
    picture::Picture,
    words::{link, name_of, one_line, plan, preferences},
    written,
};
use crate::domain::{
    id::{OrganizationId, ProposalId},
    organization::{SeatLimit, Usage},
    text::ExternalText,
    time::Timestamp,
};

/// A proposed change, as the e-mails about it know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedLimit {
    pub organization: OrganizationId,
    pub name: String,
    pub usage: Usage,
    pub proposal: ProposalId,
    pub limit: SeatLimit,
    /// The name of the person who proposes it.
    pub by: String,
    pub reason: String,
    pub expires_at: Timestamp,
}

impl ProposedLimit {
    /// The address of its page.
    pub(super) fn link(&self, public_url: &str) -> String {
        let id: String = byte_serialize(self.proposal.as_str().as_bytes()).collect();
        format!("{}/proposals/{id}", link(public_url, &self.organization))
    }

    pub(super) fn called(&self) -> String {
        name_of(&self.name, &self.organization)
    }
}

/// A proposal waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitProposed {
    pub proposed: ProposedLimit,
}

impl LimitProposed {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let proposed = &self.proposed;
        let (name, by) = (proposed.called(), one_line(&proposed.by));
        let headline = format!("{name}: {} need a second person", proposed.limit);
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            plan: plan(&proposed.usage),
            quote: lines(&proposed.reason),
            quoted: Some(by),
            picture: Picture::of(&proposed.usage),
            next: format!(
                "Nothing was changed yet. Any staff member but the one who proposed it can approve \
                 or reject it, until {}.",
                proposed.expires_at.exact()
            ),
            link: proposed.link(public_url),
            headline: &headline,
            name: &name,
        };
        let reason = ExternalText::sentence(&proposed.reason);
        Email {
            subject: headline.clone(),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: Some(format!("{headline}. {} “{reason}”", content.plan)),
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Content<'a> {
    preferences: Option<String>,
    name: &'a str,
    headline: &'a str,
    plan: String,
    /// The reason, and who wrote it.
    quote: Vec<String>,
    quoted: Option<String>,
    picture: Picture,
    next: String,
    link: String,
}

#[derive(Template)]
#[template(path = "limit_proposed/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "limit_proposed/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
