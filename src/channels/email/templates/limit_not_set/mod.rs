//! Users are waiting in an organization without a seat limit: to staff. The tenant is not notified
//! yet.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    picture::Picture,
    words::{link, name_of, one_line, preferences, waiting},
    written,
};
use crate::domain::{
    id::OrganizationId,
    organization::{SeatLimit, Usage},
};

/// An organization has waiting users and no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitNotSet {
    pub organization: OrganizationId,
    pub name: String,
    /// How many users wait.
    pub waiting: i64,
}

impl LimitNotSet {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let name = name_of(&self.name, &self.organization);
        let headline = waiting(self.waiting);
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            headline: &headline,
            id: one_line(self.organization.as_str()),
            picture: Picture::of(&Usage {
                limit: SeatLimit::NotSet,
                used: 0,
                waiting: self.waiting,
            }),
            link: link(public_url, &self.organization),
            name: &name,
        };
        Email {
            subject: format!("{name} has no seat limit yet: {headline}"),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Content<'a> {
    preferences: Option<String>,
    name: &'a str,
    id: String,
    headline: &'a str,
    picture: Picture,
    link: String,
}

#[derive(Template)]
#[template(path = "limit_not_set/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "limit_not_set/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
