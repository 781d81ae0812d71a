//! `seatkeeper`: one binary that serves, demonstrates, and answers on the command line.

mod cli;

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use seatkeeper::domain::text::lines;

/// Every delivery is many small pieces of memory, taken by one thread and given back by another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What no future can end (a name looked up, a password hashed) is waited for so long when the process ends.
const STUCK: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("seatkeeper: it cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run());
    runtime.shutdown_timeout(STUCK);
    code
}

async fn run() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default(); // only ever refused because it is installed already
    match cli::run(cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            // it may repeat words from outside, which could steer a terminal
            eprintln!("seatkeeper: {}", lines(&end.says));
            ExitCode::from(end.code)
        }
    }
}
