//! Plays Scalekit.
