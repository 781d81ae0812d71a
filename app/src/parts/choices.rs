//! Filters as links where counting would take too long; a few of them may say how many there are.

use leptos::prelude::*;

pub struct Choice {
    pub word: &'static str,
    pub count: Option<String>,
    pub href: String,
    pub chosen: bool,
}

#[component]
pub fn Choices(label: &'static str, choices: Vec<Choice>) -> impl IntoView {
    let choices = choices.into_iter().map(|choice| {
        view! {
            <li>
                <a class="chip" href=choice.href aria-current=choice.chosen.then_some("true")>
                    {choice.word}
                    {choice.count.map(|count| view! { " " <span class="chip__count">{count}</span> })}
                </a>
            </li>
        }
    });
    view! {
        <nav aria-label=label>
            <ul class="chips">{choices.collect_view()}</ul>
        </nav>
    }
}
