//! `cargo xtask …`: every task on this repository. Each command prints its steps, skips what is
//! already done, and ends with one sentence when it cannot continue.

mod bench;
mod browser;
mod bundle;
mod command;
mod css;
mod dev;
mod drill;
mod format;
mod fuzz;
mod interrupt;
mod lint;
mod memory;
mod port;
mod postgres;
mod prerequisites;
mod python_tool;
mod server;
mod site;
mod step;
mod suite;
mod wasm;

use anyhow::{Result, bail};
use std::{env, path::Path, process::ExitCode};

use crate::{server::Profile, step::Steps};

const HELP: &str = "\
cargo xtask demo [--release] [ARGS…]   build Seatkeeper and run its demonstration; Ctrl-C ends it
cargo xtask test                       install what the tests need, then lint and run all of them
cargo xtask test --lint                only the checks that run nothing: formats, spellings, clippy …
cargo xtask test --rust                only the Rust tests, on SQLite and on a private Postgres
cargo xtask test --browser [ARGS…]     only the browser tests; ARGS go to Playwright
cargo xtask e2e [ARGS…]                the same as `test --browser`
cargo xtask fmt                        format all sources: rustfmt, and leptosfmt for the views
cargo xtask dev [--watch]              build and run `seatkeeper serve`; with --watch again after every change
cargo xtask build [--release]          the browser bundle in target/site and the binary
cargo xtask bench                      measure a release build on both engines
cargo xtask bench --people             only the pages of an organization of 100,000 people
cargo xtask bench --product            only what the product behind the gate gets: access, events, imports
cargo xtask drill [--kills N]          kill it under load, in resyncs, and Postgres under it; is anything lost?
cargo xtask drill --outages N          only Postgres, N times
cargo xtask drill --sockets [--release] [--seconds N] [--people N]
                                       take thousands of connections, and stop it in the middle; is each delivery answered?
cargo xtask fuzz [--seconds N]         fuzz the signature verifier and the payload reader, ten minutes each
cargo xtask help                       this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match interrupt::listen().and_then(|()| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if interrupt::requested() => {
            eprintln!("stopped");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    if env::var_os(lint::AS_RUSTDOC).is_some() {
        return lint::as_rustdoc(arguments);
    }
    env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))?;
    let (verb, rest) =
        arguments.split_first().map_or(("help", &[][..]), |(verb, rest)| (verb.as_str(), rest));
    let mut steps = Steps::start();
    match verb {
        "demo" => dev::demo(&mut steps, rest),
        "dev" => dev::dev(&mut steps, rest),
        "test" => suite::test(&mut steps, rest),
        "e2e" => suite::browser(&mut steps, rest),
        "build" => server::build_all(&mut steps, Profile::from(&mut rest.to_vec())).map(|_| ()),
        "bench" => bench::bench(&mut steps, rest),
        "drill" => drill::drill(&mut steps, rest),
        "fmt" => format::format(&mut steps),
        "fuzz" => fuzz::fuzz(&mut steps, rest),
        "help" | "-h" | "--help" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => bail!("there is no `cargo xtask {unknown}`; these there are:\n\n{HELP}"),
    }
}
