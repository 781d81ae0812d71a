//! The routes that are not pages: the webhook, the live line, health and metrics; and the session behind every page.

mod live;
mod operations;
pub mod session;
mod webhook;

pub use operations::metrics;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
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

/// The live line; it needs the session layer around it.
pub fn live(door: Door) -> Router {
    Router::new().route("/live", get(live::listen)).with_state(door)
}
