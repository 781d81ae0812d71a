//! The pages that say why there is no page.

use leptos::prelude::*;

use crate::{
    calls::{Failure, answer},
    parts::head::Head,
    routes,
};

/// For what does not exist and for what is somebody else's: the same page.
#[component]
pub fn Missing() -> impl IntoView {
    answer::status(404);
    view! {
        <div class="refused">
            <Head title="There is nothing here" sentence="The address may be mistyped, or you may not have access to what it names." />
            <p><a class="button" href=routes::HOME>"Go to the start"</a></p>
        </div>
    }
}

/// For a limit that keeps one reader from taking what is the others'.
#[component]
pub fn Busy(failure: Failure) -> impl IntoView {
    let (title, sentence) = match failure {
        Failure::TooSlow => ("This took too long", Failure::TooSlow.to_string()),
        failure => ("Too much at once", failure.to_string()),
    };
    view! {
        <div class="refused">
            <Head title sentence />
            <p><a class="button" href="">"Try again"</a></p>
        </div>
    }
}

#[component]
pub fn Broken(failure: Failure) -> impl IntoView {
    let request = match failure {
        Failure::Internal { request } => request,
        _ => answer::request_id(),
    };
    view! {
        <div class="refused">
            <Head title="We could not load this" sentence="Something went wrong on our side. Nothing was changed. Try again; if it stays, tell us the request id." />
            <p><a class="button" href="">"Try again"</a></p>
            <p class="refused__request">"Request id " <code>{request}</code></p>
        </div>
    }
}
