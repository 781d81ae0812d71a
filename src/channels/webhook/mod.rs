//! Outgoing webhooks: posts an event to an address of the product. The caller has signed it.

use std::{error::Error, fmt, time::Duration};

use reqwest::{Response, header::RETRY_AFTER};
use url::Url;

use super::address::{self, AllowedAddresses, PrivateAddress};
use crate::domain::{text::ExternalText, webhook_endpoint::Attempt};

/// How long one attempt may take, with the answer.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// How much of an answer is read and kept.
const ANSWER: usize = 500;

/// The address of an endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    const LONGEST: usize = 1_000;

    /// `https://…`; `http://…` too if private addresses are allowed, for a product in the own
    /// network. `None`: the text is no such address.
    pub fn parse(text: &str, allowed: AllowedAddresses) -> Option<Self> {
        allowed.parse(text, Self::LONGEST).filter(|url| url.fragment().is_none()).map(Self)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// `https://product.example/…`, for the audit log: what follows may hold a token.
    pub fn shown(&self) -> String {
        address::shown(&self.0)
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// What is posted, with the headers of Standard Webhooks.
#[derive(Clone, Debug)]
pub struct SignedEvent {
    pub id: String,
    /// Whole seconds: the time of the attempt.
    pub timestamp: i64,
    /// Of each secret that is valid now.
    pub signature: String,
    pub body: String,
}

/// Posts events. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WebhookPoster {
    client: reqwest::Client,
    allowed: AllowedAddresses,
}

impl WebhookPoster {
    /// `None`: there is no TLS provider.
    pub fn new(allowed: AllowedAddresses) -> Option<Self> {
        let client = allowed
            .client(PATIENCE)
            .inspect_err(|error| tracing::error!(%error, "no client for outgoing webhooks"));
        Some(Self { client: client.ok()?, allowed })
    }

    /// One attempt. `began` measures it.
    pub async fn post(
        &self,
        to: &WebhookUrl,
        event: SignedEvent,
        began: impl Fn() -> Duration,
    ) -> Attempt {
        let (status, retry_after, answer) = match self.allowed.check(&to.0) {
            Err(error) => (None, None, error.to_string()),
            Ok(()) => match self.sent(to, event).await {
                Ok(response) => {
                    let asked = response.headers().get(RETRY_AFTER);
                    let asked = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
                    let status = response.status().as_u16();
                    (Some(status), asked.map(Duration::from_secs), said(response).await)
                }
                Err(error) => (None, None, unsent(error)),
            },
        };
        Attempt { status, answer, took: began(), retry_after }
    }

    async fn sent(&self, to: &WebhookUrl, event: SignedEvent) -> reqwest::Result<Response> {
        self.client
            .post(to.0.clone())
            .header("content-type", "application/json")
            .header("webhook-id", event.id)
            .header("webhook-timestamp", event.timestamp.to_string())
            .header("webhook-signature", event.signature)
            .body(event.body)
            .send()
            .await
    }
}

/// The error never quotes the address, which may hold a token.
fn unsent(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    let mut deepest = String::new();
    while let Some(one) = cause {
        if one.is::<PrivateAddress>() {
            return PrivateAddress.to_string();
        }
        deepest = one.to_string();
        cause = one.source();
    }
    if error.is_timeout() {
        return format!("The server did not answer within {} s.", PATIENCE.as_secs());
    }
    format!("The server could not be reached: {deepest}.")
}

/// The beginning of the answer.
async fn said(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < ANSWER {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(ANSWER);
    ExternalText::short(String::from_utf8_lossy(&body).trim()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_and_names_no_user_and_no_private_network() {
        let is_good = |text| WebhookUrl::parse(text, AllowedAddresses::Public).is_some();
        assert!(is_good(" https://product.example/hooks?token=1 "));
        for bad in [
            "http://product.example/hooks",
            "https://kim:secret@product.example/hooks",
            "https://product.example/hooks#part",
            "https://127.0.0.1/hooks",
            "https://[::1]/hooks",
            "ftp://product.example",
            "product.example",
            "",
        ] {
            assert!(!is_good(bad), "{bad}");
        }
        let at_home = WebhookUrl::parse("http://127.0.0.1:1/t", AllowedAddresses::Private).unwrap();
        assert_eq!(at_home.shown(), "http://127.0.0.1/…");
    }
}
