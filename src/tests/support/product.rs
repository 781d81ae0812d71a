//! A product that takes outgoing webhooks, and the Seatkeeper that sends them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{LOCATION, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{access::FreshProof, id::WebhookEndpointId, webhook_endpoint::EventFilter};
use hmac::{Hmac, KeyInit, Mac};
use seatkeeper::{
    channels::{address::AllowedAddresses, webhook::WebhookPoster},
    commands::webhook_endpoints::{NewEndpoint, add_endpoint},
    jobs::{number_events, send_events},
    queries::{self, DeliveryRecord},
    state::{AppState, Settings},
};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::Notify;

use super::world::{TestApp, operator};

/// What the product answers.
#[derive(Clone, Debug)]
pub enum Answer {
    Status(u16),
    Busy { seconds: u64 },
    Redirect(String),
    Long,
    Never,
    Closes,
}

#[derive(Clone, Debug)]
pub struct Received {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
}

/// A product that takes events.
pub struct Product {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<Mutex<Answer>>,
    came: Arc<Notify>,
}

type Shared = (Arc<Mutex<Vec<Received>>>, Arc<Mutex<Answer>>, Arc<Notify>);

async fn receive(
    State((received, answer, came)): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    received.lock().unwrap().push(Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    came.notify_waiters();
    let answer = answer.lock().unwrap().clone();
    match answer {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Busy { seconds } => {
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Answer::Redirect(to) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
        Answer::Long => (StatusCode::BAD_REQUEST, "no ".repeat(1_000_000)).into_response(),
        Answer::Never => std::future::pending().await,
        Answer::Closes => panic!("the connection is closed on purpose"),
    }
}

impl Product {
    pub async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (received, came) = (Arc::default(), Arc::default());
        let answer = Arc::new(Mutex::new(Answer::Status(204)));
        let shared: Shared = (Arc::clone(&received), Arc::clone(&answer), Arc::clone(&came));
        let router = Router::new().route("/events", post(receive)).with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, received, answer, came }
    }

    pub fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The types of the events that came.
    pub fn types(&self) -> Vec<String> {
        let of = |one: &Received| {
            let body: Value = serde_json::from_str(&one.body).unwrap();
            body["type"].as_str().unwrap().to_owned()
        };
        self.received().iter().map(of).collect()
    }

    /// Waits up to ten seconds for `n` events; a delivery may take fifteen.
    pub async fn wait_for(&self, n: usize) {
        let enough = async {
            loop {
                let came = self.came.notified();
                if self.received().len() >= n {
                    return;
                }
                came.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), enough).await.unwrap();
    }
}

/// The signature as the specification defines it, made without the code under test.
pub fn signature(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

pub fn is_signed(one: &Received, secrets: &[&str]) {
    let expected = secrets.iter().map(|s| signature(s, &one.id, &one.timestamp, &one.body));
    assert_eq!(one.signature, expected.collect::<Vec<_>>().join(" "));
}

/// The state of an installation that may post to its own network.
pub fn at_home(world: &TestApp) -> AppState {
    let mut settings = Settings::clone(&world.state.settings);
    settings.operations.allowed_addresses = AllowedAddresses::Private;
    AppState { settings: Arc::new(settings), ..world.state.clone() }
}

pub fn proof() -> FreshProof {
    FreshProof::of_command_line()
}

pub async fn added(
    state: &AppState,
    to: &Product,
    filter: EventFilter,
) -> (WebhookEndpointId, String) {
    let new = NewEndpoint { url: to.url.clone(), note: String::new(), filter };
    let added = add_endpoint(state, &operator(), &proof(), &new).await.unwrap();
    (added.endpoint, added.secret)
}

/// Numbers the events and sends what is due. Gives how many deliveries were taken.
pub async fn sent(state: &AppState) -> usize {
    number_events::work_off(state).await.unwrap();
    let poster = WebhookPoster::new(AllowedAddresses::Private).unwrap();
    send_events::work_off(state, &poster).await.unwrap()
}

pub async fn log(state: &AppState, endpoint: &WebhookEndpointId) -> Vec<DeliveryRecord> {
    queries::delivery_records(state, endpoint, None).await.unwrap().0
}

pub async fn state_of(state: &AppState, endpoint: &WebhookEndpointId) -> &'static str {
    let all = queries::endpoint_records(state).await.unwrap();
    all.iter().find(|one| one.id == *endpoint).unwrap().state
}
