//! What stories need around them.

pub mod mail;
pub mod scalekit;
pub mod smtp;
pub mod world;
