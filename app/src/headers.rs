//! The headers of every answer, the content security policy of a page, and the id of a request.

use axum::{
    Router,
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use leptos::{nonce::use_nonce, prelude::use_context};
use leptos_axum::ResponseOptions;
use seatkeeper::{clock::Clock, commands::Origin, http::ClientAddress};
use tracing::{Instrument, info, info_span};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where a request comes from, for the audit log.
pub(crate) fn origin(headers: &HeaderMap, extensions: &Extensions) -> Origin {
    let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let address = extensions.get::<ClientAddress>().map(|client| client.0);
    Origin { address, request_id: id.map(str::to_owned) }
}

/// Adds the headers that every answer carries. `https` is whether the public address uses https.
pub fn with_headers(router: Router, https: bool) -> Router {
    router.layer(axum::middleware::map_response(move |response: Response| async move {
        guarded(response, https)
    }))
}

fn guarded(mut response: Response, https: bool) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    response
}

/// Sends the content security policy with the nonce that leptos puts on its scripts.
pub fn provide_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Gives each request an id. The id is in the log and on the page that reports an internal error.
pub async fn set_request_id(
    State(clock): State<Clock>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = HeaderValue::from_str(&clock.unique_name("req")).ok();
    if let Some(id) = id.clone() {
        request.headers_mut().insert(REQUEST_ID, id);
    }
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Every log line of a page carries the id of its request. Log lines about deliveries name the
/// request and the delivery as fields.
pub async fn request_span(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let span = info_span!("request", request = id);
    let method = request.method().clone();
    let answer = async {
        let response = next.run(request).await;
        if REFUSED.contains(&response.status()) {
            info!(%method, status = response.status().as_u16(), "a request was refused");
        }
        response
    };
    answer.instrument(span).await
}

/// What no page and no browser of a person asks for by itself: a foreign origin, a form that cannot
/// be read, or more than what one may ask for.
const REFUSED: [StatusCode; 4] = [
    StatusCode::BAD_REQUEST,
    StatusCode::FORBIDDEN,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::TOO_MANY_REQUESTS,
];
