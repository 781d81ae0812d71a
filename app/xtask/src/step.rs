//! The steps of a command, how long each takes, and a table of them at the end.

use anyhow::{Context, Result};
use std::time::{Duration, Instant};

use crate::interrupt;

pub struct Steps {
    done: Vec<(String, Duration)>,
    started: Instant,
}

impl Steps {
    pub fn start() -> Self {
        Self { done: Vec::new(), started: now() }
    }

    /// Runs one step, and prints a line before and after it.
    pub fn run<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        interrupt::check()?;
        println!("▸ {name}");
        let started = now();
        let result = work();
        let took = now() - started;
        let mark = if result.is_ok() { '✓' } else { '✗' };
        println!("{mark} {name} … {}", seconds(took));
        self.done.push((name.to_owned(), took));
        result.with_context(|| format!("{name} failed"))
    }

    pub fn summary(&self) {
        let total = ("all of it".to_owned(), now() - self.started);
        let width = self
            .done
            .iter()
            .chain([&total])
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        println!();
        for (name, took) in self.done.iter().chain([&total]) {
            println!("{name:width$}  {:>9}", seconds(*took));
        }
    }
}

pub fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build tool times its own work; the product takes `now` as a parameter"
)]
pub fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_named_in_the_error() {
        let mut steps = Steps::start();

        let failed =
            steps.run("the impossible", || anyhow::bail!("it cannot be done") as Result<()>);

        assert_eq!(
            format!("{:#}", failed.unwrap_err()),
            "the impossible failed: it cannot be done"
        );
    }

    #[test]
    fn seconds_have_one_decimal() {
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
    }
}
