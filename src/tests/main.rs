//! Stories: the whole of Seatkeeper from outside, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on has failed")]

mod checks;
mod house;
mod letters;
mod limits;
mod mail;
mod operations;
mod races;
mod readme;
mod support;
mod webhooks;
