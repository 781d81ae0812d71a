//! The part of the islands that needs a browser.

pub(super) mod chart_reader;
pub(super) mod clipboard;
mod cover;
pub(super) mod follow;
mod link;
pub(super) mod listen;
pub(super) mod morph;
mod order;
pub(super) mod saving;
pub(super) mod selection;
pub(super) mod switcher;
pub(super) mod times;
