//! What several tests share.

pub mod authenticator;
mod databases;
pub mod history;
pub mod identity_provider;
pub mod lists;
pub mod mail;
mod messages;
pub mod product;
pub mod property;
pub mod scalekit;
mod seat_history;
pub mod seeds;
mod sessions;
pub mod sign_on;
pub mod smtp;
pub mod tables;
pub mod verbs;
pub mod world;
