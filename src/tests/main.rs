//! Stories: the whole of Seatkeeper from outside, on both engines.

mod house;
mod letters;
mod limits;
mod mail;
mod races;
mod support;
mod webhooks;
