//! Text that was written outside: names, addresses, types of events, reasons. It may hold anything,
//! and it is shown as what it is: one line of visible characters that stays in its own place.
//!
//! The raw value stays in the database and is searched by [`folded`]. What pages, e-mails and terminals
//! show passes through [`ExternalText`]. Escaping for HTML is the work of whatever writes the HTML.

mod fold;
mod visible;

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

pub use fold::folded;
pub(in crate::domain) use visible::is_unseen;
pub use visible::{escaped, lines};

/// Stands for characters that cannot be seen. Two names that differ only in such characters look different.
pub const UNSEEN: char = char::REPLACEMENT_CHARACTER;

/// First strong isolate: what follows finds its own direction, and turns nothing around it.
const ISOLATE: char = '\u{2068}';
/// Pop directional isolate: the end of it.
const END_OF_ISOLATE: char = '\u{2069}';

/// Text from outside as it may be shown: on one line, without bidi controls and without invisible
/// characters that have no work to do, cut between characters as a reader sees them.
///
/// `Display` writes it for plain text (an attribute, a title, an e-mail, a terminal), in an isolate of
/// its own where it may run from right to left. In HTML the component `Words` puts it into `<bdi>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExternalText {
    shown: String,
    /// Some of it runs from right to left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    turns: bool,
    /// All of it with escapes for what cannot be seen, where that is more than what is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<String>,
}

impl ExternalText {
    /// Characters shown of a name, an address or a word.
    const NAME: usize = 120;
    /// Characters shown of a sentence, such as a reason.
    const SENTENCE: usize = 1_000;
    /// Characters of a name in a subject or in a list.
    const SHORT: usize = 80;
    /// Characters of a label: one of several in a cell.
    const LABEL: usize = 40;

    /// A name, an address or a word.
    pub fn new(text: &str) -> Self {
        Self::cut(text, Self::NAME)
    }

    /// A name for a line that holds other words, too.
    pub fn short(text: &str) -> Self {
        Self::cut(text, Self::SHORT)
    }

    /// A label beside others, such as a group or a role.
    pub fn label(text: &str) -> Self {
        Self::cut(text, Self::LABEL)
    }

    /// A sentence or a reason.
    pub fn sentence(text: &str) -> Self {
        Self::cut(text, Self::SENTENCE)
    }

    /// A name or an address; none where no character of it can be seen.
    pub fn seen(text: &str) -> Option<Self> {
        visible::is_visible(text).then(|| Self::new(text))
    }

    /// A name; the id where no character of the name can be seen.
    pub fn or_id(name: &str, id: &str) -> Self {
        Self::seen(name).unwrap_or_else(|| Self::new(id))
    }

    fn cut(text: &str, most: usize) -> Self {
        let seen = visible::shown(text);
        let shown = match seen.grapheme_indices(true).nth(most) {
            // one is given up for the sign that something is missing
            Some(_) => seen.graphemes(true).take(most - 1).chain(["…"]).collect(),
            None => seen,
        };
        let whole = (shown != text.trim()).then(|| escaped(text));
        Self { turns: visible::turns(&shown), shown, whole }
    }

    /// What is shown, for a place that isolates it by itself.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// All of it, with escapes for what cannot be seen; none where what is shown is all.
    pub fn whole(&self) -> Option<&str> {
        self.whole.as_deref()
    }
}

impl From<&str> for ExternalText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for ExternalText {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for ExternalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.turns { write!(f, "{ISOLATE}{}{END_OF_ISOLATE}", self.shown) } else { f.write_str(&self.shown) }
    }
}

impl PartialEq<str> for ExternalText {
    fn eq(&self, other: &str) -> bool {
        self.shown == other
    }
}

impl PartialEq<&str> for ExternalText {
    fn eq(&self, other: &&str) -> bool {
        self.shown == *other
    }
}

/// What to call a person: the name, else the address, else the id. What cannot be seen is none.
pub fn called(name: Option<&str>, email: Option<&str>, id: &str) -> ExternalText {
    let seen = |text: Option<&str>| text.and_then(ExternalText::seen);
    seen(name).or_else(|| seen(email)).unwrap_or_else(|| ExternalText::new(id))
}

#[cfg(test)]
mod tests;
