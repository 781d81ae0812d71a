//! The texts of values that several settings share.

use std::time::Duration;

use super::{DAY, NONE, SettingKind};
use crate::role::RoleName;

/// A number of days, or the word for none.
pub(super) fn days(span: Option<Duration>, none: &str) -> String {
    span.map_or_else(|| none.to_owned(), |span| (span.as_secs() / DAY.as_secs()).to_string())
}

pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

pub(super) fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

/// The names of a list, in order and without duplicates. “none” is no name.
pub(super) fn role_names(text: &str) -> Option<Vec<RoleName>> {
    let names = text.split(',').map(|name| RoleName::parse(name.trim()));
    let mut names = names.collect::<Option<Vec<_>>>()?;
    names.sort();
    names.dedup();
    let is_word = names.iter().any(|name| name.as_str() == NONE);
    (names.len() <= RoleName::MOST && !is_word).then_some(names)
}

pub(super) fn number(text: &str, kind: SettingKind) -> Option<u32> {
    let (SettingKind::Number { least, most } | SettingKind::NumberOr { least, most, .. }) = kind
    else {
        return None;
    };
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_digits && (least..=most).contains(number))
}
