//! Stories: the whole of Seatkeeper from outside, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on has failed")]

mod accounts;
mod addresses;
mod any_order;
mod bytes;
mod checks;
mod deadlocks;
mod faults;
mod groups;
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
mod replay_turns;
mod resyncs;
mod support;
mod webhooks;
