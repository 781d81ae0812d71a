//! The waitlist is empty again: to those who were notified that people waited.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email, WaitingPerson,
    picture::Picture,
    words::{WaitlistEntry, link, name_of, plan, preferences},
    written,
};
use crate::domain::{
    id::OrganizationId,
    organization::{Usage, grouped, people},
    time::{Day, Timestamp},
};

/// No user waits any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatsFree {
    pub organization: OrganizationId,
    pub name: String,
    pub usage: Usage,
    /// From when until when people waited.
    pub waited: (Timestamp, Timestamp),
    /// How many people got in from the waitlist in this time.
    pub admitted: i64,
    /// The first of them, in order; only the first [`SeatsFree::NAMES`] are shown.
    pub first: Vec<WaitingPerson>,
    pub audience: Audience,
}

impl SeatsFree {
    /// How many people are named.
    pub const NAMES: usize = 10;

    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let name = name_of(&self.name, &self.organization);
        let (since, until) = self.waited;
        let since = match Day::of(since) {
            day if day == Day::of(until) => String::new(),
            day => format!(" since {}", day.words(until)),
        };
        let got_in = match self.admitted {
            0 => "The people who waited have left the waitlist without a seat.".to_owned(),
            n => format!("{} {} got in from the waitlist{since}.", grouped(n), people(n)),
        };
        let content = Content {
            preferences: preferences(public_url, self.audience),
            to_staff: self.audience == Audience::Staff,
            headline: "The waitlist is empty",
            plan: plan(&self.usage),
            got_in: &got_in,
            picture: Picture::of(&self.usage),
            listed: "Got in",
            waitlist: self
                .first
                .iter()
                .take(Self::NAMES)
                .zip(1..)
                .map(|(person, position)| WaitlistEntry::of(position, person))
                .collect(),
            more: self.more(),
            link: link(public_url, &self.organization),
            name: &name,
        };
        let tail = match self.admitted {
            0 => String::new(),
            n => format!(", {} {} got in", grouped(n), people(n)),
        };
        Email {
            subject: format!("{name}: the waitlist is empty{tail}"),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }

    fn more(&self) -> Option<String> {
        let named = i64::try_from(self.first.len().min(Self::NAMES)).unwrap_or(0);
        let more = self.admitted - named;
        (more > 0).then(|| grouped(more))
    }
}

struct Content<'a> {
    preferences: Option<String>,
    to_staff: bool,
    name: &'a str,
    headline: &'static str,
    plan: String,
    /// A sentence.
    got_in: &'a str,
    picture: Picture,
    waitlist: Vec<WaitlistEntry>,
    /// The heading over these people.
    listed: &'static str,
    more: Option<String>,
    link: String,
}

#[derive(Template)]
#[template(path = "seats_free/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "seats_free/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
