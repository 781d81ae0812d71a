//! The HTML of an e-mail with invented facts, as a mail program shows it. Staff only.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use domain::alert::Message;
use seatkeeper::{channels::email::templates::sample, http::session::Session, state::AppState};

use crate::paths;

/// The routes of the previews; they need the sessions around them.
pub fn routes(state: AppState) -> Router {
    Router::new().route("/messages/previews/{message}", get(preview)).with_state(state)
}

/// An e-mail has its styles inside, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

async fn preview(
    State(state): State<AppState>,
    Path(message): Path<String>,
    session: Session,
) -> Response {
    let missing = || (StatusCode::NOT_FOUND, "There is nothing here.").into_response();
    match session.viewer(&state).await {
        Ok(None) => Redirect::to(&paths::sign_in(Some(paths::PREVIEWS))).into_response(),
        Ok(Some(viewer)) if viewer.role.is_staff() => {
            let Some(message) = Message::parse(&message) else { return missing() };
            let email = sample(message, &state.settings.public_url);
            let mut response = Html(email.html).into_response();
            let policy = HeaderValue::from_static(POLICY);
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            response
        }
        Ok(Some(_)) => missing(),
        Err(error) => {
            tracing::error!(%error, "a preview could not be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
