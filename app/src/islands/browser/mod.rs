//! The browser's half of the islands.

pub(super) mod clipboard;
mod cover;
pub(super) mod follow;
mod link;
pub(super) mod listen;
mod morph;
