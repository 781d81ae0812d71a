//! The Directory API as Scalekit's REST gateway answers it: the token endpoint, organizations,
//! directories, users, groups and the event log, for the same organizations that the deliveries are
//! about.

mod directories;
mod events;
mod inject_fault;
mod listings;
mod malformed;
mod organizations;
mod paging;
mod problem;
mod query;
mod shapes;
#[cfg(test)]
mod tests;
mod token;

use std::{
    collections::VecDeque,
    future::IntoFuture,
    io,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::header::AUTHORIZATION,
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{get, patch, post},
    serve::ListenerExt,
};
use serde_json::Value;
use tokio::net::TcpListener;

pub use self::token::Credentials;
use self::{problem::Problem, token::Tokens};
use super::Simulator;
use domain::time::Timestamp;

type Answer = Result<Json<Value>, Problem>;

/// What the routes share. Cheap to clone.
#[derive(Clone)]
struct Api {
    simulator: Simulator,
    tokens: Arc<Tokens>,
    /// When the list calls of the last minute were answered.
    minute: Arc<Mutex<VecDeque<Timestamp>>>,
}

impl Simulator {
    /// The API of the simulated organizations, for callers with these credentials.
    pub fn api(&self, credentials: Credentials) -> Router {
        let tokens = Arc::new(Tokens::new(credentials, self.clock.clone()));
        let api = Api { simulator: self.clone(), tokens, minute: Arc::default() };
        let directory = "/organizations/{organization}/directories/{directory}";
        let guarded = Router::new()
            .route("/organizations", get(organizations::list))
            .route("/organizations/{organization}", get(organizations::one))
            .route("/organizations:external/{external}", get(organizations::by_external_id))
            .route("/organizations/{organization}/directories", get(directories::list))
            .route(directory, get(directories::one).merge(patch(directories::switch)))
            .route(&format!("{directory}/users"), get(listings::users))
            .route(&format!("{directory}/groups"), get(listings::groups))
            .route(&format!("{directory}/groups/summary"), get(listings::groups_summary))
            .route("/events/paginated", post(events::paginated))
            .layer(from_fn_with_state(api.clone(), inject_fault::inject_fault))
            .layer(from_fn_with_state(api.clone(), guard));
        Router::new()
            .nest("/api/v1", guarded)
            .route("/oauth/token", post(token::issue))
            .fallback(async || Problem::NoSuchPath)
            .method_not_allowed_fallback(async || Problem::NoSuchMethod)
            .with_state(api)
    }

    /// Answers API calls and shows the simulator's page as long as the process runs.
    pub async fn serve(self, listener: TcpListener, credentials: Credentials) -> io::Result<()> {
        let listening = listener.local_addr()?.ip();
        let listener = listener.tap_io(|tcp| {
            let _ = tcp.set_nodelay(true); // without it answers are slower, not wrong
        });
        axum::serve(listener, self.api(credentials).merge(self.page(listening))).into_future().await
    }
}

/// Refuses a call without a valid token. Some clients send two headers, one of them stale: one
/// valid token is enough.
async fn guard(State(api): State<Api>, request: Request, next: Next) -> Result<Response, Problem> {
    let bearer = |header: &axum::http::HeaderValue| {
        Some(header.to_str().ok()?.strip_prefix("Bearer ")?.to_owned())
    };
    let shown: Vec<_> =
        request.headers().get_all(AUTHORIZATION).iter().filter_map(bearer).collect();
    if shown.is_empty() {
        return Err(Problem::Unauthenticated("Token empty"));
    }
    if !shown.iter().any(|token| api.tokens.is_good(token)) {
        return Err(Problem::Unauthenticated("Token invalid or expired"));
    }
    Ok(next.run(request).await)
}
