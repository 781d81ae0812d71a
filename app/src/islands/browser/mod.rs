//! The browser's half of the islands.

pub(super) mod clipboard;
mod cover;
pub(super) mod follow;
pub(super) mod listen;
mod morph;
