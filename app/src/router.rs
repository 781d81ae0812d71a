//! The whole router, in order of audience: people, browsers, machines. A layer that is added later
//! lies further outside: it sees a request earlier.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use leptos::{config::LeptosOptions, prelude::provide_context, server_fn::ServerFn};
use leptos_axum::{
    LeptosRoutes, generate_route_list_with_exclusions_and_ssg_and_context,
    render_app_async_with_context,
};
use seatkeeper::{
    http::{self, BodyTime, HttpState, Room, server::Limits},
    state::AppState,
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer};

use crate::{
    App, api, assets, export, forms, headers, previews, request_owner,
    server_fns::{ConfirmAddress, CurrentViewer, ResetPassword},
    shell, single_sign_on, uploads, view_guard,
};

/// An eighth of the connections is reserved for webhooks and health checks, but not more than this
/// number.
const MOST_RESERVED: usize = 128;

/// `is_https` is whether the public address uses https.
pub fn router(http_state: HttpState, limits: Limits, is_https: bool) -> Router {
    let state = http_state.state.clone();
    let traffic = state.metrics.traffic.clone();
    let reserved = (limits.connections / 8).clamp(1, MOST_RESERVED);
    let room = from_fn_with_state(
        Room::new(limits.connections - reserved, traffic.clone()),
        http::with_room,
    );

    // For people, behind a session: `/`, `/organizations/…` and every other page (`routes.rs`), the
    // server functions at `/api/…`, the exports (`export.rs`), `/sign-in/sso/callback`, and
    // `/live`. The parameters are checked, and so the body is complete, before a request takes one
    // of the limited connections.
    let people = pages(&state)
        .merge(export::routes(state.clone()))
        .merge(previews::routes(state.clone()))
        .merge(single_sign_on::routes(state.clone()))
        .merge(http::live(http_state.clone()))
        .layer(room.clone());
    let people = http::with_checked_parameters(people);
    // A file is read as it arrives, and so has a place while it does.
    let people = people.merge(uploads::routes(state.clone()).layer(room.clone()));
    let people = people.layer(from_fn_with_state(state.clone(), view_guard::read_only));
    let people = http::session::with_sessions(people, &state, is_https);
    let people = people
        .layer(from_fn(forms::answer_script))
        .layer(same_origin(&state))
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::request_span));

    // For browsers, without a session: `/pkg/…`, `/fonts/…`, `/vendor/…`, `/favicon.svg`.
    let files = assets::assets().layer(room.clone());

    // For developers, without a session: `/api/docs`, `/api/openapi.json`.
    let reference = api::documentation(&state).layer(room.clone()).layer(CompressionLayer::new());

    // For programs, behind an API key: `/api/v1/…`.
    let programs = api::routes(&http_state).layer(room).layer(CompressionLayer::new());
    let programs = programs.layer(from_fn(headers::request_span));

    // For machines, without a session: the webhook has its signature. `/webhooks/scalekit`,
    // `/healthz`, `/readyz`.
    let machines = http::routes(http_state);

    let all = people.merge(files).merge(reference).merge(machines).nest("/api/v1", programs);
    let all =
        all.layer(from_fn_with_state(BodyTime { limit: limits.body, traffic }, http::body_in_time));
    let all = headers::with_headers(all.layer(CatchPanicLayer::new()), is_https);
    all.layer(from_fn_with_state(state.clock, headers::set_request_id))
}

/// The pages, their server functions, and the page for addresses that do not exist. Other routes
/// are merged into this router, because its fallback has to stay.
fn pages(state: &AppState) -> Router {
    let (options, state) = (options(), state.clone());
    let context = move || {
        provide_context(state.clone());
        provide_context(CurrentViewer::default());
        headers::provide_policy();
        request_owner::note_owner();
    };
    let (routes, _) =
        generate_route_list_with_exclusions_and_ssg_and_context(App, None, context.clone());
    Router::new()
        .leptos_routes_with_context(&options, routes, context.clone(), shell)
        .fallback(render_app_async_with_context(context, shell))
        .with_state(options)
        .layer(from_fn(request_owner::end_owner))
}

/// Refuses requests that another site's page sends. If a proxy changes the Host header, requests
/// from our public address still count as our own.
///
/// The forms behind links in e-mails need the token of the link and not the session, so no other
/// site gains anything from sending them. Their pages send no referrer, and then a browser hides
/// their origin, too.
fn same_origin(state: &AppState) -> CsrfLayer {
    const BEHIND_LINKS: [&str; 2] = [ResetPassword::PATH, ConfirmAddress::PATH];
    let guard =
        CsrfLayer::new().with_insecure_bypass(|_, address| BEHIND_LINKS.contains(&address.path()));
    guard.clone().add_trusted_origin(&*state.settings.public_url).unwrap_or(guard)
}

/// The options are not read from a file, because the release binary runs without one.
fn options() -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("seatkeeper")
        .site_root("target/site")
        .site_pkg_dir("pkg")
        .build()
}
