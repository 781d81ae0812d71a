//! The outside company: is a delivery really theirs, what their Directory API says, and what they play when they are not here.

pub mod client;
pub mod signature;
pub mod simulator;
