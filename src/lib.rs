//! Seatkeeper: the gate between a SaaS product's customers' directories and its paid seats.
//!
//! - [`domain`]: the rules, pure. [`views`]: what pages show, as plain types. Both are crates of
//!   their own, and are compiled for the browser, too.
//! - `db`, `store`: one SQL text for SQLite and Postgres.
//! - `commands`: one file for each thing that changes something; each owns its transaction.
//!   `queries`: what each page shows.
//! - `scalekit`: the signature and the body of a webhook, and Scalekit's API. `channels`: the ways
//!   on which messages leave.
//! - `oidc`: a client of identity providers, for single sign-on.
//! - `ingest`: the queue of deliveries. `jobs`: background work. `http`: routes that are not pages.
//!   `config`, `clock`, `telemetry`: settings, time and logs.
//! - `client_address`: the client's address of a request, also behind proxies.
//! - `metrics`, `health`: what operators see. `lease`: which process does a piece of work.
//!   `shares`: what one account may use at once. `joint_reads`: reads that requests share.
//!   `throttle`: sign-ins that failed lately. `hashing`: the threads that hash passwords. `state`:
//!   what all of them share.

pub use domain;
pub use views;

pub mod channels;
pub mod client_address;
pub mod clock;
pub mod commands;
pub mod config;
pub mod db;
mod hashing;
pub mod health;
pub mod http;
pub mod ingest;
pub mod jobs;
pub mod joint_reads;
pub mod lease;
pub mod metrics;
pub mod oidc;

#[cfg(test)]
#[path = "tests/support/property.rs"]
mod property;
pub mod queries;
pub mod scalekit;
pub mod shares;
pub mod state;
mod store;
pub mod telemetry;
pub mod throttle;
