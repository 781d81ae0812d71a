//! The pages that say why there is nothing to show.

use leptos::prelude::*;

use crate::{
    components::page_header::PageHeader,
    paths,
    server_fns::{AppError, answer},
};

/// The same page for things that do not exist and for things that the reader may not see.
#[component]
pub fn Missing() -> impl IntoView {
    answer::status(404);
    view! {
        <div class="refused">
            <PageHeader
                title="There is nothing here"
                sentence="The address may be wrong, or you may not have access to this page."
            />
            <p>
                <a class="button" href=paths::HOME>
                    "Go to the start"
                </a>
            </p>
        </div>
    }
}

/// The page for a request over a limit that protects the other readers.
#[component]
pub fn Busy(failure: AppError) -> impl IntoView {
    let (title, sentence) = match failure {
        AppError::TooSlow => ("This took too long", AppError::TooSlow.to_string()),
        failure => ("Too much at once", failure.to_string()),
    };
    view! {
        <div class="refused">
            <PageHeader title sentence />
            <p>
                <a class="button" href="">
                    "Try again"
                </a>
            </p>
        </div>
    }
}

#[component]
pub fn Broken(failure: AppError) -> impl IntoView {
    let request = match failure {
        AppError::Internal { request } => request,
        _ => answer::request_id(),
    };
    view! {
        <div class="refused">
            <PageHeader
                title="We could not load this"
                sentence="Seatkeeper had an internal error. Nothing was changed. Try again. If it happens again, tell us the request id."
            />
            <p>
                <a class="button" href="">
                    "Try again"
                </a>
            </p>
            <p class="refused__request">"Request id " <code>{request}</code></p>
        </div>
    }
}
