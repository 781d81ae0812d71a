//! `POST /webhooks/scalekit`: checks the size of the raw bytes, then the signature, and then queues
//! the delivery. A delivery is answered 2xx only after it is durable.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use tracing::{debug, warn};

use super::{HttpState, limits::is_announced_over};
use crate::{
    clock::Stopwatch,
    commands::Delivery,
    domain::{
        decision::Outcome,
        event,
        id::{EventId, OrganizationId, WebhookId},
    },
    ingest::Answer,
    metrics::Refused,
    scalekit::signature::{self, Headers},
};

/// Seconds after which a sender may retry.
const COME_AGAIN: &str = "5";

pub async fn take(State(http_state): State<HttpState>, headers: HeaderMap, request: Request) -> Response {
    let began = Stopwatch::start();
    let metrics = &http_state.state.metrics;
    let body = match read(request, http_state.body_limit).await {
        Ok(body) => body,
        Err((status, refused)) => {
            metrics.refused(refused);
            return status.into_response();
        }
    };
    let now = http_state.state.clock.now();
    let header = |name| headers.get(name).map(axum::http::HeaderValue::as_bytes);
    let signed = Headers { id: header("webhook-id"), timestamp: header("webhook-timestamp"), signature: header("webhook-signature") };
    let verified = match signature::verify(&http_state.secrets, signed, &body, now) {
        Ok(verified) => verified,
        Err(rejection) => {
            metrics.refused(Refused::Signature(rejection));
            debug!(request = request_id(&headers), why = rejection.as_str(), "a delivery was refused");
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    let reading = event::read(&body);
    let delivery = Delivery::new(verified.webhook_id, body.to_vec(), reading, now);
    let label = Label::of(&delivery, &headers);
    let waiting = metrics.delivery_waits();
    let answer = http_state.intake.take(delivery).await;
    drop(waiting);
    match answer {
        Answer::Taken(outcome) => {
            metrics.acknowledged(began.elapsed());
            label.tell(outcome);
            StatusCode::OK.into_response()
        }
        Answer::Later => {
            metrics.refused(Refused::Busy);
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, COME_AGAIN)]).into_response()
        }
    }
}

/// A body is refused before any of it is read if its announced length is over the limit.
async fn read(request: Request, limit: usize) -> Result<Bytes, (StatusCode, Refused)> {
    const TOO_LARGE: (StatusCode, Refused) = (StatusCode::PAYLOAD_TOO_LARGE, Refused::TooLarge);
    if is_announced_over(request.body(), limit) {
        return Err(TOO_LARGE);
    }
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE,
        _ => (StatusCode::BAD_REQUEST, Refused::BrokenOff),
    })
}

/// The ids by which the log names a delivery.
struct Label {
    request: String,
    webhook_id: WebhookId,
    event: EventId,
    organization: Option<OrganizationId>,
}

impl Label {
    fn of(delivery: &Delivery, headers: &HeaderMap) -> Self {
        let (event, organization) = (delivery.event().clone(), delivery.shard().cloned());
        Self { request: request_id(headers).to_owned(), webhook_id: delivery.webhook_id.clone(), event, organization }
    }

    fn tell(&self, outcome: Outcome) {
        let Self { request, webhook_id, event, organization } = self;
        let organization = organization.as_ref().map(OrganizationId::as_str);
        if outcome == Outcome::Dead {
            warn!(request, %webhook_id, %event, organization, "a delivery became a dead letter");
        } else {
            debug!(request, %webhook_id, %event, organization, outcome = outcome.as_str(), "a delivery was taken");
        }
    }
}

fn request_id(headers: &HeaderMap) -> &str {
    headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default()
}
