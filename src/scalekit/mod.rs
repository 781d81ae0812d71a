//! Everything about Scalekit: the signatures and the bodies of its webhooks, and a client of its
//! Directory API.

pub mod client;
pub mod payload;
pub mod signature;
