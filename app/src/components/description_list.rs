//! A description list: a term on the left, its value on the right.

use leptos::prelude::*;

#[component]
pub fn DescriptionList(children: Children) -> impl IntoView {
    view! { <dl class="description-list">{children()}</dl> }
}

/// One row. `sub` marks a detail of the row above; `act` marks a value that needs attention.
#[component]
pub fn Entry(
    #[prop(into)] word: String,
    #[prop(optional)] sub: bool,
    #[prop(optional)] act: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="description-list__entry" class:description-list__entry--sub=sub data-tone=act.then_some("act")>
            <dt>{word}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
