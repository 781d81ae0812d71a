//! The webhooks that came: verified, kept, and announced to the open pages.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::sse::{self, KeepAlive, Sse},
};
use domain::{id::WebhookId, time::Timestamp};
use futures_util::{Stream, stream};
use seatkeeper::scalekit::signature::{self, Headers};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Product, client};

/// How many webhooks the page shows.
const SHOWN: usize = 50;
/// How many announcements an open page may be behind.
const BEHIND: usize = 256;

/// An outgoing event of Seatkeeper.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    pub sequence: i64,
    pub r#type: String,
    /// `None`: a test.
    pub organization_id: Option<String>,
    pub data: Value,
}

#[derive(Clone, Debug)]
pub(super) struct Webhook {
    pub id: WebhookId,
    pub event: Event,
    pub received_at: Timestamp,
    /// For a reader.
    pub body: String,
}

/// What an open page hears.
#[derive(Clone, Debug, Default, Serialize)]
struct Heard {
    /// The organization of the webhook; `None`: perhaps the one that the page shows.
    organization: Option<String>,
    event: Option<String>,
}

pub(super) struct WebhookLog {
    /// The newest first.
    last: Mutex<VecDeque<Webhook>>,
    heard: broadcast::Sender<Heard>,
}

impl Default for WebhookLog {
    fn default() -> Self {
        Self { last: Mutex::default(), heard: broadcast::channel(BEHIND).0 }
    }
}

impl WebhookLog {
    /// The newest first.
    pub fn last(&self) -> Vec<Webhook> {
        self.lock().iter().cloned().collect()
    }

    /// A webhook may arrive twice; its id tells.
    fn add(&self, webhook: Webhook) {
        let heard = Heard {
            organization: webhook.event.organization_id.clone(),
            event: Some(webhook.id.to_string()),
        };
        let mut last = self.lock();
        if last.iter().any(|one| one.id == webhook.id) {
            return;
        }
        last.push_front(webhook);
        last.truncate(SHOWN);
        drop(last);
        let _ = self.heard.send(heard); // perhaps no page is open
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Webhook>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a webhook. One that Seatkeeper has not signed is refused and leaves no trace.
pub(super) async fn receive(
    State(product): State<Product>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Product(product) = product;
    let now = product.clock.now();
    let verified = signature::verify(&product.secrets, Headers::from(&headers), &body, now);
    let (Ok(verified), Ok(event)) = (verified, serde_json::from_slice(&body)) else {
        return StatusCode::BAD_REQUEST;
    };
    product.webhooks.add(Webhook {
        id: verified.webhook_id,
        event,
        received_at: now,
        body: client::shown(&String::from_utf8_lossy(&body)),
    });
    StatusCode::NO_CONTENT
}

/// Tells an open page of each webhook, so that it looks again.
pub(super) async fn live(
    State(product): State<Product>,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let heard = product.0.webhooks.heard.subscribe();
    let events = stream::unfold(heard, |mut heard| async {
        let one = match heard.recv().await {
            Ok(one) => one,
            Err(RecvError::Lagged(_)) => Heard::default(),
            Err(RecvError::Closed) => return None,
        };
        let event = sse::Event::default().json_data(one).unwrap_or_default();
        Some((Ok(event), heard))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
