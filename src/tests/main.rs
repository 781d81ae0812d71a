//! Stories: the whole of Seatkeeper from outside, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on has failed")]

mod any_order;
mod bytes;
mod deadlocks;
mod faults;
mod house;
#[path = "../fuzz/judges.rs"]
mod judges;
mod letters;
mod limits;
mod mail;
mod races;
mod readme;
mod support;
mod webhooks;
