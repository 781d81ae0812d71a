//! The mail server or a Slack channel takes no messages: to staff, on the channels that work.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{link, name_of, preferences, sentence},
    written,
};
use crate::domain::{id::OrganizationId, organization::grouped, time::Timestamp};

/// A receiver of messages takes none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelFailing {
    pub receiver: FailingReceiver,
    /// The first failure.
    pub since: Timestamp,
    /// How many tries failed since.
    pub tries: i64,
    pub last_error: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailingReceiver {
    MailServer,
    SlackOfStaff,
    SlackOf { organization: OrganizationId, name: String },
}

impl ChannelFailing {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let messages = format!("{public_url}/messages");
        let (kicker, what, next, action, link) = match &self.receiver {
            FailingReceiver::MailServer => (
                "Seatkeeper".to_owned(),
                "The mail server takes no e-mails".to_owned(),
                "E-mails wait and leave as soon as it takes them again. What the server refused for good was given up: send it again on the page of the messages when the cause is gone.".to_owned(),
                "See the messages",
                messages,
            ),
            FailingReceiver::SlackOfStaff => (
                "Seatkeeper".to_owned(),
                "The Slack channel of staff takes no posts".to_owned(),
                "Staff are notified by e-mail alone until it works. If its address has changed, set SEATKEEPER_SLACK_WEBHOOK to the new one and start Seatkeeper again.".to_owned(),
                "See the messages",
                messages,
            ),
            FailingReceiver::SlackOf { organization, name } => {
                let name = name_of(name, organization);
                (
                    name.clone(),
                    format!("The Slack channel of {name} takes no posts"),
                    format!("The admins of {name} are notified by e-mail alone until it works. If its address has changed, they or you set the new one in the settings."),
                    "Open the settings",
                    format!("{}/settings", link(public_url, organization)),
                )
            }
        };
        let tries = match self.tries {
            1 => "the last post failed".to_owned(),
            tries => format!("the last {} tries failed", grouped(tries)),
        };
        let since = self.since.exact();
        let content = Content {
            preferences: preferences(public_url, Audience::Staff),
            lead: format!("{what}: {tries}, since {since}. {}", ended(&self.last_error)),
            headline: what,
            kicker,
            next,
            action,
            link,
        };
        Email {
            subject: content.headline.clone(),
            text: written(&Text { it: &content }),
            html: written(&Html { it: &content }),
            brief: None,
            link: content.link,
            unsubscribe: None,
        }
    }
}

/// The words of a server as a sentence.
fn ended(words: &str) -> String {
    let words = sentence(words);
    if words.ends_with(['.', '!', '?']) { words } else { format!("{words}.") }
}

struct Content {
    preferences: Option<String>,
    kicker: String,
    headline: String,
    lead: String,
    next: String,
    action: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "channel_failing/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "channel_failing/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
