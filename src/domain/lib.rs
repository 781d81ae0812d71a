//! The rules of the product and the types that they use. The code is pure: no I/O, no async, no
//! clock and no logging. It compiles to WebAssembly.

pub mod access;
pub mod alert;
pub mod body;
pub mod decision;
pub mod directory;
pub mod directory_user;
pub mod event;
pub mod id;
pub mod invariant;
pub mod moment;
pub mod organization;
#[cfg(test)]
#[path = "../tests/support/property.rs"]
mod property;
pub mod refusal;
pub mod resync;
pub mod roster;
pub mod seats;
pub mod session;
pub mod text;
pub mod time;
pub mod waitlist;
