//! `seatkeeper serve` as a process of its own, asked over HTTP: who may see what, what is around every answer, what is logged.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod assets;
mod connections;
mod doors;
mod forms;
mod headers;
mod hostile;
mod live;
mod logs;
mod mail;
mod proxies;
mod support;
