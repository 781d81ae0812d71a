//! The pages of a list. There are two kinds, and each list is of one of them:
//!
//! - a **keyset list** has its newest row first. The address names the row before which a page
//!   begins, so that rows that arrive meanwhile move no page, and the last page costs no more than
//!   the first one. It does not say how many rows there are.
//! - a **numbered list** says how many rows match, and the address has the number of the page.

use serde::{Deserialize, Serialize};

use domain::id::ResyncId;

/// The key of a row in a keyset list, as it stands in an address.
pub trait Key: Sized {
    fn written(&self) -> String;

    fn parse(text: &str) -> Option<Self>;
}

impl Key for ResyncId {
    fn written(&self) -> String {
        self.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// Which page of a keyset list this is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysetPage<K> {
    /// The page begins after this row; `None`: with the newest one.
    pub before: Option<K>,
    /// The next page begins after this row; `None`: there are no older rows.
    pub older: Option<K>,
}

impl<K> KeysetPage<K> {
    /// The page of rows of which one more than `most` was asked for; leaves at most `most` of them.
    pub fn cut<T>(before: Option<K>, rows: &mut Vec<T>, most: i64, key: impl Fn(&T) -> K) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let is_more = rows.len() > most;
        rows.truncate(most);
        Self { before, older: rows.last().filter(|_| is_more).map(key) }
    }

    pub fn is_first(&self) -> bool {
        self.before.is_none()
    }
}

/// Which page of a numbered list this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedPage {
    /// From 1.
    pub number: i64,
    /// The number of pages.
    pub pages: i64,
    /// The number of rows on a page.
    pub rows: i64,
    /// The number of rows on all pages.
    pub matching: i64,
}

impl NumberedPage {
    /// The requested page; if there is no such page, the nearest one.
    pub fn nearest(asked: i64, matching: i64, rows: i64) -> Self {
        let pages = ((matching + rows - 1) / rows).max(1);
        Self { number: asked.clamp(1, pages), pages, rows, matching }
    }

    /// The number of rows on the pages before this one.
    pub fn skipped(&self) -> i64 {
        (self.number - 1) * self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_becomes_the_nearest() {
        let nearest = |asked, matching| {
            let page = NumberedPage::nearest(asked, matching, 50);
            (page.number, page.pages, page.skipped())
        };
        assert_eq!(nearest(0, 0), (1, 1, 0));
        assert_eq!(nearest(9, 101), (3, 3, 100));
        assert_eq!(nearest(2, 100), (2, 2, 50));
    }

    #[test]
    fn the_row_beyond_a_page_says_that_there_are_older_ones() {
        let cut = |rows: &[i64]| {
            let mut rows = rows.to_vec();
            let page = KeysetPage::cut(None, &mut rows, 2, |row| *row);
            (rows, page.older)
        };
        assert_eq!(cut(&[]), (vec![], None));
        assert_eq!(cut(&[9, 8]), (vec![9, 8], None));
        assert_eq!(cut(&[9, 8, 7]), (vec![9, 8], Some(8)));
    }
}
