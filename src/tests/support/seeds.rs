//! Which histories a story goes through: a few as a rule, more for whoever asks, and the one that failed.

use std::{env, ops::Range};

/// `MODEL_HISTORIES=500` for more than usual, `MODEL_SEED=7` for one alone.
pub fn seeds(usual: u64) -> Range<u64> {
    let asked = |name: &str| env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    match asked("MODEL_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..asked("MODEL_HISTORIES").unwrap_or(usual) + 1,
    }
}

/// Says which history failed.
pub struct Named(pub u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("MODEL_SEED={} repeats this history", self.0);
        }
    }
}
