//! A secret on the page that shows it once.

use leptos::prelude::*;

#[component]
pub fn ShownOnce(label: &'static str, secret: String) -> impl IntoView {
    view! {
        <section class="card shown-once" aria-label=label>
            <h2 class="card__title">{label}</h2>
            <code class="shown-once__text" dir="ltr">
                {secret.clone()}
            </code>
            <button class="button shown-once__copy" type="button" data-copy=secret>
                "Copy"
            </button>
        </section>
    }
}
