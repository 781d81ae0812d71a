//! What a call is answered.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::access::OrganizationScope;
use seatkeeper::{
    queries::export::{self, List},
    state::AppState,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Caller, Problem, input::Page};

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = List)]
pub struct Items<T> {
    pub items: Vec<T>,
    /// The cursor of the next part; `null`: this was the last one.
    pub next_cursor: Option<String>,
}

/// A part of a list that the pages show, too.
pub async fn part<L: List>(
    state: &AppState,
    caller: &Caller,
    scope: Option<&OrganizationScope>,
    list: L,
    page: Page<L::Key>,
) -> Result<(Vec<L::Row>, Option<L::Key>), Problem> {
    let _share = caller.share(state, scope).await?;
    Ok(export::part(state, list, page.behind, page.limit).await?)
}

impl<T: Serialize> IntoResponse for Items<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// The answer with an `ETag`.
pub fn tagged(body: &impl Serialize, tag: &str) -> Response {
    let mut response = Json(body).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The same, or 304 if the client has this answer already.
pub fn unless_known(headers: &HeaderMap, body: &impl Serialize, tag: &str) -> Response {
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut known =
        known.filter_map(|known| known.to_str().ok()).flat_map(|known| known.split(','));
    let is_it = |known: &str| {
        let known = known.trim();
        known == "*" || known.trim_start_matches("W/").trim_matches('"') == tag
    };
    let mut response = tagged(body, tag);
    if known.any(is_it) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
        *response.body_mut() = axum::body::Body::empty();
    }
    response
}
