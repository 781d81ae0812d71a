//! The simulator's own page: plain forms that make changes, and their results. It has no sign-in,
//! because all people in it are invented: every visitor who can reach it may press its buttons.

mod acts;
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

use super::{Simulator, host};
use domain::id::OrganizationId;

/// The dashboard's colours, and the few rules that only this page needs.
const STYLE: &str =
    concat!(include_str!("../../../style/tokens.css"), "\n", include_str!("page.css"));
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Clone)]
struct AppState {
    simulator: Simulator,
    notes: Arc<Mutex<Notes>>,
}

/// What the page shows when it is loaded next.
#[derive(Default)]
struct Notes {
    said: Option<String>,
    /// A new secret that the receiver has not been given.
    invented: Option<String>,
}

impl AppState {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Deserialize)]
struct Place {
    /// The list continues after this number.
    #[serde(default)]
    after: u64,
}

impl Simulator {
    /// The page and its forms. Forms of other sites are refused, and requests with a host name that
    /// is not this machine.
    pub fn page(&self, listening: IpAddr) -> Router {
        Router::new()
            .route("/", get(home))
            .route("/organizations/{organization}", get(organization))
            .route("/acts", post(acts::act))
            .route(
                "/simulator.css",
                get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)),
            )
            .layer(CsrfLayer::new())
            .layer(from_fn_with_state(listening, host::check))
            .with_state(AppState { simulator: self.clone(), notes: Arc::default() })
    }
}

async fn home(State(state): State<AppState>, Query(Place { after }): Query<Place>) -> Response {
    written(&show::home(&state, after))
}

async fn organization(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(Place { after }): Query<Place>,
) -> Response {
    match show::organization(&state, &OrganizationId::new(id), after) {
        Some(page) => written(&page),
        None => (StatusCode::NOT_FOUND, "There is no such organization.").into_response(),
    }
}

fn written(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => ([(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")], Html(html))
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
