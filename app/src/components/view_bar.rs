//! The bar on each page while a staff member sees an organization as its admin.

use leptos::{prelude::*, server_fn::ServerFn};

use super::words::words;
use crate::server_fns;

#[component]
pub fn ViewBar(view: views::ViewBar) -> impl IntoView {
    let left = match view.minutes_left {
        1 => "1 minute left".to_owned(),
        n => format!("{n} minutes left"),
    };
    let until = view.until;
    view! {
        <section
            class="view-bar"
            aria-label="View as a tenant admin"
            data-until=until.nanos().to_string()
        >
            <p class="view-bar__words">
                "You see " <b>{words(view.organization)}</b> " as its admin, and only read. "
                <span class="view-bar__reason">"Reason: " {words(view.reason)} ". "</span>
                <time datetime=until.rfc3339() title=until.exact()>
                    {left}
                </time> "."
            </p>
            <form method="post" action=server_fns::EndView::url()>
                <button class="button" type="submit">
                    "End"
                </button>
            </form>
        </section>
    }
}
