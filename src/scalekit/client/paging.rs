//! Makes sure that paging ends: a list that repeats a page token, never ends, or has more entries
//! than it says is an error.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{Error, Page};

/// How many empty pages in a row make a list an error.
const MOST_EMPTY: u32 = 3;
/// How many pages a list may have. This matters for a list that never says how long it is.
const MOST_PAGES: u32 = 100_000;
/// How many pages in a row without a new entry make a list an error: it goes in circles.
const MOST_STALE: u32 = 20;
/// How many more entries than its total a list may have, because users can join meanwhile. A tenth
/// of the total is added.
const SLACK: i64 = 60;

/// One pass through a list, from its first page to its last.
#[derive(Clone, Debug, Default)]
pub struct PageGuard {
    /// Hashes of the page tokens: the tokens of a long list would need too much memory.
    tokens: HashSet<u64>,
    pages: u32,
    empty: u32,
    rows: i64,
    /// Hashes of the entries' ids, how many entries came again, and how many pages in a row brought
    /// no new entry.
    entries: HashSet<u64>,
    repeated: i64,
    stale: u32,
    /// The first, the last and the largest total that the list gave.
    said: Option<(i64, i64, i64)>,
}

impl PageGuard {
    /// Checks a page, whose entries are identified by `id`. Returns an error if the next page must
    /// not be fetched.
    pub fn turn<T, I: Hash>(&mut self, page: &Page<T>, id: impl Fn(&T) -> I) -> Result<(), Error> {
        let new = page.items.iter().filter(|item| self.entries.insert(hash(&id(item)))).count();
        self.repeated += i64::try_from(page.items.len() - new).unwrap_or(i64::MAX);
        self.stale = if new == 0 && !page.items.is_empty() { self.stale + 1 } else { 0 };
        self.pages += 1;
        let rows = page.items.len() + page.set_aside.iter().filter(|aside| !aside.is_part).count();
        self.rows = self.rows.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX));
        self.empty = if rows == 0 { self.empty + 1 } else { 0 };
        if let Some(total) = page.total {
            let (first, _, most) = self.said.unwrap_or((total, total, total));
            self.said = Some((first, total, most.max(total)));
        }
        let Some(token) = &page.next else { return Ok(()) };
        if !self.tokens.insert(hash(token)) {
            return Err(Error::surprise(
                "it gave the same page token twice, so its list would never end",
            ));
        }
        if self.empty >= MOST_EMPTY || self.pages >= MOST_PAGES {
            return Err(Error::surprise(format!(
                "after {} pages its list still has not ended",
                self.pages
            )));
        }
        if self.stale >= MOST_STALE {
            return Err(Error::surprise(format!(
                "its list goes on after {} pages, and names the same entries again",
                self.pages
            )));
        }
        match self.said {
            Some((_, _, most))
                if self.rows > most.saturating_add(most / 10).saturating_add(SLACK) =>
            {
                Err(Error::surprise(format!(
                    "it said its list has {most} entries and goes on after {}",
                    self.rows
                )))
            }
            _ => Ok(()),
        }
    }

    /// Judges a list that has ended; `known` is the number of different entries.
    pub fn ending(&self, known: i64) -> Ending {
        let Some((first, last, most)) = self.said else { return Ending::Whole };
        match (first == last, last - known) {
            (true, ..=0) => Ending::Whole,
            (_, missing) => Ending::Unsure {
                missing: missing.max(0),
                said: last,
                moved: most - first.min(last),
                repeated: self.repeated,
            },
        }
    }
}

/// How a list ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All entries of the total have come, or the list gave no total.
    Whole,
    /// The total changed during the pass, or entries are missing: the list should be read once
    /// more. `moved` is by how much the total changed; `repeated` is how many entries came again.
    Unsure { missing: i64, said: i64, moved: i64, repeated: i64 },
}

fn hash(entry: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    entry.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn page(items: usize, total: i64, next: &str) -> Page<()> {
        let (total, next) =
            ((total > 0).then_some(total), (!next.is_empty()).then(|| next.to_owned()));
        Page {
            items: vec![(); items],
            set_aside: Vec::new(),
            total,
            next,
            asked_at: Timestamp::NEVER,
        }
    }

    /// Gives every entry of the page a new id.
    fn turn(paging: &mut PageGuard, page: &Page<()>) -> Result<(), Error> {
        let next = std::cell::Cell::new(paging.entries.len());
        paging.turn(page, |()| next.replace(next.get() + 1))
    }

    #[test]
    fn an_ordinary_list_ends_whole() {
        let mut paging = PageGuard::default();
        for page in [page(30, 65, "a"), page(30, 65, "b"), page(5, 65, "")] {
            turn(&mut paging, &page).unwrap();
        }

        assert_eq!(paging.ending(65), Ending::Whole);
        assert_eq!(
            paging.ending(64),
            Ending::Unsure { missing: 1, said: 65, moved: 0, repeated: 0 }
        );
    }

    #[test]
    fn a_list_that_changes_underway_is_not_sure() {
        let mut paging = PageGuard::default();
        turn(&mut paging, &page(30, 40, "a")).unwrap();
        turn(&mut paging, &page(9, 39, "")).unwrap();

        assert_eq!(
            paging.ending(39),
            Ending::Unsure { missing: 0, said: 39, moved: 1, repeated: 0 }
        );
    }

    #[test]
    fn a_repeated_token_is_the_end() {
        let mut paging = PageGuard::default();
        turn(&mut paging, &page(30, 0, "a")).unwrap();
        turn(&mut paging, &page(30, 0, "b")).unwrap();

        assert!(
            turn(&mut paging, &page(30, 0, "a"))
                .unwrap_err()
                .to_string()
                .contains("same page token twice")
        );
    }

    #[test]
    fn a_list_that_never_ends_is_ended() {
        let mut paging = PageGuard::default();
        let ended =
            (0..).find_map(|n| turn(&mut paging, &page(30, 100, &n.to_string())).err()).unwrap();
        assert!(ended.to_string().contains("said its list has 100 entries"), "{ended}");

        let mut paging = PageGuard::default();
        let ended =
            (0..).find_map(|n| turn(&mut paging, &page(0, 0, &n.to_string())).err()).unwrap();
        assert!(ended.to_string().contains("after 3 pages"), "{ended}");
    }

    #[test]
    fn a_list_that_goes_round_in_circles_is_ended() {
        let mut paging = PageGuard::default();
        let ended = (0..)
            .find_map(|n| paging.turn(&page(30, 0, &n.to_string()), |()| "the same").err())
            .unwrap();
        assert!(ended.to_string().contains("names the same entries again"), "{ended}");
    }
}
