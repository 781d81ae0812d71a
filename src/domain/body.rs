//! A webhook's body for people's eyes: indented, otherwise exactly as it came (order of fields, digits of numbers), and
//! without the personal data in it unless somebody asks for them.

use serde::de::IgnoredAny;

/// Whether names, addresses and whatever else may be about a person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    Hidden,
    Shown,
}

/// Stands where something is hidden.
pub const HIDDEN: &str = "•••";
/// More is cut off, in bytes.
const MOST: usize = 200_000;
const INDENT: usize = 2;

/// Fields that are about no person, and may be read by everybody who sees deliveries. All others are hidden.
const TECHNICAL: [&str; 21] = [
    "spec_version",
    "id",
    "type",
    "object",
    "occurred_at",
    "timestamp",
    "created_at",
    "updated_at",
    "environment_id",
    "organization_id",
    "directory_id",
    "connection_id",
    "user_id",
    "group_id",
    "dp_id",
    "external_id",
    "provider",
    "status",
    "role_name",
    "added_members",
    "removed_members",
];
/// What the identity provider knows of a person, under names of its own.
const RAW: &str = "raw_attributes";

/// The body indented; `None` where it is no JSON.
pub fn printed(body: &[u8], personal: Personal) -> Option<String> {
    serde_json::from_slice::<IgnoredAny>(body).ok()?;
    let mut printer = Printer { rest: std::str::from_utf8(body).ok()?, out: String::with_capacity(body.len() * 2), personal };
    printer.value(0, Key { name: "", in_raw: false });
    Some(cut(printer.out))
}

/// A body that is no JSON, as far as it is text.
pub fn plain(body: &[u8]) -> String {
    cut(String::from_utf8_lossy(body).into_owned())
}

fn cut(mut text: String) -> String {
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push_str("\n…");
    }
    text
}

/// The field a value stands in.
#[derive(Clone, Copy)]
struct Key<'a> {
    name: &'a str,
    in_raw: bool,
}

/// Walks over text that is known to be JSON, nested less than 128 deep.
struct Printer<'a> {
    rest: &'a str,
    out: String,
    personal: Personal,
}

impl<'a> Printer<'a> {
    fn value(&mut self, depth: usize, key: Key<'a>) {
        match self.peek() {
            Some('{') => self.container(depth, ('{', '}'), |this| {
                let name = this.token();
                this.out.push_str(name);
                this.out.push_str(": ");
                this.skip(':');
                let name = name.trim_matches('"');
                this.value(depth + 1, Key { name, in_raw: key.in_raw || name == RAW });
            }),
            Some('[') => self.container(depth, ('[', ']'), |this| this.value(depth + 1, key)),
            _ => {
                let token = self.token();
                if self.personal == Personal::Shown || is_harmless(token, key) {
                    self.out.push_str(token);
                } else {
                    self.out.push('"');
                    self.out.push_str(HIDDEN);
                    self.out.push('"');
                }
            }
        }
    }

    fn container(&mut self, depth: usize, (open, close): (char, char), mut entry: impl FnMut(&mut Self)) {
        self.skip(open);
        self.out.push(open);
        let mut is_empty = true;
        while self.peek().is_some_and(|next| next != close) {
            if !is_empty {
                self.skip(',');
                self.out.push(',');
            }
            is_empty = false;
            self.line(depth + 1);
            entry(self);
        }
        self.skip(close);
        if !is_empty {
            self.line(depth);
        }
        self.out.push(close);
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', depth * INDENT));
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn skip(&mut self, expected: char) {
        self.peek();
        self.rest = self.rest.strip_prefix(expected).unwrap_or(self.rest);
    }

    /// A text with its quotes, a number, `true`, `false` or `null`, as it is written.
    fn token(&mut self) -> &'a str {
        self.peek();
        let end = if self.rest.starts_with('"') { end_of_text(self.rest) } else { self.rest.find([',', '}', ']', ' ', '\n', '\r', '\t']) };
        let (token, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        token
    }
}

/// Behind the closing quote.
fn end_of_text(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    let closing = |(_, byte): &(usize, u8)| {
        let closes = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        closes
    };
    text.bytes().enumerate().skip(1).find(closing).map(|(at, _)| at + 1)
}

/// Yes, no, nothing; or a technical field with something in it that looks the part.
fn is_harmless(token: &str, key: Key<'_>) -> bool {
    let is_word = token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@' && byte != b'\\');
    matches!(token, "true" | "false" | "null" | "\"\"") || (!key.in_raw && TECHNICAL.contains(&key.name) && is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"type":"organization.directory.user_created", "id":"evt_1","n":1.10,"data":{"id":"diruser_1","email":"ada@acme.test","name":"Ada \"L\" }","active":true,"groups":[],"roles":[{"role_name":"admin"}],"raw_attributes":{"id":"secret","active":true,"emails":["ada@acme.test"]}}}"#;

    #[test]
    fn a_body_is_printed_as_it_came() {
        let printed = printed(BODY.as_bytes(), Personal::Shown).unwrap();

        assert!(
            printed.starts_with("{\n  \"type\": \"organization.directory.user_created\",\n  \"id\": \"evt_1\",\n  \"n\": 1.10,\n"),
            "{printed}"
        );
        assert!(printed.contains("\"groups\": [],\n"), "{printed}");
        let (before, after): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(BODY).unwrap(), serde_json::from_str(&printed).unwrap());
        assert_eq!(before, after);
    }

    #[test]
    fn what_may_be_about_a_person_is_hidden() {
        let printed = printed(BODY.as_bytes(), Personal::Hidden).unwrap();

        for secret in ["ada", "Ada", "secret"] {
            assert!(!printed.contains(secret), "{secret}: {printed}");
        }
        for shown in ["\"id\": \"diruser_1\"", "\"active\": true", "\"role_name\": \"admin\"", "\"email\": \"•••\"", "\"n\": \"•••\""]
        {
            assert!(printed.contains(shown), "{shown}: {printed}");
        }
    }

    #[test]
    fn an_address_in_place_of_an_id_is_hidden() {
        for id in ["ada@acme.test", "ada\\u0040acme.test", "Ada Lovelace"] {
            let body = format!(r#"{{"data":{{"id":"{id}"}}}}"#);
            assert_eq!(printed(body.as_bytes(), Personal::Hidden).unwrap(), "{\n  \"data\": {\n    \"id\": \"•••\"\n  }\n}");
        }
    }

    #[test]
    fn what_is_no_json_is_none() {
        for bad in [&b"not json"[..], b"", b"{", b"\xff", "[".repeat(200_000).as_bytes()] {
            assert_eq!(printed(bad, Personal::Shown), None);
        }
        assert_eq!(printed(b" [1,\n{}] ", Personal::Shown).as_deref(), Some("[\n  1,\n  {}\n]"));
    }

    #[test]
    fn an_endless_body_is_cut() {
        let long = format!("[\"{}\"]", "ü".repeat(300_000));

        let shown = printed(long.as_bytes(), Personal::Shown).unwrap();

        assert!(shown.len() < 200_010 && shown.ends_with('…'));
    }
}
