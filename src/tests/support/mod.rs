//! What several tests share.

pub mod history;
pub mod mail;
pub mod scalekit;
pub mod seeds;
pub mod smtp;
pub mod world;
