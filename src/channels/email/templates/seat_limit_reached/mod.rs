//! A user needed a seat and none was free: to the organization's admins, and to staff if it has
//! none or if the settings say so.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email, WaitingPerson,
    picture::Picture,
    words::{WaitlistEntry, ask_for_seats, because, link, name_of, plan, preferences, waiting},
    written,
};
use crate::domain::{
    admission::AdmissionPolicy,
    id::OrganizationId,
    organization::{Usage, grouped},
};

/// All seats are used and users are waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatLimitReached {
    pub organization: OrganizationId,
    pub name: String,
    pub usage: Usage,
    /// The head of the waitlist, in order; only the first [`SeatLimitReached::NAMES`] are shown.
    pub first: Vec<WaitingPerson>,
    /// Who gets a free seat.
    pub policy: AdmissionPolicy,
    pub audience: Audience,
    /// The organization has admins. If it has none, staff get it instead of them.
    pub has_admins: bool,
}

impl SeatLimitReached {
    /// How many waiting users are named.
    pub const NAMES: usize = 10;

    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let name = name_of(&self.name, &self.organization);
        let headline = waiting(self.usage.waiting);
        let content = Content {
            preferences: preferences(public_url, self.audience),
            to_staff: self.audience == Audience::Staff,
            because: because(self.audience, &name),
            instead: self.audience == Audience::Staff && !self.has_admins,
            headline: &headline,
            plan: plan(&self.usage),
            picture: Picture::of(&self.usage),
            waitlist: self
                .first
                .iter()
                .take(Self::NAMES)
                .zip(1..)
                .map(|(person, position)| WaitlistEntry::of(position, person))
                .collect(),
            listed: "First on the waitlist",
            more: self.more(),
            next_person: self.usage.next_person(&self.policy),
            link: format!("{}/waitlist", link(public_url, &self.organization)),
            ask: ask_for_seats(public_url, &self.organization),
            name: &name,
        };
        Email {
            subject: format!("{name}: {headline} for a seat"),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }

    fn more(&self) -> Option<String> {
        let named = i64::try_from(self.first.len().min(Self::NAMES)).unwrap_or(0);
        let more = self.usage.waiting - named;
        (more > 0).then(|| grouped(more))
    }
}

struct Content<'a> {
    preferences: Option<String>,
    to_staff: bool,
    /// Why the reader gets it.
    because: String,
    /// The organization has no admin.
    instead: bool,
    name: &'a str,
    headline: &'a str,
    plan: String,
    picture: Picture,
    waitlist: Vec<WaitlistEntry>,
    /// The heading over these people.
    listed: &'static str,
    more: Option<String>,
    next_person: Option<String>,
    /// Where the reader asks for seats.
    ask: String,
    link: String,
}

#[derive(Template)]
#[template(path = "seat_limit_reached/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "seat_limit_reached/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
