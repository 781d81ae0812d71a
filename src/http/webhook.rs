//! `POST /webhooks/scalekit`: checks the size of the raw bytes, then the signature, and then queues
//! the delivery. A delivery is answered 2xx only after it is durable.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use tracing::{debug, warn};

use super::{
    BodyRoom, HttpState, body_room::Reservation, client::ClientAddress, limits::is_announced_over,
};
use crate::{
    clock::Stopwatch,
    commands::Delivery,
    domain::{
        decision::Outcome,
        id::{EventId, OrganizationId, WebhookId},
    },
    ingest::Answer,
    metrics::{Metrics, Refused},
    scalekit::{
        payload,
        signature::{self, Headers},
    },
};

/// Seconds after which a sender may retry.
const COME_AGAIN: &str = "5";

pub async fn take(
    State(http_state): State<HttpState>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let began = Stopwatch::start();
    let metrics = &http_state.state.metrics;
    let (body, held) = match read(request, http_state.body_limit, &http_state.body_room).await {
        Ok(read) => read,
        Err(refused) => return refuse(metrics, refused),
    };
    let now = http_state.state.clock.now();
    let header = |name| headers.get(name).map(axum::http::HeaderValue::as_bytes);
    let signed = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let verified = match signature::verify(&http_state.secrets, signed, &body, now) {
        Ok(verified) => verified,
        Err(rejection) => {
            debug!(
                request = request_id(&headers),
                why = rejection.as_str(),
                "a delivery was refused"
            );
            return refuse(metrics, Refused::Signature(rejection));
        }
    };
    drop(held);
    let reading = payload::read(&body);
    let delivery = Delivery::new(verified.webhook_id, body, reading, now);
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
        Answer::Later => refuse(metrics, Refused::Busy),
    }
}

/// Reads the body. It is refused before any of it is read if its announced length is over the
/// limit.
async fn read(
    request: Request,
    limit: usize,
    room: &BodyRoom,
) -> Result<(Vec<u8>, Reservation), Refused> {
    if is_announced_over(request.body(), limit) {
        return Err(Refused::TooLarge);
    }
    let client = request.extensions().get::<ClientAddress>().map(|client| client.network());
    let (mut body, mut held) = (Vec::new(), room.empty(client));
    let mut parts = request.into_body().into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| Refused::BrokenOff)?;
        if body.len() + part.len() > limit {
            return Err(Refused::TooLarge);
        }
        if !held.grow(part.len()) {
            return Err(Refused::NoRoom);
        }
        body.extend_from_slice(&part);
    }
    body.shrink_to_fit();
    Ok((body, held))
}

/// Counts a refusal, and answers it.
fn refuse(metrics: &Metrics, refused: Refused) -> Response {
    metrics.refused(refused);
    match refused {
        Refused::Signature(_) | Refused::BrokenOff => StatusCode::BAD_REQUEST.into_response(),
        Refused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Refused::NoRoom | Refused::Busy => {
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
        Self {
            request: request_id(headers).to_owned(),
            webhook_id: delivery.webhook_id.clone(),
            event,
            organization,
        }
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
