//! The seat rules, compared with their specification.

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
