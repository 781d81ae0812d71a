//! One batch of the ingest queue, as health checks and metrics see it.

use super::Answer;
use crate::{clock::Stopwatch, state::AppState};

/// The batch counts as in flight until this value is dropped.
#[derive(Debug)]
pub struct Batch<'a> {
    state: &'a AppState,
    number: u64,
    began: Stopwatch,
}

impl<'a> Batch<'a> {
    pub fn begins(state: &'a AppState) -> Self {
        Self {
            state,
            number: state.health.batch_begins(state.clock.monotonic()),
            began: Stopwatch::start(),
        }
    }

    pub fn ends(self, answers: &[Answer]) {
        let outcomes = answers.iter().filter_map(|answer| match answer {
            Answer::Taken(outcome) => Some(*outcome),
            Answer::Later => None,
        });
        self.state.metrics.batch(outcomes, self.began.elapsed());
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.state.health.batch_ends(self.number);
    }
}
