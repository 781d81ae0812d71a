//! Who calls: the key of a request, what it may do, and how often.

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{
    access::{OrganizationScope, Staff, Viewer},
    api_key::{ApiKey, KeyScope},
    id::OrganizationId,
};
use seatkeeper::{
    commands::{self, Actor, Origin},
    metrics::traffic::NotServed,
    shares::{InUse, Share},
    state::AppState,
    throttle::{Allowance, Call},
};

use super::Problem;
use crate::headers;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// The program that calls.
#[derive(Clone, Debug)]
pub struct Caller {
    pub key: ApiKey,
    pub viewer: Viewer,
    origin: Origin,
}

/// Opens the API with the key of the request. Each answer to a key says how much is left for it.
pub async fn open(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let key = match authenticated(&state, request.headers()).await {
        Ok(key) => key,
        Err(problem) => return problem.into_response(),
    };
    let now = state.clock.now();
    if state.api_keys.notes(&key, now) {
        let (state, key) = (state.clone(), key.clone());
        tokio::spawn(async move {
            if let Err(error) = commands::note_key_use(&state, &key).await {
                tracing::warn!(key = %key.id, %error, "the use of an API key was not noted");
            }
        });
    }
    let call = if is_access(&request) { Call::Access } else { Call::Other };
    let allowance = match state.api_keys.take(&key, call, now) {
        Ok(allowance) => allowance,
        Err(wait) => return Problem::too_many(seconds(wait)).into_response(),
    };
    let viewer = key.viewer();
    let origin = headers::origin(request.headers(), request.extensions());
    request.extensions_mut().insert(Caller { key, viewer, origin });
    let mut response = next.run(request).await;
    say(&mut response, allowance);
    response
}

/// Whether the product asks about a person at a sign-in, which it may do often.
fn is_access(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>();
    *request.method() == Method::GET && path.is_some_and(|path| path.as_str().ends_with("/access"))
}

/// The key of a call, if it works.
pub async fn authenticated(state: &AppState, headers: &HeaderMap) -> Result<ApiKey, Problem> {
    let text = headers.get(header::AUTHORIZATION).ok_or_else(Problem::no_key)?;
    let text = text.to_str().map_err(|_| Problem::no_key())?;
    let (kind, text) = text.split_once(' ').ok_or_else(Problem::no_key)?;
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(Problem::no_key());
    }
    commands::authenticate(state, text.trim()).await.map_err(Problem::of_key)
}

fn say(response: &mut Response, left: Allowance) {
    let headers = response.headers_mut();
    headers.insert(LIMIT, left.limit.into());
    headers.insert(REMAINING, left.remaining.into());
    headers.insert(RESET, seconds(left.reset).into());
}

/// Rounded up, so that a client that waits so long has waited long enough.
fn seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::no_key)
    }
}

impl Caller {
    /// Refuses a key without this scope.
    pub fn may(&self, scope: KeyScope) -> Result<(), Problem> {
        if self.key.scopes.allow(scope) { Ok(()) } else { Err(Problem::scope(scope)) }
    }

    /// The right to an organization. Without it the answer is the same 404 as for one that does not
    /// exist.
    pub fn reach(&self, id: &str, scope: KeyScope) -> Result<OrganizationScope, Problem> {
        self.may(scope)?;
        let id = OrganizationId::parse(id).ok_or_else(Problem::missing)?;
        self.viewer.scope(&id).ok_or_else(Problem::missing)
    }

    /// The right to all organizations, which keys of the installation have.
    pub fn all(&self, scope: KeyScope) -> Result<Staff, Problem> {
        self.may(scope)?;
        self.viewer.staff().ok_or_else(Problem::of_installation)
    }

    /// The key as the actor of a command.
    pub fn actor(&self) -> Actor {
        Actor::api_key(&self.key).with_origin(self.origin.clone())
    }

    /// The share of reads of this key and of the organization, so that no key delays the others. It
    /// is in use until it is dropped.
    pub async fn share(
        &self,
        state: &AppState,
        scope: Option<&OrganizationScope>,
    ) -> Result<(Share, Option<Share>), Problem> {
        let busy = |InUse| {
            state.metrics.traffic.not_served(NotServed::Share);
            Problem::busy()
        };
        let own = state.shares.of_account(&self.viewer.account).await.map_err(busy)?;
        let of_organization = match scope {
            Some(scope) => Some(state.shares.of_organization(scope.id()).await.map_err(busy)?),
            None => None,
        };
        Ok((own, of_organization))
    }
}
