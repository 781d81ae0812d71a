//! A ledger: what is told on the left, its number on the right.

use leptos::prelude::*;

#[component]
pub fn Ledger(children: Children) -> impl IntoView {
    view! { <dl class="ledger">{children()}</dl> }
}

/// One line; `sub` is part of the line above, `act` needs somebody.
#[component]
pub fn Entry(#[prop(into)] word: String, #[prop(optional)] sub: bool, #[prop(optional)] act: bool, children: Children) -> impl IntoView {
    view! {
        <div class="ledger__line" class:ledger__line--sub=sub data-tone=act.then_some("act")>
            <dt>{word}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
