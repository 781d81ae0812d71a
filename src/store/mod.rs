//! The SQL statements: one file for each table or page, one function for each task. Some tables are
//! written from several files.

pub mod account_links;
pub mod accounts;
pub mod alerts;
pub mod api_keys;
pub mod as_of;
pub mod attributes;
pub mod audit_log;
pub mod authenticator_apps;
pub mod bulk_replays;
mod columns;
pub mod dead_letters;
pub mod decisions;
pub mod deliveries;
pub mod delivery_history;
pub mod digests;
pub mod directories;
pub mod directory_users;
pub mod event_log;
pub mod extra_recipients;
pub mod factor_steps;
pub mod factors;
pub mod failing_channels;
pub mod former_addresses;
pub mod groups;
pub mod idempotency_keys;
pub mod identities;
pub mod identity_providers;
pub mod ignored_suggestions;
pub mod imports;
pub mod inspector;
pub mod invariants;
pub mod invitations;
pub mod jobs;
pub mod known_devices;
pub mod lease;
pub mod limit_decisions;
pub mod limit_ends;
pub mod limit_proposals;
pub mod membership_changes;
pub mod note_drafts;
pub mod organization_notes;
pub mod organization_seen;
pub mod organization_visits;
pub mod organizations;
pub mod outbox;
pub mod outgoing_events;
pub mod overview;
pub mod passkey_ceremonies;
pub mod passkeys;
pub mod person_history;
pub mod preferences;
pub mod reclaim;
pub mod recovery_codes;
pub mod resync_leftovers;
pub mod resync_listings;
pub mod resync_plans;
pub mod resyncs;
pub mod role_changes;
pub mod role_mappings;
pub mod room;
mod rows;
pub mod seat_history;
pub mod seat_requests;
pub mod session_views;
pub mod sessions;
pub mod settings;
pub mod sign_in_counters;
pub mod sign_on_flows;
pub mod system_alerts;
pub mod true_up;
pub mod usage_signals;
pub mod webhook_deliveries;
pub mod webhook_endpoints;
pub mod webhook_secrets;

pub use columns::Run;
use rows::{exactly, exactly_one};

use crate::domain::text::folded;

/// How many keys one statement lists.
const KEYS_AT_ONCE: usize = 1_024;
/// How many rows one statement writes. With 26 columns these are 13,312 values; SQLite takes at
/// most 32,766.
const ROWS_AT_ONCE: usize = 512;
/// How many rows with few columns one statement writes.
const SHORT_ROWS_AT_ONCE: usize = 1_024;

/// The search text as a `like` pattern: it matches anywhere, is folded as the search keys are, and
/// takes `%` and `_` literally.
pub fn search_pattern(search: &str) -> String {
    // A longer search text is cut; names are shorter.
    let search: String = search.trim().chars().take(200).collect();
    let escaped = folded(&search).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_taken_literally() {
        assert_eq!(search_pattern(" Ada_100% "), "%ada\\_100\\%%");
        assert_eq!(search_pattern("\0İstanbul\u{200b}"), "%istanbul%");
    }
}
