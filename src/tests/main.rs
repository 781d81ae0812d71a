//! Stories: the whole of Seatkeeper from outside, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on has failed")]

mod any_order;
mod bytes;
mod checks;
mod deadlocks;
mod faults;
mod house;
mod inspector;
#[path = "../fuzz/judges.rs"]
mod judges;
mod letters;
mod limits;
mod mail;
mod operations;
mod races;
mod readme;
mod replay;
mod resync_pages;
mod resyncs;
mod support;
mod webhooks;
