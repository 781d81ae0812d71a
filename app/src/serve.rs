//! What the binary serves for pages: the pages with their server functions, the embedded assets,
//! and the headers around both. The caller adds the sessions and the same-origin guard.

mod assets;

pub use assets::{assets, lacking};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list_with_exclusions_and_ssg_and_context, render_app_async_with_context};

use crate::{App, shell};

/// Pages, server functions, and the page for addresses that do not exist (so merge other routes
/// into this router, not the other way round). `context` runs for each request and provides what
/// `server_fns` need.
pub fn pages<C>(context: C) -> Router
where
    C: Fn() + Clone + Send + Sync + 'static,
{
    let options = options();
    let context = move || {
        context();
        provide_policy();
    };
    let (routes, _) = generate_route_list_with_exclusions_and_ssg_and_context(App, None, context.clone());
    Router::new()
        .leptos_routes_with_context(&options, routes, context.clone(), shell)
        .fallback(render_app_async_with_context(context, shell))
        .with_state(options)
}

/// Adds the headers that every answer carries. `https` is whether the public address uses https.
pub fn with_headers(router: Router, https: bool) -> Router {
    router.layer(axum::middleware::map_response(move |response: Response| async move { guarded(response, https) }))
}

fn guarded(mut response: Response, https: bool) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    response
}

/// The options are not read from a file, because the release binary runs without one.
fn options() -> LeptosOptions {
    LeptosOptions::builder().output_name("seatkeeper").site_root("target/site").site_pkg_dir("pkg").build()
}

/// Sends the content security policy with the nonce that leptos puts on its scripts.
fn provide_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
