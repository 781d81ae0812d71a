//! Inkpot, the SaaS product of the demo: one page at which people sign in. It is a client of
//! Seatkeeper as any product is: with an API key it asks at each sign-in whether the person is
//! allowed in, and it takes signed webhooks. It keeps no list of seats of its own.

mod client;
mod sentences;
mod show;
#[cfg(test)]
mod tests;
mod webhooks;

use std::{future::IntoFuture, io, net::IpAddr, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    middleware::from_fn_with_state,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use tokio::net::TcpListener;
use url::Url;

use self::{client::Seatkeeper, webhooks::WebhookLog};
use super::host;
use seatkeeper::{
    clock::Clock,
    scalekit::signature::{Secret, Secrets},
};

/// Where Seatkeeper posts its webhooks.
pub const WEBHOOKS: &str = "/webhooks";

const STYLE: &str = include_str!("product.css");
const SCRIPT: &str = include_str!("product.js");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the product is given when it is set up.
pub struct Connection {
    /// The address of Seatkeeper.
    pub seatkeeper: String,
    /// An API key that may read.
    pub key: String,
    /// The secret that signs the webhooks.
    pub secret: Secret,
    /// The address of the simulator's page, where people leave.
    pub simulator: String,
}

/// Why the product cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("“{0}” is no address of a Seatkeeper; it looks like http://127.0.0.1:3000.")]
    Address(String),
    #[error("The HTTP client of the product could not be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// The product. Cheap to clone; clones share the webhooks.
#[derive(Clone)]
pub struct Product(Arc<Shared>);

struct Shared {
    seatkeeper: Seatkeeper,
    /// The dashboard and the simulator, for the hint that says how a seat becomes free.
    dashboard: String,
    simulator: String,
    secrets: Secrets,
    webhooks: WebhookLog,
    clock: Clock,
}

/// The parameters of the page.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    organization: String,
    /// The person who signs in, by address or by id.
    #[serde(default)]
    user: String,
    /// The webhook because of which the page asks again.
    #[serde(default)]
    after: String,
}

impl Product {
    /// The process must have installed a TLS provider before.
    pub fn new(connection: Connection, clock: Clock) -> Result<Self, Error> {
        let Connection { seatkeeper, key, secret, simulator } = connection;
        let url = Url::parse(&seatkeeper).ok().filter(Url::has_host);
        let url = url.ok_or_else(|| Error::Address(seatkeeper.clone()))?;
        Ok(Self(Arc::new(Shared {
            seatkeeper: Seatkeeper::new(url, key, clock.clone())?,
            dashboard: seatkeeper,
            simulator,
            secrets: secret.into(),
            webhooks: WebhookLog::default(),
            clock,
        })))
    }

    /// The page, and the endpoint of the webhooks. A request with a host name that is not this
    /// machine is refused.
    fn router(&self, listening: IpAddr) -> Router {
        Router::new()
            .route("/", get(home))
            .route(WEBHOOKS, get(list).post(webhooks::receive))
            .route("/live", get(webhooks::live))
            .route("/product.css", get(async || file("text/css; charset=utf-8", STYLE)))
            .route("/product.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
            .layer(from_fn_with_state(listening, host::check))
            .with_state(self.clone())
    }

    /// Answers as long as the process runs.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let listening = listener.local_addr()?.ip();
        axum::serve(listener, self.router(listening)).into_future().await
    }
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text)
}

/// The page. With a person it is a sign-in.
async fn home(State(product): State<Product>, Query(asked): Query<Asked>) -> Response {
    written(&show::page(&product, &asked).await)
}

/// The list of webhooks alone.
async fn list(State(product): State<Product>) -> Response {
    written(&show::webhooks(&product).await)
}

fn written(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => ([(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")], Html(html))
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
