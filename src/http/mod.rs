//! The routes that are not pages: the webhook, the live line, health and metrics; the session behind every page; and the
//! connections that all of them are asked on.

mod client;
mod limits;
mod live;
mod operations;
mod parameters;
pub mod server;
pub mod session;
mod webhook;

pub use client::{ClientAddress, with_client_address};
pub use limits::{BodyTime, Room, body_in_time, with_room};
pub use operations::metrics;
pub use parameters::{UNREADABLE_FIELDS, query_pairs, with_checked_parameters};

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use tokio::sync::watch;

use crate::{desk::Desk, scalekit::signature::Secrets, work::intake::Intake};

/// What the routes share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Door {
    pub desk: Desk,
    pub intake: Intake,
    pub secrets: Arc<Secrets>,
    /// Bytes of a webhook's body.
    pub body_limit: usize,
    /// Turns true when the process stops; live lines end then.
    pub stopping: watch::Receiver<bool>,
}

/// Everything a machine talks to, in order of audience. No session, no cross-site check: the webhook has its signature.
pub fn routes(door: Door) -> Router {
    let webhook = post(webhook::take).layer(DefaultBodyLimit::max(door.body_limit));
    Router::new()
        .route("/webhooks/scalekit", webhook.clone())
        .route("/api/webhooks/scalekit", webhook)
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(operations::ready))
        .with_state(door)
}

/// The live line; it needs [`session::with_sessions`] around it.
pub fn live(door: Door) -> Router {
    let share = from_fn_with_state(door.desk.clone(), limits::with_live_share);
    Router::new().route("/live", get(live::listen).layer(share)).with_state(door)
}
