//! Filters as links: one of them is chosen, and each shows how many rows it matches.

use domain::organization::grouped;
use leptos::prelude::*;

pub struct FilterChip {
    pub word: &'static str,
    /// `None`: to count them would take too long for a link.
    pub count: Option<i64>,
    pub href: String,
    pub chosen: bool,
}

#[component]
pub fn FilterChips(label: &'static str, chips: Vec<FilterChip>) -> impl IntoView {
    let chips = chips.into_iter().map(|chip| {
        let count = chip.count.map(|count| {
            view! {
                " "
                <span class="filter-chip__count">{grouped(count)}</span>
            }
        });
        view! {
            <li>
                <a class="filter-chip" href=chip.href aria-current=chip.chosen.then_some("true")>
                    {chip.word}
                    {count}
                </a>
            </li>
        }
    });
    view! {
        <nav aria-label=label>
            <ul class="filter-chips">{chips.collect_view()}</ul>
        </nav>
    }
}

/// A search form that keeps the other query parameters in hidden fields.
#[component]
pub fn Search(
    label: &'static str,
    value: String,
    action: String,
    kept: Vec<(&'static str, String)>,
) -> impl IntoView {
    let kept = kept.into_iter().filter(|(_, value)| !value.is_empty());
    view! {
        <form class="search" role="search" method="get" action=action>
            {kept
                .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                .collect_view()}
            <input
                class="search__input"
                type="search"
                name="search"
                value=value
                placeholder=label
                aria-label=label
                autocomplete="off"
            />
            <button class="button button--quiet" type="submit">
                "Search"
            </button>
        </form>
    }
}
