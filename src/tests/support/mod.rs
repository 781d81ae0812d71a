//! What stories need around them.

pub mod history;
pub mod mail;
pub mod smtp;
pub mod world;
