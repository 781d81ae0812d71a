//! Reads fields from JSON that came from outside. It distinguishes absent, null, empty and wrongly
//! typed fields only where the difference matters.

use serde_json::{Map, Value};

use crate::domain::time::Timestamp;

/// The longest name that is stored, in bytes.
pub(super) const MOST_NAME_BYTES: usize = 1_000;
/// The longest technical word that is stored (a type, a provider, an external id), in bytes.
pub(super) const MOST_WORD_BYTES: usize = 400;
/// A longer list of one user's groups is skipped: to store it would keep other organizations'
/// deliveries waiting.
pub(super) const MOST_GROUPS: usize = 5_000;
/// The longest possible e-mail address (RFC 5321), in bytes. A longer one is ignored, because a cut
/// one could be the address of another user.
const MOST_EMAIL_BYTES: usize = 254;

/// A JSON object that is read leniently.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> From<&'a Map<String, Value>> for Fields<'a> {
    fn from(map: &'a Map<String, Value>) -> Self {
        Self(map)
    }
}

impl<'a> Fields<'a> {
    /// The value of a field, even if it is `null`.
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    pub(super) fn object(self, name: &str) -> Option<Self> {
        self.0.get(name)?.as_object().map(Self)
    }

    /// A text that is not empty, without outer blanks, safe to store, at most `most` bytes long.
    pub(super) fn text(self, name: &str, most: usize) -> Option<String> {
        clean(self.0.get(name)?.as_str()?, most)
    }

    /// An external id that is not part of a key, as a text or a number. A longer one is ignored,
    /// because a cut one would be a different id.
    pub(super) fn word(self, name: &str) -> Option<String> {
        whole(&scalar(self.0.get(name)?)?, MOST_WORD_BYTES)
    }

    /// An e-mail address. It identifies a user, so an address that is too long or has an unreadable
    /// character is ignored.
    pub(super) fn email(self, name: &str) -> Option<String> {
        let email = whole(self.0.get(name)?.as_str()?, MOST_EMAIL_BYTES)?;
        (!email.contains(char::REPLACEMENT_CHARACTER)).then_some(email)
    }

    /// A time; `None` if it is absent, null or empty. A value that cannot be read unambiguously is
    /// an error, with a sentence: if it counted as absent, an old event would get the present time.
    pub(super) fn time(self, name: &str) -> Result<Option<Timestamp>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(value) => match value.as_str().and_then(Timestamp::parse) {
                Some(time) => Ok(Some(time)),
                None => Err(format!("What stands in “{name}” cannot be read as a time.")),
            },
        }
    }

    /// A boolean. Entra writes its SCIM booleans as the texts `True` and `False`, and raw
    /// attributes are passed on as they were written.
    pub(super) fn flag(self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// An id; `None` if it is absent, null or empty. A value that cannot be an id is an error, with
    /// a sentence: if it counted as absent, the event would be about a different user.
    pub(super) fn id<T>(
        self,
        name: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => match scalar(value).and_then(|text| parse(&text)) {
                Some(id) => Ok(Some(id)),
                None => Err(format!("What stands in “{name}” cannot be an id.")),
            },
        }
    }

    /// The ids of a list whose entries are texts, numbers, or objects with an `id`. Entries without
    /// an id are skipped.
    pub(super) fn ids<T>(self, name: &str, parse: fn(&str) -> Option<T>) -> Vec<T> {
        let entries =
            self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(|entry| entry_id(entry, parse)).collect()
    }
}

/// The id of a list entry: the entry itself, or its `id`.
pub(super) fn entry_id<T>(entry: &Value, parse: fn(&str) -> Option<T>) -> Option<T> {
    match entry {
        Value::Object(map) => Fields(map).id("id", parse).ok().flatten(),
        other => scalar(other).and_then(|text| parse(&text)),
    }
}

/// Text that is safe to store and is never cut; `None` if it is too long.
pub(super) fn whole(text: &str, most: usize) -> Option<String> {
    clean(text, usize::MAX).filter(|text| text.len() <= most)
}

/// Text that is safe to store: without NUL (PostgreSQL cannot store it) and outer blanks, cut
/// between characters to at most `most` bytes. `None` if it is empty.
pub(super) fn clean(text: &str, most: usize) -> Option<String> {
    let mut kept = String::new();
    for character in text.trim().chars() {
        let character = if character == '\0' { char::REPLACEMENT_CHARACTER } else { character };
        if kept.len() + character.len_utf8() > most {
            break;
        }
        kept.push(character);
    }
    (!kept.is_empty()).then_some(kept)
}

/// A text, or an integer as text. Fractions and numbers above 64 bits are ignored because they have
/// already lost digits.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    }
}
