//! Reads JSON in spite of a bad text: half of a surrogate pair, and bytes that are not UTF-8, are
//! replaced by a mark. Only the entry that contains the mark is lost.

use serde_json::Value;

/// Replaces a character that could not be read. U+FDD0 is not a character, so no real text contains
/// it.
const MARK: char = '\u{fdd0}';

/// Reads an answer; returns `None` if it is not JSON.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().or_else(|| serde_json::from_str(&mended(bytes)).ok())
}

/// Whether the value contains a mark.
pub(super) fn is_marked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MARK),
        Value::Array(entries) => entries.iter().any(is_marked),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| name.contains(MARK) || is_marked(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The same text with a mark in place of every half of a surrogate pair and of all bytes that are
/// not UTF-8.
fn mended(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(MARK);
        }
    }
    let (mut mended, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let (kept, length) = escaped(escape);
        mended.push_str(kept);
        rest = &escape[length..];
    }
    mended.push_str(rest);
    mended
}

/// What replaces the escape at the start of `text`, and how many bytes of `text` it replaces.
fn escaped(text: &str) -> (&str, usize) {
    const MARKED: &str = "\\ufdd0";
    match unit(text) {
        Some(0xd800..=0xdbff)
            if text.get(6..).and_then(unit).is_some_and(|low| (0xdc00..=0xdfff).contains(&low)) =>
        {
            (&text[..12], 12)
        }
        Some(0xd800..=0xdfff) => (MARKED, 6),
        _ => {
            let length = text.chars().take(2).map(char::len_utf8).sum();
            (&text[..length], length)
        }
    }
}

/// The code unit of an escape such as `\ud83d`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_spoils_its_own_entry_alone() {
        for half in [r"\ud83d", r"\ud83dx", r"\ude00\ud83d", r"\uD83D\n", r"\ud83d\ud83d\ude00"] {
            let page = read(
                format!(r#"{{"users":[{{"name":"{half}"}},{{"name":"\ud83d\ude00 \\ud83d é"}}]}}"#)
                    .as_bytes(),
            )
            .unwrap();

            assert!(is_marked(&page["users"][0]), "{half}");
            assert!(!is_marked(&page["users"][1]), "{half}");
            assert_eq!(page["users"][1]["name"], "😀 \\ud83d é");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        let page = read(b"{\"users\":[{\"name\":\"\xff\xfe\"},{\"name\":\"Ada\"}]}").unwrap();

        assert!(is_marked(&page["users"][0]) && !is_marked(&page["users"][1]));
    }

    #[test]
    fn what_is_not_json_is_none() {
        for bad in [&b""[..], b"<html>", b"{\"users\":[", b"\\ud83d", b"\x1f\x8b\x08\x00"] {
            assert_eq!(read(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }
}
