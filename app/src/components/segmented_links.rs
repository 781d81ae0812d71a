//! Filters as links for lists that take too long to count; only some of them show a count.

use leptos::prelude::*;

pub struct SegmentedLink {
    pub word: &'static str,
    pub count: Option<String>,
    pub href: String,
    pub chosen: bool,
}

#[component]
pub fn SegmentedLinks(label: &'static str, choices: Vec<SegmentedLink>) -> impl IntoView {
    let choices = choices.into_iter().map(|choice| {
        view! {
            <li>
                <a
                    class="filter-chip"
                    href=choice.href
                    aria-current=choice.chosen.then_some("true")
                >
                    {choice.word}
                    {choice
                        .count
                        .map(|count| {
                            view! {
                                " "
                                <span class="filter-chip__count">{count}</span>
                            }
                        })}
                </a>
            </li>
        }
    });
    view! {
        <nav aria-label=label>
            <ul class="filter-chips">{choices.collect_view()}</ul>
        </nav>
    }
}
