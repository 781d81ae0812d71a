//! `seatkeeper`: one binary that serves, demonstrates, and answers on the command line.

mod cli;

use std::process::ExitCode;

use clap::Parser;

/// Every delivery is many small pieces of memory, taken by one thread and given back by another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default(); // only ever refused because it is installed already
    match cli::run(cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            eprintln!("seatkeeper: {}", end.says);
            ExitCode::from(end.code)
        }
    }
}
