//! What happened in a day or a week, instead of single e-mails: to each person who chose it.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{link, name_of, one_line, preferences, waiting},
    written,
};
use crate::domain::{
    id::OrganizationId,
    organization::{Usage, grouped, people},
    preference::Period,
    seat_request::{RequestState, more_seats},
};

/// A digest to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub period: Period,
    pub sections: Vec<DigestSection>,
    /// How many organizations are left out.
    pub more: i64,
    /// Who knows it may end the digests.
    pub token: String,
}

/// One organization in a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestSection {
    pub organization: OrganizationId,
    pub name: String,
    pub usage: Usage,
    /// In the period: people who got a seat, who had to wait, and who gave a seat back.
    pub admitted: i64,
    pub blocked: i64,
    pub released: i64,
    /// The limits before the period and now, if they differ.
    pub limits: Option<(String, String)>,
    /// The first people of the waitlist, as they are called; empty: it is not told of.
    pub first: Vec<String>,
    /// The titles of the open alerts.
    pub alerts: Vec<String>,
    /// The request that is not over.
    pub request: Option<(i64, RequestState)>,
    /// `Full between 3 and 21 Mar.`
    pub forecast: Option<String>,
}

impl DigestSection {
    /// Whether there is something to tell.
    pub fn is_worth_telling(&self) -> bool {
        self.admitted + self.blocked + self.released > 0
            || self.limits.is_some()
            || !self.alerts.is_empty()
            || self.request.is_some()
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let moved = [
            (self.admitted, "got a seat"),
            (self.blocked, "had to wait"),
            (self.released, "gave a seat back"),
        ];
        let moved: Vec<String> = moved
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, did)| format!("{} {} {did}", grouped(n), people(n)))
            .collect();
        if !moved.is_empty() {
            lines.push(format!("{}.", moved.join(", ")));
        }
        if let Some((before, now)) = &self.limits {
            lines.push(format!("The seat limit was changed from {before} to {now}."));
        }
        if !self.first.is_empty() {
            let first: Vec<String> = self.first.iter().map(|name| one_line(name)).collect();
            lines.push(format!("{}, first {}.", waiting(self.usage.waiting), first.join(", ")));
        }
        lines.extend(self.alerts.iter().map(|title| format!("Open alert: {title}.")));
        if let Some((seats, state)) = self.request {
            let waits = if state == RequestState::Question { "has a question" } else { "waits" };
            lines.push(format!("A request for {} {waits}.", more_seats(seats)));
        }
        lines.extend(self.forecast.clone());
        lines
    }
}

impl Digest {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let period = self.period.as_str();
        let sections: Vec<Section> =
            self.sections.iter().map(|one| Section::of(one, public_url)).collect();
        let (kicker, lead, link) = match self.sections.as_slice() {
            [only] => (
                sections[0].name.clone(),
                sections[0].usage.clone(),
                link(public_url, &only.organization),
            ),
            many => {
                let n = i64::try_from(many.len()).unwrap_or(i64::MAX) + self.more;
                let organizations = if n == 1 { "organization" } else { "organizations" };
                let lead = format!("Something happened at {} {organizations}.", grouped(n));
                ("Seatkeeper".to_owned(), lead, format!("{public_url}/organizations"))
            }
        };
        let headline =
            if self.period == Period::Daily { "Your daily digest" } else { "Your weekly digest" };
        let unsubscribe = format!("{public_url}/unsubscribe/{}", self.token);
        let subject = match self.sections.as_slice() {
            [_] => format!("{kicker}: {period} digest"),
            many => format!("{period} digest of {} organizations", many.len()),
        };
        let content = Content {
            next: match self.more {
                0 => "That is all.".to_owned(),
                n => format!("{} more are on the page.", grouped(n)),
            },
            action: if self.sections.len() == 1 {
                "See the seats"
            } else {
                "See all organizations"
            },
            preferences: preferences(public_url, Audience::Staff),
            headline: headline.to_owned(),
            unsubscribe: unsubscribe.clone(),
            period,
            sections,
            kicker,
            lead,
            link,
        };
        Email {
            subject: capitalized(&subject),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: Some(unsubscribe),
        }
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A part of the e-mail.
struct Section {
    name: String,
    usage: String,
    lines: Vec<String>,
    link: String,
}

impl Section {
    fn of(section: &DigestSection, public_url: &str) -> Self {
        Self {
            name: name_of(&section.name, &section.organization),
            usage: format!("{}.", section.usage.sentence()),
            lines: section.lines(),
            link: link(public_url, &section.organization),
        }
    }
}

struct Content {
    kicker: String,
    headline: String,
    lead: String,
    sections: Vec<Section>,
    action: &'static str,
    next: String,
    period: &'static str,
    preferences: Option<String>,
    unsubscribe: String,
    link: String,
}

#[derive(Template)]
#[template(path = "digest/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "digest/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
