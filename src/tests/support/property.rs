//! Property tests: each run has new cases. A failure prints the smallest input that fails, and the
//! seed that repeats the run.

use std::{
    env,
    hash::{BuildHasher, RandomState},
};

use proptest::test_runner::{Config, RngSeed};

/// This many cases. `PROPTEST_CASES` selects another number, and `PROPTEST_RNG_SEED` the cases of
/// an earlier run.
pub fn cases(number: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = number;
    }
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => fresh_seed(),
    };
    config.rng_seed = RngSeed::Fixed(seed);
    // The output of a test is shown only if the test fails.
    eprintln!("PROPTEST_RNG_SEED={seed} repeats these cases");
    config
}

/// A number that no other run has.
pub fn fresh_seed() -> u64 {
    RandomState::new().hash_one("seed") >> 1
}
