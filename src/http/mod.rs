//! The routes that are not pages: the webhook, the live line, health; and the session behind every page.

mod live;
pub mod session;
mod webhook;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use tokio::sync::watch;

use crate::{
    desk::Desk,
    scalekit::signature::{Rejection, Secrets},
    work::intake::Intake,
};

/// What the routes share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Door {
    pub desk: Desk,
    pub intake: Intake,
    pub secrets: Arc<Secrets>,
    pub refused: Arc<Refused>,
    /// Bytes of a webhook's body.
    pub body_limit: usize,
    /// Turns true when the process stops; live lines end then.
    pub stopping: watch::Receiver<bool>,
}

/// Deliveries of which nothing is kept but their number.
#[derive(Debug, Default)]
pub struct Refused {
    rejected: [AtomicU64; Rejection::ALL.len()],
    too_large: AtomicU64,
}

impl Refused {
    fn count(&self, rejection: Rejection) {
        if let Some(at) = Rejection::ALL.iter().position(|r| *r == rejection) {
            self.rejected[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count_too_large(&self) {
        self.too_large.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were refused, by why.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let rejected = Rejection::ALL.iter().zip(&self.rejected).map(|(why, n)| (why.as_str(), n.load(Ordering::Relaxed)));
        rejected.chain([("too_large", self.too_large.load(Ordering::Relaxed))]).collect()
    }
}

/// Everything a machine talks to, in order of audience. No session, no cross-site check: the webhook has its signature.
pub fn routes(door: Door) -> Router {
    let webhook = post(webhook::take).layer(DefaultBodyLimit::max(door.body_limit));
    Router::new()
        .route("/webhooks/scalekit", webhook.clone())
        .route("/api/webhooks/scalekit", webhook)
        .route("/healthz", get(|| async { "ok" }))
        .with_state(door)
}

/// The live line; it needs the session layer around it.
pub fn live(door: Door) -> Router {
    Router::new().route("/live", get(live::listen)).with_state(door)
}
