//! Seatkeeper: the gate between a SaaS product's customers' directories and its paid seats.
//!
//! - [`domain`]: the rules, pure; the only part the browser's build sees.
//! - `db`, `store`: one SQL text for SQLite and Postgres.
//! - `acts`: one file per thing that can happen; each owns its transaction. `reads`: what each page shows.
//! - `scalekit`: the outside company: its signature, its API, a simulator of it. `notify`: letters.
//! - `work`: what happens later. `http`: routes that are not pages. `config`, `clock`, `telemetry`: the rest of the world.
//! - `client_address`: where a request comes from, also behind proxies.
//! - `metrics`, `pulse`: how those see it who keep it running. `shares`: what one account may use of it at once.

pub mod domain;

#[cfg(feature = "server")]
pub mod acts;
#[cfg(feature = "server")]
pub mod client_address;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod db;
#[cfg(feature = "server")]
pub mod desk;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod lease;
#[cfg(feature = "server")]
pub mod metrics;
#[cfg(feature = "server")]
pub mod notify;
#[cfg(feature = "server")]
pub mod pulse;
#[cfg(feature = "server")]
pub mod reads;
#[cfg(feature = "server")]
pub mod scalekit;
#[cfg(feature = "server")]
pub mod shares;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
pub mod telemetry;
#[cfg(feature = "server")]
pub mod work;
