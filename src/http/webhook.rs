//! `POST /webhooks/scalekit`: raw bytes, size first, then the signature, then the lane. Nothing is answered 2xx before
//! it is durable.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use tracing::debug;

use super::Door;
use crate::{
    acts::Delivery,
    clock::Stopwatch,
    domain::event,
    metrics::Refused,
    scalekit::signature::{self, Headers},
    work::intake::Answer,
};

/// Seconds after which a sender may come again.
const COME_AGAIN: &str = "5";

pub async fn take(State(door): State<Door>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let began = Stopwatch::start();
    let metrics = &door.desk.metrics;
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
    let now = door.desk.clock.now();
    let header = |name| headers.get(name).map(axum::http::HeaderValue::as_bytes);
    let signed = Headers { id: header("webhook-id"), timestamp: header("webhook-timestamp"), signature: header("webhook-signature") };
    let verified = match signature::verify(&door.secrets, signed, &body, now) {
        Ok(verified) => verified,
        Err(rejection) => {
            metrics.refused(Refused::Signature(rejection));
            debug!(why = rejection.as_str(), "a delivery was refused");
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    let reading = event::read(&body);
    let delivery = Delivery::new(verified.webhook_id, body.to_vec(), reading, now);
    let waiting = metrics.delivery_waits();
    let answer = door.intake.take(delivery).await;
    drop(waiting);
    match answer {
        Answer::Taken(_) => {
            metrics.acknowledged(began.elapsed());
            StatusCode::OK.into_response()
        }
        Answer::Later => {
            metrics.refused(Refused::Busy);
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, COME_AGAIN)]).into_response()
        }
    }
}
