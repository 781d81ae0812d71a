//! The head of a page: its title, one sentence of state, and the one main action.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn Head(#[prop(into)] title: String, #[prop(into)] sentence: String, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <header class="head">
            <div class="head__words">
                <h1 class="head__title">{title}</h1>
                <p class="head__sentence">{sentence}</p>
            </div>
            {children.map(|children| view! { <div class="head__action">{children()}</div> })}
        </header>
    }
}

/// A part of a page under its own heading.
#[component]
pub fn Section(title: &'static str, #[prop(optional, into)] note: String, children: Children) -> impl IntoView {
    view! {
        <section class="part">
            <header class="part__head">
                <h2 class="part__title">{title}</h2>
                {(!note.is_empty()).then(|| view! { <p class="part__note">{note}</p> })}
            </header>
            {children()}
        </section>
    }
}
