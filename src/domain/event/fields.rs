//! Looking things up in JSON that somebody else wrote: absent, null, empty and of a silly type are told apart only where it matters.

use serde_json::{Map, Value};

use super::super::time::Timestamp;

/// The longest text we keep of a name, in bytes.
pub(super) const MOST_NAME_BYTES: usize = 1_000;
/// The longest text we keep of a technical word (a type, a provider, an outside id), in bytes.
pub(super) const MOST_WORD_BYTES: usize = 400;
/// The longest e-mail address there is (RFC 5321), in bytes. A longer one is none; cut short it would be somebody else's.
const MOST_EMAIL_BYTES: usize = 254;

/// A JSON object, read leniently.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> From<&'a Map<String, Value>> for Fields<'a> {
    fn from(map: &'a Map<String, Value>) -> Self {
        Self(map)
    }
}

impl<'a> Fields<'a> {
    /// A field as it is, also where it is `null`.
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    pub(super) fn object(self, name: &str) -> Option<Self> {
        self.0.get(name)?.as_object().map(Self)
    }

    /// A text with something in it, without outer blanks, storable, at most `most` bytes.
    pub(super) fn text(self, name: &str, most: usize) -> Option<String> {
        clean(self.0.get(name)?.as_str()?, most)
    }

    /// An id that no key is made of, a text or a number. A longer one is none: cut short it would be another one.
    pub(super) fn word(self, name: &str) -> Option<String> {
        whole(&scalar(self.0.get(name)?)?, MOST_WORD_BYTES)
    }

    /// An address finds its person: what is too long, or has a character that could not be read, is none.
    pub(super) fn email(self, name: &str) -> Option<String> {
        let email = whole(self.0.get(name)?.as_str()?, MOST_EMAIL_BYTES)?;
        (!email.contains(char::REPLACEMENT_CHARACTER)).then_some(email)
    }

    /// A time; absent, null and empty are none. What is there but cannot be read without a guess is an error, with a sentence:
    /// taken for absent, an old event would count as one of this moment.
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

    /// A yes or a no. Entra writes its SCIM booleans as the texts `True` and `False`, and raw attributes come as they were written.
    pub(super) fn flag(self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// An id; absent, null and empty are none. What is there but cannot be an id is an error, with a sentence: taking it
    /// for absent would make this an event about somebody else.
    pub(super) fn id<T>(self, name: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => match scalar(value).and_then(|text| parse(&text)) {
                Some(id) => Ok(Some(id)),
                None => Err(format!("What stands in “{name}” cannot be an id.")),
            },
        }
    }

    /// The ids of a list whose entries are texts, numbers, or objects with an `id`. Entries without one are passed over.
    pub(super) fn ids<T>(self, name: &str, parse: fn(&str) -> Option<T>) -> Vec<T> {
        let entries = self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(|entry| entry_id(entry, parse)).collect()
    }
}

/// The id of one entry of a list: the entry itself, or its `id`.
pub(super) fn entry_id<T>(entry: &Value, parse: fn(&str) -> Option<T>) -> Option<T> {
    match entry {
        Value::Object(map) => Fields(map).id("id", parse).ok().flatten(),
        other => scalar(other).and_then(|text| parse(&text)),
    }
}

/// Storable text that is not cut: what is too long is none.
pub(super) fn whole(text: &str, most: usize) -> Option<String> {
    clean(text, usize::MAX).filter(|text| text.len() <= most)
}

/// Storable text: no NUL (Postgres has none), no outer blanks, no more than `most` bytes, cut between characters; not empty.
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

/// A text, or a whole number as text. Fractions and numbers beyond 64 bits have lost their digits already.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    }
}
