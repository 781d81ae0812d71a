//! A directory was switched off while people hold seats: to the organization's admins and to staff.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{because, link, name_of, one_line, preferences},
    written,
};
use crate::domain::{
    directory::{DirectoryState, provider_name},
    id::OrganizationId,
    organization::{Usage, grouped},
    text::ExternalText,
};

/// A directory is disabled or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryDisabled {
    pub organization: OrganizationId,
    pub name: String,
    /// The kind of the directory, such as `OKTA`, if it is known.
    pub provider: Option<String>,
    pub state: DirectoryState,
    pub usage: Usage,
    pub audience: Audience,
}

impl DirectoryDisabled {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let name = name_of(&self.name, &self.organization);
        let is_deleted = self.state == DirectoryState::Deleted;
        let headline =
            if is_deleted { "A directory was deleted" } else { "A directory is switched off" };
        let provider = self.provider.as_deref();
        let provider = provider.filter(|text| ExternalText::seen(text).is_some());
        let provider =
            provider.map(|text| provider_name(text).map_or_else(|| one_line(text), str::to_owned));
        let content = Content {
            preferences: preferences(public_url, self.audience),
            to_staff: self.audience == Audience::Staff,
            because: because(self.audience, &name),
            headline,
            directory: provider.map_or_else(
                || format!("A directory of {name}"),
                |provider| format!("The directory {provider} of {name}"),
            ),
            what: if is_deleted { "was deleted" } else { "is switched off" },
            used: match self.usage.used {
                1 => "1 person keeps the seat".to_owned(),
                used => format!("{} people keep their seats", grouped(used)),
            },
            link: link(public_url, &self.organization),
            name: &name,
        };
        Email {
            subject: format!("{name}: {}", headline.replacen("A ", "a ", 1)),
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
    directory: String,
    what: &'static str,
    used: String,
    link: String,
}

#[derive(Template)]
#[template(path = "directory_disabled/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "directory_disabled/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content<'a>,
}

#[cfg(test)]
mod tests;
