//! Shows which page of a list this is, with links to the others.

use domain::organization::grouped;
use leptos::prelude::*;
use views::pagination::KeysetPage;

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
    fn a_keyset_pagination_says_whether_there_are_older_rows() {
        let sentence = |shown, older| {
            KeysetWords::of(&KeysetPage { before: None, older }, shown, ("run", "runs")).sentence
        };
        assert_eq!(sentence(50, Some(1)), "50 runs, newest first");
        assert_eq!(sentence(1, None), "1 run, and none older");
    }
}
