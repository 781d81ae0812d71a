//! `seatkeeper serve` as a separate process, tested over HTTP: access rights, headers, and the log.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod account_links;
mod api;
mod assets;
mod connections;
mod doors;
mod exports;
mod forms;
mod headers;
mod hostile;
mod identity;
mod invitations;
mod live;
mod logs;
mod mail;
mod names;
mod notes;
mod proxies;
mod reclaim;
mod support;
mod uploads;
mod view_as;
