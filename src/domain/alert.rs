//! When a condition begins and when it is over.
