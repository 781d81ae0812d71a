//! One batch of the intake lane, as those see it who look whether all is well.

use super::intake::Answer;
use crate::{clock::Stopwatch, desk::Desk};

/// Under way until it is dropped.
#[derive(Debug)]
pub struct Batch<'a> {
    desk: &'a Desk,
    number: u64,
    began: Stopwatch,
}

impl<'a> Batch<'a> {
    pub fn begins(desk: &'a Desk) -> Self {
        Self { desk, number: desk.pulse.batch_begins(desk.clock.monotonic()), began: Stopwatch::start() }
    }

    pub fn ends(self, answers: &[Answer]) {
        let outcomes = answers.iter().filter_map(|answer| match answer {
            Answer::Taken(outcome) => Some(*outcome),
            Answer::Later => None,
        });
        self.desk.metrics.batch(outcomes, self.began.elapsed());
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.desk.pulse.batch_ends(self.number);
    }
}
