//! The routes that are not pages: the webhook, live connections, health and metrics; the session
//! behind every page; and the connections of the server.

mod body_room;
mod client;
mod limits;
mod live;
mod operations;
mod parameters;
pub mod server;
pub mod session;
mod unsubscribe;
mod webhook;

pub use body_room::BodyRoom;
pub use client::{ClientAddress, with_client_address};
pub use limits::{BodyTime, Room, body_in_time, with_room};
pub use operations::metrics;
pub use parameters::{UNREADABLE_FIELDS, query_pairs, with_checked_parameters};

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use tokio::sync::watch;

use crate::{ingest::Intake, scalekit::signature::Secrets, state::AppState};

/// What the routes share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpState {
    pub state: AppState,
    pub intake: Intake,
    pub secrets: Arc<Secrets>,
    /// The most bytes of a webhook's body.
    pub body_limit: usize,
    pub body_room: BodyRoom,
    /// Turns true when the process stops; live connections end then.
    pub stopping: watch::Receiver<bool>,
}

/// The routes for machines. They have no session and no cross-site check: the webhook has its
/// signature, and the end of digests a token.
pub fn routes(http_state: HttpState) -> Router {
    let webhook = post(webhook::take);
    Router::new()
        .route("/webhooks/scalekit", webhook.clone())
        .route("/api/webhooks/scalekit", webhook)
        .route("/unsubscribe/{token}", post(unsubscribe::one_click))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(operations::ready))
        .with_state(http_state)
}

/// The route of the live connections; it needs [`session::with_sessions`] around it.
pub fn live(http_state: HttpState) -> Router {
    let share = from_fn_with_state(http_state.state.clone(), limits::with_live_share);
    Router::new().route("/live", get(live::listen).layer(share)).with_state(http_state)
}
