//! The link to a list as CSV.

use leptos::prelude::*;

/// `href` is the address of the list with its filters.
#[component]
pub fn ExportCsv(
    href: String,
    #[prop(default = "Export CSV")] word: &'static str,
) -> impl IntoView {
    view! {
        <p class="part__more">
            <a href=href rel="external" download="">
                {word}
            </a>
        </p>
    }
}
