//! The outside company: is a delivery really theirs, and what they play when they are not here.

pub mod signature;
pub mod simulator;
