//! Requests to identity providers, with limits for the time and the size of an answer.

use std::{error::Error, sync::Arc, time::Duration};

use reqwest::{RequestBuilder, StatusCode, Url, redirect::Policy};
use serde_json::Value;

use super::issuer::is_safe;
use crate::{
    channels::address::{AllowedAddresses, GuardedResolver, PrivateAddress},
    domain::refusal::SignOnRefusal,
};

const CONNECT: Duration = Duration::from_secs(5);
/// How long one answer may take, from the first byte of the request to the last of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// In bytes; large providers publish some ten kilobytes of keys.
const MOST_BYTES: usize = 256 << 10;

#[derive(Clone, Debug)]
pub(super) struct Fetcher {
    http: reqwest::Client,
    allowed: AllowedAddresses,
}

/// An answer of the token endpoint.
pub(super) struct Reply {
    pub status: StatusCode,
    pub body: Value,
}

impl Fetcher {
    /// `None`: there is no TLS provider.
    pub fn new(allowed: AllowedAddresses) -> Option<Self> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("seatkeeper/", env!("CARGO_PKG_VERSION")))
            // a proxy would look the name up itself
            .no_proxy()
            .redirect(Policy::none())
            .dns_resolver(Arc::new(GuardedResolver(allowed)))
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .build();
        let http =
            http.inspect_err(|error| tracing::error!(%error, "no client for OpenID Connect"));
        Some(Self { http: http.ok()?, allowed })
    }

    /// Whether a browser or Seatkeeper may be sent to this address.
    pub fn check(&self, url: &Url) -> Result<(), SignOnRefusal> {
        if !is_safe(url, self.allowed) {
            return Err(SignOnRefusal::Endpoint);
        }
        self.allowed.check(url).map_err(|_| SignOnRefusal::PrivateAddress)
    }

    /// A JSON document; `bearer` is an access token.
    pub async fn get(&self, url: Url, bearer: Option<&str>) -> Result<Value, SignOnRefusal> {
        self.check(&url)?;
        let mut request = self.http.get(url).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        match self.send(request).await? {
            Reply { status: StatusCode::OK, body } if body.is_object() => Ok(body),
            Reply { status: StatusCode::OK, .. } => Err(SignOnRefusal::Unreadable),
            Reply { .. } => Err(SignOnRefusal::Answer),
        }
    }

    /// Posts a form. An answer that is no JSON has the body `null`.
    pub async fn post(
        &self,
        url: Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Reply, SignOnRefusal> {
        self.check(&url)?;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = self
            .http
            .post(url)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some((id, secret)) = basic {
            // RFC 6749, 2.3.1: both are form-encoded before they are joined
            request = request.basic_auth(form_encoded(id), Some(form_encoded(secret)));
        }
        self.send(request.body(body)).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Reply, SignOnRefusal> {
        let mut response = request.send().await.map_err(|error| silence(&error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(SignOnRefusal::Redirects);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| silence(&error))? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(SignOnRefusal::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, body: serde_json::from_slice(&body).unwrap_or_default() })
    }
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn silence(error: &reqwest::Error) -> SignOnRefusal {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.is::<PrivateAddress>() {
            return SignOnRefusal::PrivateAddress;
        }
        cause = one.source();
    }
    if error.is_timeout() { SignOnRefusal::TooSlow } else { SignOnRefusal::Unreachable }
}
