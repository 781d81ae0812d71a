//! For operators: `/readyz` on the public port, and `/metrics` only on a port of its own.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::encoding::prometheus_text;
use tracing::error;

use super::HttpState;
use crate::{queries, state::AppState};

/// 200 if this process can do its work, otherwise 503 and one line for each problem.
pub async fn ready(State(http_state): State<HttpState>) -> Response {
    let missing = queries::ready(&http_state.state).await;
    if missing.is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, missing.join("\n") + "\n").into_response()
}

/// The routes on the listener of `SEATKEEPER_METRICS_LISTEN`.
pub fn metrics(state: AppState) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(state)
}

async fn scrape(State(state): State<AppState>) -> Response {
    match state.metrics.text(&queries::measures(&state).await) {
        Ok(text) => ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
