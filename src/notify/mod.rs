//! What leaves for people: [`letters`] say it.

pub mod letters;
