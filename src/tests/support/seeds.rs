//! The seeds of a test with random histories: a few by default, more on request, or one that
//! failed.

use std::{env, ops::Range};

use super::property::fresh_seed;

/// `MODEL_HISTORIES=500` sets the number of seeds, `MODEL_SEED=7` selects one of them.
pub fn seeds(usual: u64) -> Range<u64> {
    let asked = |name: &str| env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    match asked("MODEL_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..asked("MODEL_HISTORIES").unwrap_or(usual) + 1,
    }
}

/// Seeds that no other run has. `MODEL_HISTORIES` and `MODEL_SEED` mean the same.
pub fn fresh_seeds(usual: u64) -> Vec<u64> {
    let is_chosen = env::var_os("MODEL_SEED").is_some();
    seeds(usual).map(|seed| if is_chosen { seed } else { fresh_seed() }).collect()
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
