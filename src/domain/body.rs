//! Formats the body of a webhook for readers. The body is indented and otherwise unchanged (order
//! of fields, digits of numbers). Personal data are hidden unless the reader asked for them.

use serde::de::IgnoredAny;

use super::text::lines;

/// Whether names, addresses and other personal data are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    Hidden,
    Shown,
}

/// The text that replaces a hidden value.
pub const HIDDEN: &str = "•••";
/// The longest output, in bytes. The rest is cut off.
const MOST: usize = 200_000;
const INDENT: usize = 2;
/// The deepest nesting that is printed. [`printed`] returns `None` for a deeper body.
const DEEPEST: usize = 128;
/// The longest value, in bytes, that counts as a word, an id or a time.
const LONGEST: usize = 100;

/// Fields whose values are words of Scalekit or of the product.
const WORDS: [&str; 8] = [
    "spec_version",
    "type",
    "object",
    "provider",
    "directory_type",
    "status",
    "role_name",
    "region_code",
];
/// Fields whose values are ids made by Scalekit. `dp_id` and `external_id` come from the customer's
/// directory and can be e-mail addresses, so they are not in this list.
const IDS: [&str; 9] = [
    "id",
    "environment_id",
    "organization_id",
    "directory_id",
    "connection_id",
    "user_id",
    "group_id",
    "added_members",
    "removed_members",
];
/// Fields whose values are times.
const TIMES: [&str; 8] = [
    "occurred_at",
    "timestamp",
    "created_at",
    "updated_at",
    "deleted_at",
    "create_time",
    "update_time",
    "last_login_at",
];
/// Other field names that Scalekit and directories use. Their values are hidden, but the names
/// themselves are not personal data. Any other field name can be personal data.
const NAMES: [&str; 60] = [
    "active",
    "address",
    "addresses",
    "attributes",
    "cost_center",
    "costCenter",
    "country",
    "custom_attributes",
    "data",
    "department",
    "display_name",
    "displayName",
    "division",
    "dp_id",
    "email",
    "emails",
    "employee_id",
    "employeeNumber",
    "enabled",
    "external_id",
    "externalId",
    "familyName",
    "family_name",
    "features",
    "formatted",
    "givenName",
    "given_name",
    "groups",
    "language",
    "locale",
    "locality",
    "manager",
    "metadata",
    "meta",
    "middleName",
    "mobile_phone_number",
    "name",
    "nickname",
    "organization",
    "phone_number",
    "phoneNumbers",
    "picture",
    "postal_code",
    "preferred_username",
    "primary",
    "profile",
    "raw_attributes",
    "region",
    "roles",
    "schemas",
    "settings",
    "state",
    "streetAddress",
    "timezone",
    "title",
    "userName",
    "user_type",
    "userType",
    "value",
    "zoneinfo",
];
/// The objects in which the fields above have their usual meaning. In any other object
/// (`raw_attributes`, a user's `manager`) the value of such a field can be personal data.
const CONTAINERS: [&str; 6] = ["", "data", "groups", "roles", "directory", "organization"];
/// The prefixes of Scalekit's ids, including the short ones of its guides, and of our own ids.
const PREFIXES: [&str; 18] = [
    "evt", "msg", "org", "env", "conn", "dir", "diruser", "dirgroup", "user", "usr", "group",
    "role", "mem", "wh", "dlv", "rsn", "rpl", "acc",
];

/// Returns the indented body; `None` if it is not JSON or is nested too deeply.
pub fn printed(body: &[u8], personal: Personal) -> Option<String> {
    serde_json::from_slice::<IgnoredAny>(body).ok()?;
    // The printer recurses as deeply as the body is nested, and the check above has no depth limit.
    if depth(body) > DEEPEST {
        return None;
    }
    let mut printer = Printer {
        rest: std::str::from_utf8(body).ok()?,
        out: String::with_capacity(body.len() * 2),
        personal,
    };
    printer.value(0, Key { name: "", in_container: false });
    Some(lines(&cut(printer.out)))
}

/// Returns a body that is not JSON as text. Bytes that are not UTF-8 are replaced.
pub fn plain(body: &[u8]) -> String {
    lines(&cut(String::from_utf8_lossy(body).into_owned()))
}

/// Returns whether the text looks like an event type: a few words with dots between them. Any other
/// text can be personal data.
pub fn is_kind(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(is_of_a_word)
}

/// Returns whether the text looks like an id made by Scalekit (`diruser_92165446…`) or by us.
pub fn is_made_id(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_once('_') else {
        return false;
    };
    let made = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    PREFIXES.contains(&prefix)
        && !rest.is_empty()
        && text.len() <= LONGEST
        && rest.bytes().all(made)
}

fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte)
}

fn is_time(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| b"0123456789-:.+TZ".contains(&byte))
}

/// The depth to which JSON is nested.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn cut(mut text: String) -> String {
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push_str("\n…");
    }
    text
}

/// The field that holds a value.
#[derive(Clone, Copy)]
struct Key<'a> {
    name: &'a str,
    in_container: bool,
}

/// Walks over text that is valid JSON, nested at most 128 levels deep.
struct Printer<'a> {
    rest: &'a str,
    out: String,
    personal: Personal,
}

