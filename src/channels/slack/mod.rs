//! Posts to an incoming webhook of Slack, or of a program that takes the same posts, such as
//! Mattermost.

use std::{error::Error, fmt, time::Duration};

use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use serde::Serialize;
use url::Url;

use super::{
    SendError,
    address::{self, AllowedAddresses, PrivateAddress},
    email::templates::Email,
};

/// How long one post may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// The longest pause that a server may ask for.
const LONGEST: Duration = Duration::from_mins(5);
/// How much of an answer is read.
const ANSWER: usize = 200;

/// The address of an incoming webhook. It is a secret: every client that knows it may post, so
/// `Debug` shows only its host.
#[derive(Clone, PartialEq, Eq)]
pub struct SlackWebhook(Url);

impl SlackWebhook {
    const LONGEST: usize = 500;

    /// `https://…`; `http://…` too if private addresses are allowed, for a server in the own
    /// network. `None`: the text is no such address.
    pub fn parse(text: &str, allowed: AllowedAddresses) -> Option<Self> {
        allowed.parse(text, Self::LONGEST).map(Self)
    }

    /// As it is stored and typed.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// `https://hooks.slack.com/…`
    pub fn shown(&self) -> String {
        address::shown(&self.0)
    }
}

impl fmt::Debug for SlackWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// A message as Slack takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlackPost {
    text: String,
}

impl SlackPost {
    /// What the e-mail says in one paragraph, and its link.
    pub fn of(email: &Email) -> Self {
        let first = || email.text.split("\n\n").next().unwrap_or_default();
        let brief = email.brief.as_deref().unwrap_or_else(first);
        Self { text: format!("{}\n<{}|Open in Seatkeeper>", escaped(brief), escaped(&email.link)) }
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Text that Slack shows as it is: without this, a name such as `<!channel>` would call everyone.
fn escaped(text: &str) -> String {
    text.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Posts messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SlackPoster {
    client: reqwest::Client,
    allowed: AllowedAddresses,
}

impl SlackPoster {
    /// The process must have installed a TLS provider before.
    pub fn new(allowed: AllowedAddresses) -> Result<Self, String> {
        let client = allowed.client(PATIENCE).map_err(|error| error.to_string())?;
        Ok(Self { client, allowed })
    }

    /// `Ok` means that the server has accepted the post.
    pub async fn post(&self, to: &SlackWebhook, post: &SlackPost) -> Result<(), SendError> {
        self.allowed.check(&to.0).map_err(|error| SendError::Never(error.to_string()))?;
        match self.client.post(to.0.clone()).json(post).send().await {
            Ok(response) => answer(response).await,
            Err(error) => Err(unsent(error)),
        }
    }
}

/// The error never quotes the address, because it is a secret.
fn unsent(error: reqwest::Error) -> SendError {
    let error = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    let mut deepest = String::new();
    while let Some(one) = cause {
        if one.is::<PrivateAddress>() {
            // as a name without an address: whether a name of the own network exists is no one
            // else's business
            return SendError::Later(PrivateAddress.to_string());
        }
        deepest = one.to_string();
        cause = one.source();
    }
    if error.is_timeout() {
        return SendError::Later(format!(
            "The server did not answer within {} s.",
            PATIENCE.as_secs()
        ));
    }
    SendError::Later(format!("The server could not be reached: {deepest}."))
}

async fn answer(response: Response) -> Result<(), SendError> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let pause = asked.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let said = said(response).await;
    let why = format!("The server answered {}{said}.", status.as_u16());
    match (status, pause) {
        (StatusCode::TOO_MANY_REQUESTS, Some(pause)) => {
            Err(SendError::After(why, pause.min(LONGEST)))
        }
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => {
            Err(SendError::Later(why))
        }
        _ if status.is_server_error() => Err(SendError::Later(why)),
        _ => Err(SendError::Never(why)),
    }
}

/// The beginning of the answer, such as `: no_service`.
async fn said(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < ANSWER {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(ANSWER);
    let text = String::from_utf8_lossy(&body);
    let words = crate::domain::text::ExternalText::short(text.trim()).to_string();
    if words.is_empty() { words } else { format!(": {words}") }
}

#[cfg(test)]
mod tests;
