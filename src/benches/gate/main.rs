//! How many deliveries Seatkeeper accepts, compared with what a team would have instead, all in one
//! run on one machine:
//!
//! - *only verifies*: a handler that checks the signature and answers 200. No receiver can be
//!   faster.
//! - *one transaction per event*: what the public cookbook's handler does, on the same PostgreSQL.
//! - *pgbench*: the same transaction alone, prepared, without HTTP.
//!
//! `cargo bench --bench gate` measures SQLite; with `GATE_POSTGRES_URL=postgres://…` it measures
//! PostgreSQL too. That server must allow new databases, and they stay there. `cargo xtask bench`
//! does both. `GATE_SECONDS` is the length of one measurement, `GATE_PART` is `quick`, `growth`,
//! `burst` or `sign-ins`, and `GATE_ENGINE` is the only engine to measure.

mod child;
mod parts;
mod pgbench;
mod place;
mod receivers;
mod sign_ins;
mod table;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// The allocator of the `seatkeeper` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Each error becomes one message, wherever it is found.
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
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => parts::measure().await,
            [role, database] => receivers::serve(role, database).await,
            _ => bail!("cargo bench --bench gate takes no arguments; its settings are environment variables"),
        }
    })
}
