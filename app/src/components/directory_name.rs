//! The usual name of a directory's provider.

use domain::{directory::provider_name, text::ExternalText};

pub fn directory_name(provider: &ExternalText) -> String {
    provider_name(provider.as_str()).map_or_else(|| provider.to_string(), str::to_owned)
}
