//! Formats the body of a webhook for readers. The body is indented and otherwise unchanged (order
//! of fields, digits of numbers). Personal data are hidden unless the reader asked for them.

mod harmless;
#[cfg(test)]
mod tests;

pub use harmless::{is_kind, is_made_id};
use serde::de::IgnoredAny;

use self::harmless::{CONTAINERS, Key, is_harmless, is_known, unquoted};
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
