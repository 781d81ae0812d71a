//! The SQL statements: one file for each table or page, one function for each task. Some tables are
//! written from several files.

pub mod accounts;
pub mod alerts;
pub mod audit_log;
pub mod bulk_replays;
mod columns;
pub mod dead_letters;
pub mod decisions;
pub mod deliveries;
pub mod delivery_history;
pub mod directories;
pub mod directory_users;
pub mod event_log;
pub mod former_addresses;
pub mod groups;
pub mod inspector;
pub mod invariants;
pub mod jobs;
pub mod known_devices;
pub mod lease;
pub mod organization_seen;
pub mod organizations;
pub mod outbox;
pub mod overview;
pub mod resync_leftovers;
pub mod resync_listings;
pub mod resync_plans;
pub mod resyncs;
pub mod room;
pub mod sessions;
pub mod sign_in_counters;
pub mod system_alerts;

pub use columns::Run;

/// Checks that a statement has changed exactly one row.
pub fn exactly_one(hit: u64) -> sqlx::Result<()> {
    if hit == 1 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}
