//! Stable pages: a page starts after the last entry of the page before, not at a position, so that
//! no user is skipped or shown twice when another user leaves meanwhile. (The fault
//! `shifting-pages` uses positions instead.)

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{problem::Problem, query::Query};

/// The page size if the caller gives none.
const ORDINARY_SIZE: usize = 10;

/// A list that comes in pages; its letter is part of its page tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    Organizations,
    Users,
    Groups,
    Events,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageStart {
    Start,
    /// The entries after this number.
    After(u64),
    /// The entries before this number.
    Before(u64),
    /// The entries from this position on, whatever is there by then.
    Behind(u64),
}

/// Which page a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    listing: Listing,
    size: usize,
    start: PageStart,
}

pub(super) struct Page<T> {
    items: Vec<T>,
    listing: Listing,
    next: String,
    prev: String,
}

impl Listing {
    fn letter(self) -> char {
        match self {
            Self::Organizations => 'o',
            Self::Users => 'u',
            Self::Groups => 'g',
            Self::Events => 'e',
        }
    }

    /// The largest page size, and whether a larger one is refused. If not, a larger one is reduced
    /// to it.
    fn most(self) -> (usize, bool) {
        match self {
            Self::Users | Self::Groups => (30, true),
            Self::Organizations | Self::Events => (100, false),
        }
    }

    /// The name of the entries in the answer.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Users => "users",
            Self::Groups => "groups",
            Self::Events => "events",
        }
    }

    pub(super) fn token(self, start: PageStart) -> String {
        match start {
            PageStart::Start => String::new(),
            PageStart::After(number) => {
                URL_SAFE_NO_PAD.encode(format!("{}>{number}", self.letter()))
            }
            PageStart::Before(number) => {
                URL_SAFE_NO_PAD.encode(format!("{}<{number}", self.letter()))
            }
            PageStart::Behind(position) => {
                URL_SAFE_NO_PAD.encode(format!("{}+{position}", self.letter()))
            }
        }
    }

    /// A new token for the same page; after the last page, a new token for the first page.
    pub(super) fn renewed(self, token: &str, number: u64) -> String {
        let known = URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .filter(|text| !text.is_empty());
        let start = known.unwrap_or_else(|| format!("{}>0", self.letter()));
        URL_SAFE_NO_PAD.encode(format!("{start}~{number}"))
    }

    pub(super) fn start(self, token: &str) -> Option<PageStart> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let rest = text.strip_prefix(self.letter())?;
        match rest.split_at_checked(1)? {
            // The part after a tilde only makes the token new.
            (">", number) => number.split('~').next()?.parse().ok().map(PageStart::After),
            ("<", number) => number.parse().ok().map(PageStart::Before),
            ("+", position) => position.parse().ok().map(PageStart::Behind),
            _ => None,
        }
    }
}

impl Ask {
    pub(super) fn read(listing: Listing, query: &Query) -> Result<Self, Problem> {
        let (most, is_rule) = listing.most();
        let size = query.page_size()?.unwrap_or(ORDINARY_SIZE);
        if is_rule && size > most {
            let rule = format!("value must be less than or equal to {most}");
            return Err(Problem::invalid("page_size", rule, "uint32.lte"));
        }
        let start = match query.text("page_token") {
            None => PageStart::Start,
            Some(token) => listing.start(token).ok_or_else(|| {
                Problem::invalid("page_token", "value is malformed", "page_token")
            })?,
        };
        Ok(Self { listing, size: size.min(most), start })
    }

    /// The page that is asked for. `on` gives the entries from the start or after a number, and
    /// `back` gives the entries before a number, the last one first.
    pub(super) fn page<T, On: Iterator<Item = T>, Back: Iterator<Item = T>>(
        self,
        number: impl Fn(&T) -> u64,
        on: impl FnOnce(Option<u64>) -> On,
        back: impl FnOnce(u64) -> Back,
    ) -> Page<T> {
        // One entry more than requested shows whether there is another page.
        let wanted = self.size + 1;
        let mut items: Vec<T> = match self.start {
            PageStart::Start => on(None).take(wanted).collect(),
            PageStart::After(start) => on(Some(start)).take(wanted).collect(),
            PageStart::Before(start) => back(start).take(wanted).collect(),
            PageStart::Behind(position) => on(None)
                .skip(usize::try_from(position).unwrap_or(usize::MAX))
                .take(wanted)
                .collect(),
        };
        let is_more = items.len() > self.size;
        items.truncate(self.size);
        let is_back = matches!(self.start, PageStart::Before(_));
        if is_back {
            items.reverse();
        }
        let (has_next, has_prev) =
            if is_back { (true, is_more) } else { (is_more, self.start != PageStart::Start) };
        let next = items
            .last()
            .filter(|_| has_next)
            .map_or(PageStart::Start, |last| PageStart::After(number(last)));
        let prev = items
            .first()
            .filter(|_| has_prev)
            .map_or(PageStart::Start, |first| PageStart::Before(number(first)));
        Page {
            items,
            listing: self.listing,
            next: self.listing.token(next),
            prev: self.listing.token(prev),
        }
    }
}

impl<T> Page<T> {
    pub(super) fn map<U>(self, item: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(item).collect(),
            listing: self.listing,
            next: self.next,
            prev: self.prev,
        }
    }

    /// The answer of a list: its entries under their name, the total, and the tokens of the next
    /// and the previous page.
    pub(super) fn answer(&self, total: usize, item: impl FnMut(&T) -> Value) -> Value {
        let mut answer = self.untotalled(item);
        answer["total_size"] = json!(total);
        answer
    }

    pub(super) fn untotalled(&self, item: impl FnMut(&T) -> Value) -> Value {
        let items: Vec<_> = self.items.iter().map(item).collect();
        json!({self.listing.name(): items, "next_page_token": self.next, "prev_page_token": self.prev})
    }
}
