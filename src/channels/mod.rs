//! The ways on which messages leave Seatkeeper.

pub mod email;
