//! The seat rules, compared with their specification.

mod any_order;
mod as_of;
mod by_hand;
mod exhaustive;
mod facts;
mod groups_first;
mod histories;
mod merging;
mod model;
mod organization;
mod partial;
mod random;
mod reference;
mod seats_and_line;
mod story;
mod table;
mod time;
