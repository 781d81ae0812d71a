//! How many deliveries the gate takes, beside what a team would have instead, all in one run on one machine:
//!
//! - *only verifies*: a handler that checks the signature and answers 200. Nobody can be faster.
//! - *one transaction per event*: what the public cookbook's handler does, on the same Postgres.
//! - *pgbench*: that same transaction alone, prepared, without HTTP.
//!
//! `cargo bench --bench gate` measures SQLite; with `GATE_POSTGRES_URL=postgres://…` (a server where databases may be made; they stay there)
//! Postgres too. `cargo xtask bench` does both. `GATE_SECONDS` is the length of one measurement, `GATE_PART` one of
//! `quick`, `growth` and `burst`, `GATE_ENGINE` the one engine to measure.

mod child;
mod parts;
mod pgbench;
mod place;
mod receivers;
mod table;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is wrong with a setting is said in a sentence, wherever it is found.
fn main() -> ExitCode {
    match run_bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_bench() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => parts::measure().await,
            [role, database] => receivers::serve(role, database).await,
            _ => bail!("cargo bench --bench gate takes no arguments; its settings are environment variables"),
        }
    })
}
