//! Paths with their query, and paths from outside.

use super::encoded;
use crate::query::Parameters;

pub fn with_parameters(path: &str, parameters: &impl Parameters) -> String {
    let fields = parameters.written();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    with_query(path, &fields)
}

/// Returns `path?a=1&b=2`, without the fields that are empty.
pub fn with_query(path: &str, fields: &[(&str, &str)]) -> String {
    let query: Vec<_> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// Returns `next` if it is a path on this site, so that a sign-in cannot lead to another site.
pub fn local_path(next: &str) -> Option<&str> {
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '#'])
        && next.len() <= 2_000;
    let plain = next.chars().all(|c| c.is_ascii_graphic());
    (local && plain && !next.starts_with("/sign-in") && !next.starts_with("/api/")).then_some(next)
}
