//! For whoever keeps it running: `/readyz` on the public port, `/metrics` on a port of its own and nowhere else.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::encoding::prometheus_text;
use tracing::error;

use super::Door;
use crate::{desk::Desk, reads};

/// 200 if this process can do its work, else 503 and a line for each thing that keeps it.
pub async fn ready(State(door): State<Door>) -> Response {
    let missing = reads::ready(&door.desk).await;
    if missing.is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, missing.join("\n") + "\n").into_response()
}

/// What the listener of `SEATKEEPER_METRICS_LISTEN` serves.
pub fn metrics(desk: Desk) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(desk)
}

async fn scrape(State(desk): State<Desk>) -> Response {
    match desk.metrics.text(&reads::measures(&desk).await) {
        Ok(text) => ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
