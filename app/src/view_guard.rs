//! Staff who see an organization as its admin only read, and have no account there. This is the one
//! place that refuses everything else, whatever route it asks for: a new server function that
//! writes is refused unless it is listed here.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use domain::refusal::ViewRefusal;
use leptos::server_fn::ServerFn;
use seatkeeper::{http::session::Session, state::AppState};

use crate::{
    paths,
    server_fns::{AppError, EndView, SetTheme, SignOut},
};

/// Server functions whose names begin so change nothing.
const READS: [&str; 2] = ["/api/load_", "/api/preview_"];
/// What a reader may do, too: end the view or the session, and choose the colours of the browser.
const ALLOWED: [&str; 3] = [EndView::PATH, SignOut::PATH, SetTheme::PATH];
/// The own account of the staff member.
const OWN: [&str; 7] = [
    paths::ACCOUNT,
    paths::PREFERENCES,
    "/api/load_account",
    "/api/load_factors",
    "/api/load_new_app",
    "/api/load_preferences",
    "/api/load_recovery_codes",
];

pub async fn read_only(
    State(state): State<AppState>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    // most requests are allowed to each viewer, and are not looked up twice
    let Some(refusal) = refusal(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    match session.is_viewing(&state).await {
        Ok(false) => next.run(request).await,
        Ok(true) => refused(&request, refusal),
        Err(error) => {
            tracing::error!(%error, "it is not known whether a session only reads");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Why a view may not ask for this; `None`: it may.
fn refusal(method: &Method, path: &str) -> Option<ViewRefusal> {
    let is_one_of = |paths: &[&str]| paths.contains(&path);
    // everything about the own account, and what connects it with an identity
    let is_below = |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.starts_with('/'));
    if is_one_of(&OWN) || is_below(paths::ACCOUNT) || path.starts_with(paths::SIGN_ON) {
        return Some(ViewRefusal::HasNoAccount);
    }
    let only_reads = method.is_safe() || READS.iter().any(|reads| path.starts_with(reads));
    (!only_reads && !is_one_of(&ALLOWED)).then_some(ViewRefusal::OnlyReads)
}

fn refused(request: &Request, refusal: ViewRefusal) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if !accepts.is_some_and(|accept| accept.contains("text/html")) {
        let error = serde_json::to_string(&AppError::Refused(refusal.into())).unwrap_or_default();
        let json = [(header::CONTENT_TYPE, "application/json")];
        return (StatusCode::FORBIDDEN, json, error).into_response();
    }
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>You can only read here · Seatkeeper</title></head>\
         <body><main><h1>You can only read here</h1><p>{refusal}</p>\
         <form method=\"post\" action=\"{}\"><button type=\"submit\">End the view</button></form>\
         <p><a href=\"/\">Go to the start</a></p></main></body></html>\n",
        EndView::PATH
    );
    (StatusCode::FORBIDDEN, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_reads_and_ends_and_does_nothing_else() {
        let refused = |method: Method, path: &str| refusal(&method, path);

        for path in ["/api/load_people", "/api/preview_decision", EndView::PATH, SignOut::PATH] {
            assert_eq!(refused(Method::POST, path), None, "{path}");
        }
        for path in ["/organizations/org_1/people", "/organizations/org_1/people.csv", "/live"] {
            assert_eq!(refused(Method::GET, path), None, "{path}");
        }
        for path in ["/api/ask_for_seats", "/api/read_alerts", "/api/load", "/", "/api/new_one"] {
            assert_eq!(refused(Method::POST, path), Some(ViewRefusal::OnlyReads), "{path}");
        }
        let more = ["/account/factors", "/sign-in/sso", "/sign-in/sso/callback/org_1"];
        for path in OWN.into_iter().chain(more) {
            assert_eq!(refused(Method::GET, path), Some(ViewRefusal::HasNoAccount), "{path}");
        }
    }
}
