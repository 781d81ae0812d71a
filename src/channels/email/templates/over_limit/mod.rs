//! More seats are used than a lowered limit allows: to the organization's admins and to staff.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    picture::Picture,
    words::{ask_for_seats, because, link, name_of, plan, preferences},
    written,
};
use crate::domain::{
    id::OrganizationId,
    organization::{Usage, grouped, people, seats},
};

/// An organization is over its limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverLimit {
    pub organization: OrganizationId,
    pub name: String,
    pub usage: Usage,
    pub audience: Audience,
}

impl OverLimit {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let name = name_of(&self.name, &self.organization);
        let over = self.usage.over();
        let headline = format!("{} {} over the limit", grouped(over), seats(over));
        let content = Content {
            preferences: preferences(public_url, self.audience),
            to_staff: self.audience == Audience::Staff,
            because: because(self.audience, &name),
            headline: &headline,
            plan: plan(&self.usage),
            must_leave: format!("{} {}", grouped(over), people(over)),
            picture: Picture::of(&self.usage),
            link: link(public_url, &self.organization),
            ask: ask_for_seats(public_url, &self.organization),
            name: &name,
        };
        Email {
            subject: format!("{name}: {headline}"),
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
    to_staff: bool,
    /// Why the reader gets it.
    because: String,
    name: &'a str,
    headline: &'a str,
    plan: String,
    /// How many people must give their seats back.
    must_leave: String,
    picture: Picture,
    /// Where the reader asks for seats.
    ask: String,
    link: String,
}

#[derive(Template)]
#[template(path = "over_limit/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "over_limit/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
