//! Tables: a container that scrolls, and headings with links that sort.

use leptos::prelude::*;

/// Scrolls sideways on a narrow screen, by keyboard too. The headings of a `sticky` table stay in
/// view on a wide one; the rows of a `steady` one stay in their places while the reader is in it.
#[component]
pub fn Table(
    label: &'static str,
    #[prop(optional)] sticky: bool,
    #[prop(optional)] steady: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div
            class="table"
            class:table--sticky=sticky
            data-steady=steady
            role="region"
            aria-label=label
            tabindex="0"
        >
            <table>{children()}</table>
        </div>
    }
}

/// A column heading. `sorted` is the direction if the table is sorted by this column (true:
/// descending). `href` sorts by the column or reverses the direction.
#[component]
pub fn Heading(
    word: &'static str,
    #[prop(optional, into)] href: Option<String>,
    #[prop(optional_no_strip)] sorted: Option<bool>,
    #[prop(optional)] number: bool,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let direction = sorted.map(|descending| if descending { "descending" } else { "ascending" });
    let content = match href {
        Some(href) => view! {
            <a class="heading" href=href>
                {word}
                <span class="heading__arrow" data-direction=direction aria-hidden="true"></span>
            </a>
        }
        .into_any(),
        None => word.into_any(),
    };
    view! {
        <th scope="col" aria-sort=direction class:number=number class:wide=wide>
            {content}
        </th>
    }
}
