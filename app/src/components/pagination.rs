//! Shows which page of a list this is, with links to the others. There is one component for each
//! kind of list in [`views::pagination`].

use domain::organization::grouped;
use leptos::prelude::*;
use views::pagination::{KeysetPage, NumberedPage};

/// `path` returns the address of a page.
#[component]
pub fn NumberedPagination<F>(
    page: NumberedPage,
    noun: (&'static str, &'static str),
    path: F,
) -> impl IntoView
where
    F: Fn(i64) -> String,
{
    let sentence = range(page, noun);
    let step = |word: &'static str, to: i64| {
        let there = (1..=page.pages).contains(&to);
        if there {
            view! {
                <a
                    class="button button--quiet"
                    href=path(to)
                    rel=if to < page.number { "prev" } else { "next" }
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
            {(page.pages > 1)
                .then(|| {
                    view! {
                        <div class="pagination__steps">
                            {step("Previous", page.number - 1)} {step("Next", page.number + 1)}
                        </div>
                    }
                })}
        </nav>
    }
}

/// `51–100 of 10,000 people`.
fn range(page: NumberedPage, (one, many): (&str, &str)) -> String {
    let NumberedPage { number, rows, matching, .. } = page;
    let noun = if matching == 1 { one } else { many };
    let first = (number - 1) * rows + 1;
    let last = (number * rows).min(matching);
    if matching <= rows || first > matching {
        return format!("{} {noun}", grouped(matching));
    }
    format!("{}–{} of {} {noun}", grouped(first), grouped(last), grouped(matching))
}

/// What a keyset pagination says.
#[derive(Clone, Debug)]
pub struct KeysetWords {
    pub sentence: String,
    /// The link to the next page.
    pub older: &'static str,
    /// The link to the first page.
    pub first: &'static str,
}

impl KeysetWords {
    /// `50 webhooks, newest first`.
    pub fn of<K>(page: &KeysetPage<K>, shown: usize, (one, many): (&str, &str)) -> Self {
        let noun = if shown == 1 { one } else { many };
        let rest = if page.older.is_some() { "newest first" } else { "and none older" };
        let shown = grouped(i64::try_from(shown).unwrap_or(i64::MAX));
        let (older, first) = ("Older", "Newest");
        Self { sentence: format!("{shown} {noun}, {rest}"), older, first }
    }
}

/// `path` returns the address of the page that begins after a row, or with the newest row.
#[component]
pub fn KeysetPagination<K, F>(page: KeysetPage<K>, words: KeysetWords, path: F) -> impl IntoView
where
    F: Fn(Option<K>) -> String,
{
    let newest = (!page.is_first()).then(|| {
        view! {
            <a class="button button--quiet" href=path(None)>
                {words.first}
            </a>
        }
    });
    let older = page.older.map(|key| {
        view! {
            <a class="button button--quiet" rel="next" href=path(Some(key))>
                {words.older}
            </a>
        }
    });
    view! {
        <nav class="pagination" aria-label="Pages">
            <p class="pagination__range">{words.sentence}</p>
            <div class="pagination__steps">{newest} {older}</div>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_pagination_says_which_rows_these_are() {
        let range = |number, matching| {
            range(NumberedPage { number, pages: 1, rows: 50, matching }, ("person", "people"))
        };
        assert_eq!(range(2, 10_000), "51–100 of 10,000 people");
        assert_eq!(range(3, 101), "101–101 of 101 people");
        assert_eq!(range(1, 1), "1 person");
        assert_eq!(range(9, 60), "60 people");
    }

    #[test]
    fn a_keyset_pagination_says_whether_there_are_older_rows() {
        let sentence = |shown, older| {
            KeysetWords::of(&KeysetPage { before: None, older }, shown, ("run", "runs")).sentence
        };
        assert_eq!(sentence(50, Some(1)), "50 runs, newest first");
        assert_eq!(sentence(1, None), "1 run, and none older");
    }
}
