//! The seat rules, held against the sentences they were made from.

mod any_order;
mod histories;
mod merging;
mod model;
mod organization;
mod partial;
mod random;
mod seats_and_line;
mod story;
mod table;
mod time;
