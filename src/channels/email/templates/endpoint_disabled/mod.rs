//! Seatkeeper has disabled an endpoint of outgoing webhooks: to staff admins, once until none is
//! disabled in this way.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    Audience, Email,
    words::{preferences, sentence},
    written,
};
use crate::domain::{id::WebhookEndpointId, time::Timestamp, webhook_endpoint::EndpointState};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointDisabled {
    pub id: WebhookEndpointId,
    /// Its scheme and its host: what follows may hold a token.
    pub host: String,
    pub state: EndpointState,
    pub since: Timestamp,
    /// How many others are disabled, too.
    pub others: usize,
}

impl EndpointDisabled {
    /// `public_url` is where people find Seatkeeper, without a slash at the end.
    pub fn email(&self, public_url: &str) -> Email {
        let host = sentence(&self.host);
        let why = match self.state {
            EndpointState::Gone => "It answered 410, which says that it is gone",
            EndpointState::Failing => "It took no event for five days",
            EndpointState::Enabled | EndpointState::Disabled => "It was disabled",
        };
        let others = match self.others {
            0 => String::new(),
            1 => " Another endpoint is disabled, too.".to_owned(),
            others => format!(" {others} other endpoints are disabled, too."),
        };
        let content = Content {
            headline: "An endpoint gets no events any more".to_owned(),
            preferences: preferences(public_url, Audience::Staff),
            lead: format!(
                "{host} gets no events any more. {why}; it is disabled since {}.{others}",
                self.since.exact()
            ),
            link: format!("{public_url}/settings/webhook-endpoints/{}", self.id),
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

struct Content {
    headline: String,
    preferences: Option<String>,
    lead: String,
    link: String,
}

#[derive(Template)]
#[template(path = "endpoint_disabled/body.txt", config = "src/channels/email/askama.toml")]
struct Text<'a> {
    it: &'a Content,
}

#[derive(Template)]
#[template(path = "endpoint_disabled/body.html", config = "src/channels/email/askama.toml")]
struct Html<'a> {
    it: &'a Content,
}

#[cfg(test)]
mod tests;
