//! `seatkeeper`: one binary with the server, the demo and the other commands.

mod cli;

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use domain::text::lines;

/// A delivery allocates many small pieces of memory on one thread and frees them on another;
/// mimalloc is fast at this.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the process waits at its end for blocking work that cannot be cancelled (a DNS lookup,
/// a password hash).
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
    // This fails only if a provider is installed already
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli::run(cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            // the message may contain text from outside, which could control a terminal
            eprintln!("seatkeeper: {}", lines(&end.says));
            ExitCode::from(end.code)
        }
    }
}
