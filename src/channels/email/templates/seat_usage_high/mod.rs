//! The used seats crossed a threshold: to the organization's admins, before people have to
//! wait, and to staff if the settings say so.

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
    organization::{Usage, grouped, seats},
};

/// Few seats are left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatUsageHigh {
    pub organization: OrganizationId,
    pub name: String,
    pub usage: Usage,
    pub audience: Audience,
}

impl SeatUsageHigh {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let name = name_of(&self.name, &self.organization);
        let headline = match self.usage.free().unwrap_or(0) {
            0 => "No seat is left".to_owned(),
            1 => "1 seat is left".to_owned(),
            free => format!("{} {} are left", grouped(free), seats(free)),
        };
        let content = Content {
            preferences: preferences(public_url, self.audience),
            headline: &headline,
            plan: plan(&self.usage),
            picture: Picture::of(&self.usage),
            link: format!("{}/people", link(public_url, &self.organization)),
            ask: (self.audience == Audience::TenantAdmins)
                .then(|| ask_for_seats(public_url, &self.organization)),
            next: match self.audience {
                Audience::TenantAdmins | Audience::ExtraRecipients => FOR_ADMINS.to_owned(),
                Audience::Staff => format!(
                    "When all seats are taken, the next people from the directory of {name} have to wait."
                ),
            },
            why: match self.audience {
                Audience::Staff => format!(
                    "You get this e-mail because you are on the staff, as the settings say; the admins of {name} get it, too."
                ),
                other => because(other, &name),
            },
            name: &name,
        };
        Email {
            subject: format!("{name}: {}", lowered(&headline)),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }
}

const FOR_ADMINS: &str =
    "When all seats are taken, the next people from your directory have to wait.";

/// The sentence inside another one.
fn lowered(sentence: &str) -> String {
    sentence.replacen("No ", "no ", 1)
}

struct Content<'a> {
    preferences: Option<String>,
    name: &'a str,
    headline: &'a str,
    plan: String,
    picture: Picture,
    /// Where an admin asks for seats.
    ask: Option<String>,
    /// Sentences.
    next: String,
    why: String,
    link: String,
}

#[derive(Template)]
#[template(path = "seat_usage_high/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "seat_usage_high/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
