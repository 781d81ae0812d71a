//! The pages of a list. A list goes on behind a row that the address names, so that rows that
//! arrive meanwhile move no page, and the last page costs no more than the first one. Most lists
//! have the newest row first. In a list whose order can be chosen, the row is named by what it was
//! sorted by, so that a page also stays where it is when that row changes or goes.

use serde::{Deserialize, Serialize};

use domain::{
    id::{ResyncId, is_id},
    text::is_key,
};

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

/// What a list can be sorted by.
pub trait SortOrder: Copy + PartialEq + 'static {
    const ALL: &'static [Self];

    /// Its name in an address; it has no dot.
    fn as_str(self) -> &'static str;

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|sort| sort.as_str() == text)
    }
}

/// A row of a list whose order can be chosen, named by what it was sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String", bound = "S: SortOrder")]
pub struct SortKey<S, const NUMBERS: usize> {
    pub sort: S,
    pub descending: bool,
    /// The order compares these numbers first, then the folded text, then the id.
    pub numbers: [i64; NUMBERS],
    pub text: String,
    pub id: String,
}

impl<S: SortOrder, const NUMBERS: usize> SortKey<S, NUMBERS> {
    /// The key, if it is of this order.
    pub fn of(key: Option<&Self>, sort: S, descending: bool) -> Option<&Self> {
        key.filter(|key| key.sort == sort && key.descending == descending)
    }
}

/// `waitlist.0.16777216.diruser_1`, or `-name.0.0.diruser_1 ada lovelace`: an id has no blank.
impl<S: SortOrder, const NUMBERS: usize> Key for SortKey<S, NUMBERS> {
    fn written(&self) -> String {
        let Self { sort, descending, numbers, text, id } = self;
        let sign = if *descending { "-" } else { "" };
        let numbers = numbers.map(|number| number.to_string()).join(".");
        let row = format!("{sign}{}.{numbers}.{id} {text}", sort.as_str());
        row.trim_end().to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let ascending = text.strip_prefix('-');
        let (sort, mut rest) = ascending.unwrap_or(text).split_once('.')?;
        let mut numbers = [0; NUMBERS];
        for number in &mut numbers {
            let (digits, after) = rest.split_once('.')?;
            (*number, rest) = (digits.parse().ok()?, after);
        }
        let (id, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let (sort, descending) = (S::parse(sort)?, ascending.is_some());
        (is_id(id) && is_key(text)).then(|| {
            let (text, id) = (text.to_owned(), id.to_owned());
            Self { sort, descending, numbers, text, id }
        })
    }
}

impl<S: SortOrder, const NUMBERS: usize> From<SortKey<S, NUMBERS>> for String {
    fn from(key: SortKey<S, NUMBERS>) -> Self {
        key.written()
    }
}

impl<S: SortOrder, const NUMBERS: usize> TryFrom<String> for SortKey<S, NUMBERS> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("this is no row of a list")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeopleSort;

    #[test]
    fn a_row_survives_the_way_through_an_address_and_nonsense_does_not() {
        type RowKey = SortKey<PeopleSort, 2>;
        let key = |descending, text: &str| RowKey {
            sort: PeopleSort::Name,
            descending,
            numbers: [-7, i64::MAX],
            text: text.to_owned(),
            id: "diru.ser_1".to_owned(),
        };
        for key in [key(false, "ada  a.b@x"), key(true, ""), key(true, "é")] {
            assert_eq!(RowKey::parse(&key.written()), Some(key));
        }
        assert_eq!(key(true, "ada").written(), "-name.-7.9223372036854775807.diru.ser_1 ada");
        let (long_id, long_text) = ("i".repeat(401), "t".repeat(1_201));
        for bad in [
            "",
            "-",
            "diruser_1",
            "name.1.diruser_1",
            "name.1.x.diruser_1",
            "name.1.9223372036854775808.diruser_1",
            "age.1.2.diruser_1",
            "name.1.2.",
            "name.1.2. ada",
            "name.1.2.a\u{0}b",
            "name.1.2.diruser_1 a\u{0}b",
            &format!("name.1.2.{long_id}"),
            &format!("name.1.2.diruser_1 {long_text}"),
        ] {
            assert_eq!(RowKey::parse(bad), None, "{bad:?}");
        }
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
