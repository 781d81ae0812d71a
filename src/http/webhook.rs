//! `POST /webhooks/scalekit`: checks the size of the raw bytes, then the signature, and then queues
//! the delivery. A delivery is answered 2xx only after it is durable.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use tracing::{debug, warn};

use super::HttpState;
use crate::{
    clock::Stopwatch,
    commands::Delivery,
    domain::{
        decision::Outcome,
        event,
        id::{EventId, OrganizationId, WebhookId},
    },
    jobs::intake::Answer,
    metrics::Refused,
    scalekit::signature::{self, Headers},
};

/// Seconds after which a sender may retry.
const COME_AGAIN: &str = "5";

pub async fn take(State(http_state): State<HttpState>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let began = Stopwatch::start();
    let metrics = &http_state.state.metrics;
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            metrics.refused(Refused::TooLarge);
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        Err(_) => {
            metrics.refused(Refused::BrokenOff);
            return StatusCode::BAD_REQUEST.into_response();
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