impl<'a> Printer<'a> {
    fn value(&mut self, depth: usize, key: Key<'a>) {
        match self.peek() {
            Some('{') => {
                let in_container =
                    CONTAINERS.contains(&key.name) && (key.in_container || key.name.is_empty());
                self.container(depth, ('{', '}'), |this| {
                    let name = this.token();
                    this.shown(name, is_known(unquoted(name)));
                    this.out.push_str(": ");
                    this.skip(':');
                    let name = unquoted(name);
                    this.value(depth + 1, Key { name, in_container });
                });
            }
            Some('[') => self.container(depth, ('[', ']'), |this| this.value(depth + 1, key)),
            _ => {
                let token = self.token();
                self.shown(token, is_harmless(token, key));
            }
        }
    }

    /// Writes the token, or the replacement if the token is hidden.
    fn shown(&mut self, token: &str, is_harmless: bool) {
        if self.personal == Personal::Shown || is_harmless {
            self.out.push_str(token);
        } else {
            self.out.push('"');
            self.out.push_str(HIDDEN);
            self.out.push('"');
        }
    }

    fn container(
        &mut self,
        depth: usize,
        (open, close): (char, char),
        mut entry: impl FnMut(&mut Self),
    ) {
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

    /// Reads a string with its quotes, a number, `true`, `false` or `null`, as written.
    fn token(&mut self) -> &'a str {
        self.peek();
        let end = if self.rest.starts_with('"') {
            end_of_text(self.rest)
        } else {
            self.rest.find([',', '}', ']', ' ', '\n', '\r', '\t'])
        };
        let (token, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        token
    }
}

/// Returns the index after the closing quote.
fn end_of_text(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    let closing = |(_, byte): &(usize, u8)| {
        let closes = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        closes
    };
    text.bytes().enumerate().skip(1).find(closing).map(|(at, _)| at + 1)
}

fn unquoted(token: &str) -> &str {
    token.strip_prefix('"').and_then(|token| token.strip_suffix('"')).unwrap_or(token)
}

/// Returns whether a field name is known and so is not personal data.
fn is_known(name: &str) -> bool {
    [&WORDS[..], &IDS, &TIMES, &NAMES].iter().any(|names| names.contains(&name))
}

/// Returns whether a value is a boolean, null or empty, or has the format that its technical field
/// requires.
fn is_harmless(token: &str, key: Key<'_>) -> bool {
    if matches!(token, "true" | "false" | "null" | "\"\"") {
        return true;
    }
    let text = unquoted(token);
    let of = |names: &[&str]| key.in_container && names.contains(&key.name);
    match key.name {
        "type" if of(&WORDS) => is_kind(text),
        _ if of(&WORDS) => text.len() <= LONGEST && text.bytes().all(is_of_a_word),
        _ if of(&IDS) => is_made_id(text),
        _ => of(&TIMES) && is_time(text),
    }
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
        for shown in [
            "\"id\": \"diruser_1\"",
            "\"active\": true",
            "\"role_name\": \"admin\"",
            "\"email\": \"•••\"",
            "\"•••\": \"•••\"",
        ] {
            assert!(printed.contains(shown), "{shown}: {printed}");
        }
    }

    #[test]
    fn an_address_in_place_of_an_id_is_hidden() {
        for id in ["ada@acme.test", "ada\\u0040acme.test", "Ada Lovelace"] {
            let body = format!(r#"{{"data":{{"id":"{id}"}}}}"#);
            assert_eq!(
                printed(body.as_bytes(), Personal::Hidden).unwrap(),
                "{\n  \"data\": {\n    \"id\": \"•••\"\n  }\n}"
            );
        }
    }

    #[test]
    fn personal_data_are_hidden_wherever_they_stand() {
        let body = r#"{"type":"ada@acme.test","id":"Ada","ada@acme.test":1,"Ada":{"id":"ada.lovelace"},"data":{"external_id":"ada-1",
            "dp_id":"ada2","occurred_at":"ada","object":"Ada L","raw_attributes":{"id":"dir_ada","type":"ada"},"added_members":["ada"]}}"#;

        let printed = printed(body.as_bytes(), Personal::Hidden).unwrap();

        assert!(!printed.to_lowercase().contains("ada"), "{printed}");
        assert!(
            printed.contains("\"external_id\": \"•••\"") && printed.contains("\"•••\": \"•••\""),
            "{printed}"
        );
    }

    #[test]
    fn ids_times_and_types_look_the_part() {
        assert!(is_made_id("diruser_92165446") && is_made_id("evt_01k_x") && is_made_id("dlv_01K"));
        for bad in [
            "",
            "ada",
            "_1",
            "x_1",
            "jane_doe",
            "diruser_",
            "Ada_1",
            "a@b_c",
            "diruser_a@b",
            "diruser_ä",
            "email:ada_1",
        ] {
            assert!(!is_made_id(bad), "{bad}");
        }
        assert!(
            is_kind("organization.directory.user_created") && is_kind("scalekit.dir.user.create")
        );
        for bad in ["", "Ada", "ada@acme.test", "ada lovelace", "ada%40acme.test", "ad\u{e4}"] {
            assert!(!is_kind(bad), "{bad}");
        }
        assert!(
            is_time("2025-12-09T09:25:02.025330364Z")
                && is_time("1790000000")
                && !is_time("ada")
                && !is_time("1 Ada")
        );
    }

    #[test]
    fn what_cannot_be_seen_is_printed_as_an_escape() {
        let printed =
            printed("[\"a\u{202e}b\u{200b}\u{e0041}\"]".as_bytes(), Personal::Shown).unwrap();

        assert_eq!(printed, "[\n  \"a\\u202eb\\u200b\\udb40\\udc41\"\n]");
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
