//! Reads JSON that a strict parser refuses because of one value: half a surrogate pair in a name, a
//! number out of range, a list nested a thousand levels deep. Every value that can be read is kept,
//! and the others are treated as empty.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Error, Map, Value, value::RawValue};

/// The number of levels at which an unreadable value is searched for readable parts.
const DEPTH: u8 = 4;
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Parses a body as JSON. A body that the strict parser accepts is the usual case and has no extra
/// cost.
pub(super) fn parse(body: &[u8]) -> Result<Value, Error> {
    let strict = serde_json::from_slice(body);
    if strict.is_ok() {
        return strict;
    }
    let text = String::from_utf8_lossy(body);
    let text = whole_characters(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text));
    // The text must still be JSON: a truncated body, or one that is not JSON, is refused here.
    let raw: &RawValue = serde_json::from_str(&text)?;
    Ok(value(raw, DEPTH))
}

/// An unreadable value becomes an empty object: the field is present, but nothing is read from it.
fn value(raw: &RawValue, depth: u8) -> Value {
    let text = raw.get();
    if let Ok(value) = serde_json::from_str(text) {
        return value;
    }
    let nothing = Value::Object(Map::new());
    if depth == 0 {
        return nothing;
    }
    if let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        return Value::Object(
            fields.into_iter().map(|(name, raw)| (name, value(raw, depth - 1))).collect(),
        );
    }
    if let Ok(entries) = serde_json::from_str::<Vec<&RawValue>>(text) {
        return Value::Array(entries.into_iter().map(|raw| value(raw, depth - 1)).collect());
    }
    nothing
}

/// Replaces a `\ud800` without its other half by `\ufffd`. In JSON a backslash occurs only in
/// strings, where it escapes the next character.
fn whole_characters(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let (length, is_half) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, false),
            (Some(0xd800..=0xdfff), _) => (6, true),
            (Some(_), _) => (6, false),
            // A backslash and the character that it escapes.
            (None, _) => (1 + escape[1..].chars().next().map_or(0, char::len_utf8), false),
        };
        whole.push_str(if is_half { "\\ufffd" } else { &escape[..length] });
        rest = &escape[length..];
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// The code unit of the escape at the start of the text.
fn unit(text: &str) -> Option<u16> {
    let digits = text
        .strip_prefix("\\u")?
        .get(..4)
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(body: &str) -> Value {
        parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn half_a_surrogate_is_one_strange_character() {
        for (written, read) in [
            (r"Ada \ud800", "Ada \u{fffd}"),
            (r"\udc00 Ada", "\u{fffd} Ada"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud800\ud83d\ude00", "\u{fffd}😀"),
            (r"\uD800\u0041", "\u{fffd}A"),
            (r"\ud800\n", "\u{fffd}\n"),
            (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
            (r"\\ud800 \ud800", "\\ud800 \u{fffd}"),
            (r#"\"\ud800ü"#, "\"\u{fffd}ü"),
        ] {
            assert_eq!(
                parsed(&format!(r#"{{"name":"{written}"}}"#)),
                json!({"name": read}),
                "{written}"
            );
        }
    }

    #[test]
    fn one_bad_value_costs_no_other() {
        assert_eq!(parsed(r#"{"a":1e999,"b":"c"}"#), json!({"a": {}, "b": "c"}));
        assert_eq!(
            parsed(r#"{"data":{"n":-1e999,"id":"u","groups":["g",1e400]}}"#),
            json!({"data": {"n": {}, "id": "u", "groups": ["g", {}]}})
        );
        for depth in [200, 100_000] {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            let read = parsed(&format!(r#"{{"raw":{open}{close},"id":"u"}}"#));
            assert_eq!(read["id"], "u");
            let (open, close) = (r#"{"a":"#.repeat(depth), "}".repeat(depth));
            assert_eq!(parsed(&format!(r#"{{"raw":{open}1{close},"id":"u"}}"#))["id"], "u");
        }
    }

    #[test]
    fn a_mark_in_front_and_bytes_that_are_no_text_are_read_over() {
        assert_eq!(parsed("\u{feff}{\"id\":\"u\"}"), json!({"id": "u"}));
        assert_eq!(parse(b"{\"name\":\"J\xfcrgen\"}").unwrap(), json!({"name": "J\u{fffd}rgen"}));
        assert_eq!(parse(b"{\"name\":\"\xed\xa0\x80\",\"id\":1}").unwrap()["id"], 1);
    }

    #[test]
    fn of_two_fields_of_one_name_the_last_counts_as_with_every_other_reader() {
        assert_eq!(parsed(r#"{"id":"a","id":"b"}"#), json!({"id": "b"}));
        assert_eq!(parsed(r#"{"id":"a","id":"b","n":1e999}"#)["id"], "b");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bad in
            ["", "{", "[1,", "{\"a\":}", "\"\\ud80\"", "nul", "{\"a\":\"\u{1}\"}", "{}{}", "\\u"]
        {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(parse(&b"[".repeat(1_000_000)).is_err());
    }
}
