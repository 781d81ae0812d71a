//! Shows which page this is, with links to the previous and the next page.

use domain::organization::grouped;
use leptos::prelude::*;

/// `path` returns the address of a page.
#[component]
pub fn Pagination<F>(
    page: i64,
    pages: i64,
    rows: i64,
    matching: i64,
    noun: (&'static str, &'static str),
    path: F,
) -> impl IntoView
where
    F: Fn(i64) -> String,
{
    let sentence = range(page, rows, matching, noun);
    let step = |word: &'static str, to: i64| {
        let there = (1..=pages).contains(&to);
        if there {
            view! {
                <a
                    class="button button--quiet"
                    href=path(to)
                    rel=if to < page { "prev" } else { "next" }
                >
                    {word}
                </a>
            }
            .into_any()
        } else {
            view! {
                <span class="button button--quiet" aria-disabled="true">
                    {word}
                </span>
            }
            .into_any()
        }
    };
    view! {
        <nav class="pagination" aria-label="Pages">
            <p class="pagination__range">{sentence}</p>
            {(pages > 1)
                .then(|| {
                    view! {
                        <div class="pagination__steps">
                            {step("Previous", page - 1)} {step("Next", page + 1)}
                        </div>
                    }
                })}
        </nav>
    }
}

/// `51–100 of 10,000 people`.
fn range(page: i64, rows: i64, matching: i64, (one, many): (&str, &str)) -> String {
    let noun = if matching == 1 { one } else { many };
    let first = (page - 1) * rows + 1;
    let last = (page * rows).min(matching);
    if matching <= rows || first > matching {
        return format!("{} {noun}", grouped(matching));
    }
    format!("{}–{} of {} {noun}", grouped(first), grouped(last), grouped(matching))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: (&str, &str) = ("person", "people");

    #[test]
    fn the_pagination_shows_the_current_page() {
        assert_eq!(range(2, 50, 10_000, PEOPLE), "51–100 of 10,000 people");
        assert_eq!(range(3, 50, 101, PEOPLE), "101–101 of 101 people");
        assert_eq!(range(1, 50, 1, PEOPLE), "1 person");
        assert_eq!(range(9, 50, 60, PEOPLE), "60 people");
    }
}
