//! Seatkeeper: the gate between a SaaS product's customers' directories and its paid seats.
//!
//! - [`domain`]: the rules, pure; the only part that is compiled for the browser.
//! - `db`, `store`: one SQL text for SQLite and Postgres.
//! - `commands`: one file for each thing that changes something; each owns its transaction.
//!   `queries`: what each page shows.
//! - `scalekit`: Scalekit's signature, its API, and a simulator of it. `notify`: e-mails.
//! - `ingest`: the queue of deliveries. `jobs`: background work. `http`: routes that are not pages. `config`, `clock`, `telemetry`:
//!   settings, time and logs.
//! - `client_address`: the client's address of a request, also behind proxies.
//! - `metrics`, `health`: what operators see. `lease`: which process does a piece of work.
//!   `shares`: what one account may use at once. `state`: what all of them share.

pub mod domain;

#[cfg(feature = "server")]
pub mod client_address;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod commands;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod db;
#[cfg(feature = "server")]
pub mod health;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod ingest;
#[cfg(feature = "server")]
pub mod jobs;
#[cfg(feature = "server")]
pub mod lease;
#[cfg(feature = "server")]
pub mod metrics;
#[cfg(feature = "server")]
pub mod notify;
#[cfg(feature = "server")]
pub mod queries;
#[cfg(feature = "server")]
pub mod scalekit;
#[cfg(feature = "server")]
pub mod shares;
#[cfg(feature = "server")]
pub mod state;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
pub mod telemetry;
