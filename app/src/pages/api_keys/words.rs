//! The words of the pages of API keys.

use domain::{api_key::KeyScope, id::OrganizationId, text::ExternalText};
use leptos::prelude::*;

use crate::{components::words::words, paths};

/// What a key may do: `Read and write, import`.
pub(super) fn may(scopes: &[KeyScope]) -> &'static str {
    let has = |scope| scopes.contains(&scope);
    match (has(KeyScope::Read), has(KeyScope::Write), has(KeyScope::Import)) {
        (_, true, true) => "Read and write, import",
        (_, true, false) => "Read and write",
        (true, false, true) => "Read, import",
        (true, false, false) => "Read",
        (false, false, true) => "Import",
        (false, false, false) => "Nothing",
    }
}

/// How far a key reaches.
pub(super) fn reaches(organization: Option<(OrganizationId, ExternalText)>) -> AnyView {
    match organization {
        Some((id, name)) => view! { <a href=paths::organization(&id)>{words(name)}</a> }.into_any(),
        None => "All organizations".into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_writes_says_that_it_reads() {
        use KeyScope::{Import, Read, Write};

        for (scopes, says) in [
            (&[Read][..], "Read"),
            (&[Write], "Read and write"),
            (&[Read, Write, Import], "Read and write, import"),
            (&[Read, Import], "Read, import"),
            (&[Import], "Import"),
        ] {
            assert_eq!(may(scopes), says);
        }
    }
}
