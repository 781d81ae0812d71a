//! Tests of the whole of Seatkeeper from outside, on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a story that cannot go on has failed"
)]

mod acceptance;
mod accounts;
mod admission;
mod alert_crashes;
mod alert_pages;
mod alerts;
mod any_order;
mod architecture;
mod archive;
mod as_of;
mod attributes;
mod audit;
mod audit_log;
mod backfill;
mod bench_places;
mod bulk_replay;
mod bursts;
mod by_hand;
mod bytes;
mod checks;
mod clock_steps;
mod convergence;
mod deadlocks;
mod deprovisioning;
mod digests;
mod documents;
mod emails;
mod exports;
mod factors;
mod failing_channels;
mod faults;
mod fresh_proof;
mod group_pages;
mod groups;
mod in_flight;
mod inconsistent_rows;
mod inspector;
mod invitations;
mod jobs;
mod keys;
mod late_deletions;
mod leases;
mod limit_ends;
mod limit_proposals;
mod limits;
mod mail;
mod members;
mod membership_changes;
mod openapi;
mod operations;
#[path = "../fuzz/oracles.rs"]
mod oracles;
mod organization_details;
mod outsiders;
mod overview;
mod owed;
mod own_account;
mod own_address;
mod password_reset;
mod people;
mod person;
#[path = "../benches/gate/place.rs"]
#[expect(dead_code, reason = "the benches' own; the stories use some of it")]
mod place;
mod placeholders;
mod pressure;
mod proposed_approvals;
mod races;
mod recipients;
mod reclaim;
mod replay;
mod replay_turns;
mod requests;
mod resync_confirmations;
mod resync_interruptions;
mod resync_pages;
mod resync_strangeness;
mod resync_trouble;
mod resync_waits;
mod resyncs;
mod revivals;
mod roles;
mod seat_history;
mod sessions;
mod settings;
mod sign_on;
mod sign_on_required;
mod sign_on_rules;
mod slack;
mod start;
mod support;
mod suppressed;
mod switcher;
mod text;
mod throttle;
mod true_up;
mod unreadable;
mod usage_signals;
mod view_as;
mod ways_out;
mod webhooks;
