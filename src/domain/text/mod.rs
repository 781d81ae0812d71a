//! Text that was written outside: names, addresses, event types, reasons. It can contain any
//! character. A page shows it as one line of visible characters that does not affect the text
//! around it.
//!
//! The raw value stays in the database and is searched by [`folded`]. Pages, e-mails and terminals
//! show an [`ExternalText`]. The code that writes the HTML escapes it.

mod fold;
mod visible;

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

pub use fold::{folded, is_key};
pub(crate) use visible::is_unseen;
pub use visible::{escaped, is_visible, lines};

/// Replaces characters that cannot be seen. Two names that differ only in these characters look
/// different.
pub const UNSEEN: char = char::REPLACEMENT_CHARACTER;

/// First strong isolate: the text after it has its own direction and does not change the text
/// around it.
const ISOLATE: char = '\u{2068}';
/// Pop directional isolate: the end of the isolate.
const END_OF_ISOLATE: char = '\u{2069}';

/// Text from outside that can be shown: on one line, without bidi controls and without invisible
/// characters that have no effect, cut between characters as a reader sees them.
///
/// `Display` writes it for plain text (an attribute, a title, an e-mail, a terminal), in an isolate
/// of its own if it can run from right to left. In HTML the component `Words` puts it into `<bdi>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExternalText {
    shown: String,
    /// A part of it runs from right to left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    turns: bool,
    /// The complete text with escapes for invisible characters, if it differs from the shown text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<String>,
}

impl ExternalText {
    /// The longest name, address or word, in characters as a reader sees them.
    const NAME: usize = 120;
    /// The longest sentence, such as a reason.
    const SENTENCE: usize = 1_000;
    /// The longest line of a text.
    const PARAGRAPH: usize = 4_000;
    /// The longest name in a subject or in a list.
    const SHORT: usize = 80;
    /// The longest label, which is one of several in a cell.
    const LABEL: usize = 40;

    /// A name, an address or a word.
    pub fn new(text: &str) -> Self {
        Self::cut(text, Self::NAME)
    }

    /// A name that is shown together with other words.
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

    /// A line of a longer text.
    pub fn paragraph(text: &str) -> Self {
        Self::cut(text, Self::PARAGRAPH)
    }

    /// A name or an address; `None` if no character of it can be seen.
    pub fn seen(text: &str) -> Option<Self> {
        visible::is_visible(text).then(|| Self::new(text))
    }

    /// A name, or the id if no character of the name can be seen.
    pub fn or_id(name: &str, id: &str) -> Self {
        Self::seen(name).unwrap_or_else(|| Self::new(id))
    }

    fn cut(text: &str, most: usize) -> Self {
        let seen = visible::shown(text);
        let shown = match seen.grapheme_indices(true).nth(most) {
            // The last character is replaced by the sign that something is missing.
            Some(_) => seen.graphemes(true).take(most - 1).chain(["…"]).collect(),
            None => seen,
        };
        let whole = (shown != text.trim()).then(|| escaped(text));
        Self { turns: visible::turns(&shown), shown, whole }
    }

    /// The shown text, for a place that isolates it by itself.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The complete text, with escapes for invisible characters; `None` if the shown text is
    /// complete.
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
        if self.turns {
            write!(f, "{ISOLATE}{}{END_OF_ISOLATE}", self.shown)
        } else {
            f.write_str(&self.shown)
        }
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

/// The text to show for a person: the name, otherwise the address, otherwise the id. Invisible text
/// counts as missing.
pub fn called(name: Option<&str>, email: Option<&str>, id: &str) -> ExternalText {
    let seen = |text: Option<&str>| text.and_then(ExternalText::seen);
    seen(name).or_else(|| seen(email)).unwrap_or_else(|| ExternalText::new(id))
}

#[cfg(test)]
mod tests;
