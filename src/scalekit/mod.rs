//! Everything about Scalekit: the signatures of its webhooks, a client of its Directory API, and a
//! simulator of both.

pub mod client;
pub mod signature;
