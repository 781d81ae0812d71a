//! A seat request was answered: staff approved, declined or asked back, or the organization
//! answered their question. To the other side.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email, SeatsAskedFor,
    asked::lines,
    picture::Picture,
    words::{link, name_of, one_line, plan, preferences, waiting},
    written,
};
use crate::domain::{
    organization::Usage,
    seat_request::{EntryKind, RequestEntry, more_seats},
    text::ExternalText,
};

/// An answer to one side of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatRequestAnswered {
    pub asked: SeatsAskedFor,
    /// An approval, a decline, a question, or a reply to a question.
    pub entry: RequestEntry,
}

impl SeatRequestAnswered {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let (asked, entry) = (&self.asked, &self.entry);
        let name = name_of(&asked.name, &asked.organization);
        let wanted = more_seats(asked.seats);
        let words = Words::of(entry.kind, (&name, &wanted), &asked.usage);
        let to_staff = !entry.kind.is_by_staff();
        let quote = if entry.text.is_empty() { Vec::new() } else { lines(&entry.text) };
        let is_approved = entry.kind == EntryKind::Approved;
        let link = if is_approved {
            link(public_url, &asked.organization)
        } else {
            asked.link(public_url)
        };
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            lead: if is_approved { plan(&asked.usage) } else { words.lead },
            // who of the staff it was is for staff
            quoted: Some(one_line(&entry.by)).filter(|_| to_staff),
            shows_seats: is_approved,
            picture: Picture::of(&asked.usage),
            action: words.action,
            next: words.next,
            headline: &words.headline,
            name: &name,
            to_staff,
            quote,
            link,
        };
        let said = match entry.text.as_str() {
            "" => String::new(),
            text => format!(" “{}”", ExternalText::sentence(text)),
        };
        Email {
            subject: format!("{}: {wanted} for {name}", words.headline),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: Some(format!("{}: {wanted} for {name}.{said}", words.headline)),
            link: content.link,
            unsubscribe: None,
        }
    }
}

struct Words {
    headline: String,
    lead: String,
    action: &'static str,
    next: String,
}

impl Words {
    fn of(kind: EntryKind, (name, wanted): (&str, &str), usage: &Usage) -> Self {
        match kind {
            EntryKind::Approved => Self {
                headline: "Seat request approved".to_owned(),
                lead: String::new(),
                action: "See the seats",
                next: match usage.waiting {
                    0 => "No person waits for a seat any more.".to_owned(),
                    n => format!("{} for a seat still.", waiting(n)),
                },
            },
            EntryKind::Declined => Self {
                headline: "Seat request declined".to_owned(),
                lead: format!("You asked for {wanted}."),
                action: "See the answer",
                next: "The limit stays as it is. You can make room by deactivating people in \
                    your directory, or ask again for another number."
                    .to_owned(),
            },
            EntryKind::Reply => Self {
                headline: "Your question was answered".to_owned(),
                lead: format!("{name} asks for {wanted}."),
                action: "Answer the request",
                next: "The request waits for you again: approve it, decline it, or ask back."
                    .to_owned(),
            },
            EntryKind::Question | EntryKind::Asked | EntryKind::Withdrawn | EntryKind::Reminder => {
                Self {
                    headline: "A question about your seat request".to_owned(),
                    lead: format!("You asked for {wanted}."),
                    action: "Answer the question",
                    next: "The request waits until one of you answers.".to_owned(),
                }
            }
        }
    }
}

struct Content<'a> {
    preferences: Option<String>,
    to_staff: bool,
    shows_seats: bool,
    name: &'a str,
    headline: &'a str,
    lead: String,
    quote: Vec<String>,
    quoted: Option<String>,
    picture: Picture,
    action: &'static str,
    next: String,
    link: String,
}

#[derive(Template)]
#[template(path = "seat_request_answered/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "seat_request_answered/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
