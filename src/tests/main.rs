//! Stories: the whole of Seatkeeper from outside, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on has failed")]

mod accounts;
mod any_order;
mod bytes;
mod checks;
mod convergence;
mod deadlocks;
mod faults;
mod gaps;
mod groups;
mod house;
mod inspector;
#[path = "../fuzz/judges.rs"]
mod judges;
mod leaving;
mod letters;
mod limits;
mod mail;
mod openapi;
mod operations;
mod races;
mod readme;
mod replay;
mod replay_turns;
mod resync_pages;
mod resync_trouble;
mod resyncs;
mod storms;
mod support;
mod unsettled;
mod webhooks;
