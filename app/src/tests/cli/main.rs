//! The command line as scripts use it: its output and its exit codes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod accounts;
mod alerts;
mod api_keys;
mod audit;
mod details;
mod exports;
mod groups;
mod imports;
mod invitations;
mod organizations;
mod people;
mod private;
mod proposals;
mod reclaim;
mod repairs;
mod requests;
mod setting;
mod settings;
mod simulator;
mod status;
mod support;
mod waitlist;
mod webhook_endpoints;
