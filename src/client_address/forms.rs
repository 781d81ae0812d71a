//! The forms in which proxies write addresses, each read from the right. `None` stands for a word
//! that is no address: `unknown`, an obfuscated name, or garbage.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header::FORWARDED};

use super::X_FORWARDED_FOR;

/// `203.0.113.9, [2001:db8::1]:443`, over any number of lines.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> + use<> {
    let lines = lines(headers, &X_FORWARDED_FOR);
    lines.flat_map(|line| {
        let words: Vec<_> =
            line.split(',').map(str::trim).filter(|word| !word.is_empty()).map(address).collect();
        words.into_iter().rev()
    })
}

/// RFC 7239: `for=192.0.2.43;proto=https, for="[2001:db8::1]:4711"`, over any number of lines.
pub(super) fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> + use<> {
    let lines = lines(headers, &FORWARDED);
    lines.flat_map(|line| {
        // In a line with an open quotation mark the elements cannot be separated.
        let elements = elements(&line).unwrap_or_else(|| vec![None]);
        elements.into_iter().rev()
    })
}

fn lines(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> + use<> {
    let lines = headers
        .get_all(name)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    lines.collect::<Vec<_>>().into_iter().rev()
}

/// `192.0.2.43`, `192.0.2.43:80`, `2001:db8::1`, `fe80::1%eth0`, `[2001:db8::1]`,
/// `[2001:db8::1]:80`.
pub(super) fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim();
    let word = word.strip_prefix('"').map_or(Some(word), |rest| rest.strip_suffix('"'))?;
    let found = if let Some(rest) = word.strip_prefix('[') {
        let (inside, after) = rest.split_once(']')?;
        let is_whole = after.is_empty() || after.strip_prefix(':').is_some_and(is_port);
        ipv6(inside).filter(|_| is_whole).map(IpAddr::V6)
    } else if let Some((v4, port)) = word.split_once(':').filter(|(_, rest)| !rest.contains(':')) {
        v4.parse().ok().filter(|_| is_port(port)).map(IpAddr::V4)
    } else if word.contains(':') {
        ipv6(word).map(IpAddr::V6)
    } else {
        word.parse().ok().map(IpAddr::V4)
    };
    found.map(|address| address.to_canonical())
}

/// An IPv6 address with or without a zone; a zone means something on the proxy's own machine only.
fn ipv6(word: &str) -> Option<Ipv6Addr> {
    let (address, zone) =
        word.split_once('%').map_or((word, None), |(address, zone)| (address, Some(zone)));
    let is_zone =
        |zone: &str| !zone.is_empty() && zone.bytes().all(|byte| is_name(byte) || byte == b'%');
    if zone.is_none_or(is_zone) { address.parse().ok() } else { None }
}

/// A number, or an obfuscated name.
fn is_port(port: &str) -> bool {
    match port.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(is_name),
        None => {
            port.len() <= 5
                && port.bytes().all(|byte| byte.is_ascii_digit())
                && port.parse::<u16>().is_ok()
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-~".contains(&byte)
}

/// The `for` of each element, from left to right; `None` if the line does not follow the grammar.
fn elements(line: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut elements = Vec::new();
    for element in split(line, ',')? {
        let mut named = Vec::new();
        for pair in split(element, ';')? {
            let (name, value) = pair.split_once('=')?;
            if name.trim().eq_ignore_ascii_case("for") {
                named.push(unquoted(value.trim())?);
            } else {
                unquoted(value.trim())?;
            }
        }
        match named.as_slice() {
            [one] => elements.push(address(one)),
            _ => elements.push(None),
        }
    }
    Some(elements)
}

/// The parts between `mark`s outside quotation marks, without empty parts; `None` if a quotation
/// mark stays open.
fn split(text: &str, mark: char) -> Option<Vec<&str>> {
    let (mut parts, mut from, mut in_quotes, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            _ if c == mark && !in_quotes => {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts.retain(|part| !part.is_empty());
    (!in_quotes).then_some(parts)
}

/// A token as it is, or a quoted string without its marks; `None` if the marks are in the middle.
fn unquoted(value: &str) -> Option<String> {
    let Some(rest) = value.strip_prefix('"') else {
        return (!value.contains('"')).then(|| value.to_owned());
    };
    let inside = rest.strip_suffix('"')?;
    let (mut text, mut escaped) = (String::new(), false);
    for c in inside.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return None,
            _ => {
                text.push(c);
                escaped = false;
            }
        }
    }
    (!escaped).then_some(text)
}
