//! The simulator's own page: plain forms that make something happen, and what became of it. It has no sign-in, as everybody in
//! it is invented; whoever can reach it may press its buttons.

mod acts;
mod host;
mod show;
#[cfg(test)]
mod tests;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    middleware::from_fn_with_state,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use tower_http::csrf::CsrfLayer;

use super::Simulator;
use crate::domain::id::OrganizationId;

/// The dashboard's colours, and what little this page needs besides.
const STYLE: &str = concat!(include_str!("../../../../style/tokens.css"), "\n", include_str!("page.css"));
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Clone)]
struct Desk {
    simulator: Simulator,
    notes: Arc<Mutex<Notes>>,
}

/// What the next look at the page has to say.
#[derive(Default)]
struct Notes {
    said: Option<String>,
    /// A secret the receiver has not been given.
    invented: Option<String>,
}

impl Desk {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Deserialize)]
struct Place {
    /// The number behind which the list goes on.
    #[serde(default)]
    after: u64,
}

impl Simulator {
    /// The page, and the forms on it. Other sites' forms are refused, and other names than those of where it listens.
    pub fn page(&self, listening: IpAddr) -> Router {
        Router::new()
            .route("/", get(home))
            .route("/organizations/{organization}", get(organization))
            .route("/acts", post(acts::act))
            .route("/simulator.css", get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
            .layer(CsrfLayer::new())
            .layer(from_fn_with_state(listening, host::check))
            .with_state(Desk { simulator: self.clone(), notes: Arc::default() })
    }
}

async fn home(State(desk): State<Desk>, Query(Place { after }): Query<Place>) -> Response {
    written(&show::home(&desk, after))
}

async fn organization(State(desk): State<Desk>, Path(id): Path<String>, Query(Place { after }): Query<Place>) -> Response {
    match show::organization(&desk, &OrganizationId::new(id), after) {
        Some(page) => written(&page),
        None => (StatusCode::NOT_FOUND, "There is no such organization.").into_response(),
    }
}

fn written(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => ([(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
