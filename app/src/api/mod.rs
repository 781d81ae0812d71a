//! The REST API `/api/v1`: one file for each resource. A call shows an API key and no cookie, so no
//! page of another site can send one. It uses the commands and queries of the pages.

mod caller;
mod events;
mod imports;
mod input;
mod lists;
mod once;
mod organizations;
mod output;
mod people;
mod problem;
mod waitlist;
mod webhook_endpoints;
mod work;

use axum::{
    Extension, Router,
    middleware::from_fn_with_state,
    routing::{get, post, put},
};
use seatkeeper::http::HttpState;

pub use self::{caller::Caller, problem::Problem};

/// The calls, without the path in front of them. Each needs a key, also one that does not exist.
pub fn routes(http_state: &HttpState) -> Router {
    let state = &http_state.state;
    let of = |rest: &str| format!("/organizations/{{organization}}{rest}");
    Router::new()
        .route("/organizations", get(organizations::list).post(organizations::add))
        .route(&of(""), get(organizations::show))
        .route(&of("/seat-limit"), put(organizations::set_limit))
        .route(&of("/policy"), put(organizations::set_policy))
        .route(&of("/access"), get(people::access))
        .route(&of("/people"), get(people::list))
        .route(&of("/people/{user}"), get(people::show))
        .route(&of("/waitlist"), get(waitlist::list))
        .route(&of("/waitlist/{user}/{decision}"), post(waitlist::decide))
        .route(&of("/groups"), get(lists::groups))
        .route(&of("/decisions"), get(lists::decisions))
        .route(&of("/alerts"), get(lists::alerts))
        .route(&of("/requests"), get(work::requests).post(work::ask))
        .route(&of("/resyncs"), get(work::resyncs).post(work::start_resync))
        .route(&of("/resyncs/{resync}"), get(work::resync))
        .route(&of("/activity"), post(work::activity))
        .route(&of("/imports"), post(imports::send))
        .route(&of("/imports/{import}"), get(imports::show))
        .route(&of("/imports/{import}/result"), get(imports::result))
        .route("/events", get(events::list))
        .route("/webhook-endpoints", get(webhook_endpoints::list).post(webhook_endpoints::add))
        .route(
            "/webhook-endpoints/{endpoint}",
            get(webhook_endpoints::show)
                .patch(webhook_endpoints::change)
                .delete(webhook_endpoints::remove),
        )
        .route("/webhook-endpoints/{endpoint}/rotate-secret", post(webhook_endpoints::rotate))
        .route("/webhook-endpoints/{endpoint}/test", post(webhook_endpoints::test))
        .route("/webhook-endpoints/{endpoint}/recover", post(webhook_endpoints::recover))
        .route("/webhook-endpoints/{endpoint}/deliveries", get(webhook_endpoints::deliveries))
        .route(
            "/webhook-endpoints/{endpoint}/deliveries/{delivery}/resend",
            post(webhook_endpoints::resend),
        )
        .fallback(async || Problem::missing())
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(from_fn_with_state(state.clone(), once::once))
        .layer(from_fn_with_state(state.clone(), caller::open))
        .layer(Extension::<events::Stopping>(http_state.stopping.clone()))
        .with_state(state.clone())
}
