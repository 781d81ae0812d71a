//! A customer asks for seats: to staff.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email, SeatsAskedFor,
    picture::Picture,
    words::{name_of, one_line, plan, preferences},
    written,
};
use crate::domain::seat_request::{SeatRequest, more_seats};

/// A request waits for staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatRequestReceived {
    pub asked: SeatsAskedFor,
}

impl SeatRequestReceived {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let asked = &self.asked;
        let name = name_of(&asked.name, &asked.organization);
        let wanted = more_seats(asked.seats);
        let headline = format!("{name} asks for {wanted}");
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            plan: plan(&asked.usage),
            quote: asked.reason_lines(),
            quoted: Some(one_line(&asked.asked_by)),
            picture: Picture::of(&asked.usage),
            people: asked.for_people(),
            next: next(asked),
            link: asked.link(public_url),
            headline: &headline,
            name: &name,
        };
        Email {
            subject: headline.clone(),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: Some(format!("{headline}. {} {}", content.plan, asked.brief_reason())),
            link: content.link,
            unsubscribe: None,
        }
    }
}

/// What an approval does.
fn next(asked: &SeatsAskedFor) -> String {
    match SeatRequest::limit_with(asked.seats, asked.usage.limit) {
        Some(limit) => format!(
            "If you approve it, the limit becomes {limit} and the waitlist moves up. You can also \
             ask back or decline; the answer goes to the admins of the organization."
        ),
        None => "Its seats are unlimited by now, so only an answer is missing.".to_owned(),
    }
}

struct Content<'a> {
    preferences: Option<String>,
    name: &'a str,
    headline: &'a str,
    plan: String,
    /// What the person wrote, and who it was.
    quote: Vec<String>,
    quoted: Option<String>,
    picture: Picture,
    people: Option<String>,
    next: String,
    link: String,
}

#[derive(Template)]
#[template(path = "seat_request_received/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "seat_request_received/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
