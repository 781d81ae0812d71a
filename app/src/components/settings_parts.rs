//! The parts of the settings of the installation, above each of their pages.

use leptos::prelude::*;

use super::segmented_links::{SegmentedLink, SegmentedLinks};
use crate::paths;

/// `here` is the path of the page.
#[component]
pub fn SettingsParts(here: &'static str) -> impl IntoView {
    let part = |(word, path): (&'static str, &'static str)| SegmentedLink {
        word,
        count: None,
        href: path.to_owned(),
        chosen: path == here,
    };
    let parts = [
        ("General", paths::INSTALLATION_SETTINGS),
        ("Staff accounts", paths::STAFF_ACCOUNTS),
        ("API keys", paths::API_KEYS),
        ("Webhook endpoints", paths::WEBHOOK_ENDPOINTS),
    ];
    view! {
        <div class="filters">
            <SegmentedLinks
                label="Parts of the settings"
                choices=parts.into_iter().map(part).collect()
            />
        </div>
    }
}
