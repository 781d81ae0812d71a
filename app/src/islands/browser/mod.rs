//! The browser's half of the islands.

pub(super) mod clipboard;
pub(super) mod follow;
pub(super) mod listen;
mod morph;
