//! The secret of an endpoint that was made a moment ago. It is shown now and never again.

use leptos::prelude::*;
use views::webhook_endpoints::{EndpointRow, MadeSecret};

use crate::{
    components::{
        empty_state::EmptyState, page_data::loaded, page_header::PageHeader, shown_once::ShownOnce,
        words::words,
    },
    paths,
    server_fns::load_webhook_secret,
};

#[component]
pub fn WebhookSecret() -> impl IntoView {
    let id = paths::asked_endpoint();
    loaded(
        move || load_webhook_secret(id.clone()),
        |_, (made, secret)| match secret {
            Some(secret) => view! { <Made made secret /> }.into_any(),
            None => view! { <Gone endpoint=made.endpoint /> }.into_any(),
        },
    )
}

#[component]
fn Made(made: MadeSecret, secret: String) -> impl IntoView {
    let MadeSecret { endpoint, other_ends_at } = made;
    let other = match other_ends_at {
        Some(at) => format!(
            "The secret before it signs, too, until {}: give the product this one before then.",
            at.exact()
        ),
        None => "The endpoint gets the events from now on.".to_owned(),
    };
    let href = paths::webhook_endpoint(&endpoint.id, None);
    view! {
        <Crumb endpoint=endpoint.clone() />
        <PageHeader
            title="The signing secret"
            sentence="Keep it now: it is shown this once. With it the product checks that a webhook comes from Seatkeeper."
            within=Some(endpoint.shown)
        />
        <ShownOnce label="Signing secret" secret />
        <p class="shown-once__use">{other}</p>
        <p class="quiet shown-once__use">
            "Any library for Standard Webhooks checks the signature with it."
        </p>
        <div class="form__actions">
            <a class="button button--main" href=href>
                "I have kept it"
            </a>
        </div>
    }
}

#[component]
fn Gone(endpoint: EndpointRow) -> impl IntoView {
    let href = paths::webhook_endpoint(&endpoint.id, None);
    view! {
        <Crumb endpoint=endpoint.clone() />
        <PageHeader
            title="The signing secret"
            sentence="It was shown once, when it was made."
            within=Some(endpoint.shown)
        />
        <EmptyState title="No secret to show">
            "If you did not keep it, replace it on " <a href=href>"the page of the endpoint"</a> "."
        </EmptyState>
    }
}

#[component]
pub(super) fn Crumb(endpoint: EndpointRow) -> impl IntoView {
    view! {
        <p class="crumb">
            <a href=paths::webhook_endpoint(&endpoint.id, None)>{words(endpoint.shown)}</a>
        </p>
    }
}
