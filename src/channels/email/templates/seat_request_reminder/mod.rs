//! A seat request has waited for the same side for two days: to that side.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email, SeatsAskedFor,
    asked::lines,
    words::{name_of, plan, preferences},
    written,
};
use crate::domain::{seat_request::more_seats, time::Timestamp};

/// A request waits for staff, or for the answer to their question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatRequestReminder {
    pub asked: SeatsAskedFor,
    /// What staff asked last.
    pub question: Option<String>,
    pub audience: Audience,
    pub now: Timestamp,
}

impl SeatRequestReminder {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let asked = &self.asked;
        let name = name_of(&asked.name, &asked.organization);
        let (wanted, since) = (more_seats(asked.seats), asked.asked_at.ago(self.now));
        let to_staff = self.audience == Audience::Staff;
        let (headline, lead) = if to_staff {
            let lead = format!("Asked {since}. {}", plan(&asked.usage));
            (format!("{name} still waits for {wanted}"), lead)
        } else {
            let lead = format!("You asked for {wanted} {since}.");
            ("A question about your seat request waits".to_owned(), lead)
        };
        let question = self.question.as_deref().filter(|_| !to_staff);
        let content = Content {
            preferences: preferences(public_url, self.audience),
            quote: lines(question.unwrap_or(&asked.reason)),
            quoted: None,
            action: if to_staff { "Answer the request" } else { "Answer the question" },
            next: if to_staff {
                "Approve it, decline it, or ask back. The answer goes to the admins of the \
                 organization."
            } else {
                "Your request waits until one of you answers. You can also withdraw it."
            },
            link: asked.link(public_url),
            headline: &headline,
            name: &name,
            to_staff,
            lead,
        };
        Email {
            subject: if to_staff { headline.clone() } else { format!("{name}: {headline}") },
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
    name: &'a str,
    headline: &'a str,
    lead: String,
    quote: Vec<String>,
    quoted: Option<String>,
    action: &'static str,
    next: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "seat_request_reminder/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "seat_request_reminder/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
