//! Staff changed the seat limit: to the organization's admins.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    picture::Picture,
    words::{because, link, name_of, plan, preferences, waiting},
    written,
};
use crate::domain::{id::OrganizationId, organization::Usage};

/// An organization has another limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitChanged {
    pub organization: OrganizationId,
    pub name: String,
    /// The limit before, as the audit log has it: `50 seats`.
    pub before: String,
    pub usage: Usage,
    /// If the limit ends: `until 31 Jan 2027, then 50 seats`.
    pub end: Option<String>,
    pub audience: Audience,
}

impl LimitChanged {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let name = name_of(&self.name, &self.organization);
        let now = self.usage.limit.to_string();
        let headline = format!("The seat limit is {now} now");
        let content = Content {
            preferences: preferences(public_url, self.audience),
            because: because(self.audience, &name),
            plan: match &self.end {
                Some(end) => format!("It applies {end}. {}", plan(&self.usage)),
                None => format!("It was {} before. {}", self.before, plan(&self.usage)),
            },
            next: match self.usage.waiting {
                0 => "No person waits for a seat.".to_owned(),
                n => format!("{} for a seat still.", waiting(n)),
            },
            picture: Picture::of(&self.usage),
            link: link(public_url, &self.organization),
            headline: &headline,
            name: &name,
        };
        Email {
            subject: format!("{name}: the seat limit is {now} now"),
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
    because: String,
    name: &'a str,
    headline: &'a str,
    plan: String,
    next: String,
    picture: Picture,
    link: String,
}

#[derive(Template)]
#[template(path = "limit_changed/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "limit_changed/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organization::SeatLimit;

    #[test]
    fn admins_read_the_limit_before_and_now() {
        let email = LimitChanged {
            organization: OrganizationId::new("org_17"),
            name: "Acme Robotics".to_owned(),
            before: "50 seats".to_owned(),
            usage: Usage { limit: SeatLimit::Seats(60), used: 53, waiting: 0 },
            end: None,
            audience: Audience::TenantAdmins,
        }
        .email("https://seats.example.com");

        assert_eq!(email.subject, "Acme Robotics: the seat limit is 60 seats now");
        insta::assert_snapshot!(email.text, @r"
        The seat limit is 60 seats now at Acme Robotics. It was 50 seats before. The plan has 60 seats, 7 of them free.

        No person waits for a seat.

        See the seats:
        https://seats.example.com/organizations/org_17

        You get this e-mail because you are an admin of Acme Robotics. It comes once for each change.
        Change what you get: https://seats.example.com/preferences
        ");
    }
}
