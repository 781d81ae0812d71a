//! The REST API `/api/v1`: one file for each resource. A call shows an API key and no cookie, so no
//! page of another site can send one. It uses the commands and queries of the pages.

mod caller;
mod event_shapes;
mod events;
mod imports;
mod input;
mod lists;
mod once;
mod openapi;
mod organizations;
mod output;
mod people;
mod problem;
mod reference;
mod resyncs;
mod waitlist;
mod webhook_endpoints;
mod work;

use std::{future::ready, sync::Arc};

use axum::{
    Extension, Router, body::Bytes, http::header, middleware::from_fn_with_state, routing::get,
};
use seatkeeper::{http::HttpState, queries::api::AccessReads, state::AppState};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{caller::Caller, problem::Problem};
use crate::{paths, server_fns::answer};

/// What the document needs beside the routes.
#[derive(OpenApi)]
#[openapi(components(schemas(Problem, event_shapes::TestEvent)))]
struct Described;

/// Each call, with what it says about itself. Without the path in front of them.
fn calls() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(organizations::list, organizations::add))
        .routes(routes!(organizations::show))
        .routes(routes!(organizations::set_limit))
        .routes(routes!(organizations::set_policy))
        .routes(routes!(people::access))
        .routes(routes!(people::list))
        .routes(routes!(people::show))
        .routes(routes!(waitlist::list))
        .routes(routes!(waitlist::decide))
        .routes(routes!(lists::groups))
        .routes(routes!(lists::decisions))
        .routes(routes!(lists::alerts))
        .routes(routes!(work::requests, work::ask))
        .routes(routes!(resyncs::list, resyncs::start))
        .routes(routes!(resyncs::show))
        .routes(routes!(resyncs::confirm))
        .routes(routes!(resyncs::cancel))
        .routes(routes!(work::activity))
        .routes(routes!(imports::send))
        .routes(routes!(imports::show))
        .routes(routes!(imports::result))
        .routes(routes!(imports::confirm))
        .routes(routes!(imports::cancel))
        .routes(routes!(events::list))
        .routes(routes!(webhook_endpoints::list, webhook_endpoints::add))
        .routes(routes!(
            webhook_endpoints::show,
            webhook_endpoints::change,
            webhook_endpoints::remove
        ))
        .routes(routes!(webhook_endpoints::rotate))
        .routes(routes!(webhook_endpoints::deliveries::test))
        .routes(routes!(webhook_endpoints::deliveries::recover))
        .routes(routes!(webhook_endpoints::deliveries::list))
        .routes(routes!(webhook_endpoints::deliveries::resend))
}

/// The calls. Each needs a key, also one that does not exist.
pub fn routes(http_state: &HttpState) -> Router {
    let state = &http_state.state;
    let (router, _) = calls().split_for_parts();
    router
        .fallback(async || Problem::missing())
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(from_fn_with_state(state.clone(), once::once))
        .layer(from_fn_with_state(state.clone(), caller::open))
        .layer(Extension::<events::Stopping>(http_state.stopping.clone()))
        .layer(Extension::<Arc<AccessReads>>(Arc::default()))
        .with_state(state.clone())
}

/// The document of the API and the page that shows it. They say nothing about this installation, so
/// they need no key.
pub fn documentation(state: &AppState) -> Router {
    let document = openapi::document(&calls().into_openapi());
    let theme_cookie = answer::theme_cookie(&state.settings.public_url);
    let page = reference::Reference::of(&document, theme_cookie);
    let text: Bytes = document.to_string().into();
    let json = [(header::CONTENT_TYPE, "application/json")];
    Router::new()
        .route(paths::API_DOCUMENT, get(move || ready((json, text.clone()))))
        .route(paths::API_REFERENCE, get(reference::show))
        .with_state(Arc::new(page))
}
