//! Stories: the whole of Seatkeeper from outside, on both engines.

mod letters;
mod limits;
mod races;
mod support;
mod webhooks;
