//! The seeds of a test with random histories: a few by default, more on request, or one that
//! failed.

use std::{env, ops::Range};

/// `MODEL_HISTORIES=500` sets the number of seeds, `MODEL_SEED=7` selects one of them.
pub fn seeds(usual: u64) -> Range<u64> {
    let asked = |name: &str| env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    match asked("MODEL_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..asked("MODEL_HISTORIES").unwrap_or(usual) + 1,
    }
}

/// Prints the seed of a history that fails.
pub struct Named(pub u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("MODEL_SEED={} repeats this history", self.0);
        }
    }
}
