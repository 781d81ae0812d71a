//! The seat rules, held against the sentences they were made from.

mod organization;
mod seats_and_line;
mod story;
mod table;
mod time;
