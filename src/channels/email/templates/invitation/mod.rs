//! A person is invited to an organization, or to the staff: to an address that needs no account.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Email, words::one_line, written};
use crate::domain::{access::Role, time::Timestamp};

/// A person may join.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The name of the organization; `None`: to the staff.
    pub organization: Option<String>,
    pub role: Role,
    /// The name of the person who invites.
    pub invited_by: String,
    pub expires_at: Timestamp,
    /// Who knows it may accept the invitation. No table and no log has it.
    pub token: String,
}

impl Invitation {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let by = one_line(&self.invited_by);
        let to = match &self.organization {
            Some(name) => one_line(name),
            None => "the staff".to_owned(),
        };
        let headline = format!("You are invited to {to}");
        let content = Content {
            kicker: self.organization.as_deref().map_or_else(|| "Seatkeeper".to_owned(), one_line),
            lead: format!("{by} invites you to {to} in Seatkeeper. {}", rights(self.role)),
            next: format!(
                "The link works once, until {}. After that, ask {by} for a new one.",
                self.expires_at.exact()
            ),
            because: format!(
                "You get this e-mail because {by} entered your address in Seatkeeper. If you do not expect it, do nothing: without the link no account is made."
            ),
            link: link(public_url, &self.token),
            headline: &headline,
        };
        Email {
            subject: format!("{by} invites you to {to}"),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }
}

/// The address at which a person accepts an invitation.
pub fn link(public_url: &str, token: &str) -> String {
    format!("{public_url}/invitations/{token}")
}

fn rights(role: Role) -> &'static str {
    match role {
        Role::StaffAdmin => "As a staff admin you see every organization, and change the settings.",
        Role::Staff => "As a member of the staff you see every organization.",
        Role::TenantAdmin => {
            "As an admin you see who holds a seat and who waits, and you decide about seats."
        }
        Role::TenantViewer => "As a viewer you see who holds a seat and who waits.",
    }
}

struct Content<'a> {
    kicker: String,
    headline: &'a str,
    lead: String,
    next: String,
    because: String,
    link: String,
}

#[derive(Template)]
#[template(path = "invitation/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "invitation/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
