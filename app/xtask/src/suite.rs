//! `cargo xtask test`: from a fresh machine to all tests passed.

use anyhow::{Result, bail};
use std::{env, path::Path, thread};

use crate::{
    browser, bundle,
    command::{cargo, cargo_tool, run},
    drill, format, lint, memory,
    postgres::Postgres,
    prerequisites,
    python_tool::{NEXTEST, STANDARD_WEBHOOKS},
    server::{self, PACKAGES, Profile},
    step::Steps,
    wasm,
};

/// The programs that the Rust tests and the browser tests start.
const ALL_PROGRAMS: [&prerequisites::Program; 5] = [
    &prerequisites::CHROMIUM,
    &prerequisites::POSTGRES,
    &prerequisites::NPM,
    &prerequisites::NGINX,
    &prerequisites::HAPROXY,
];

/// How often PostgreSQL is killed here; `cargo xtask drill` kills it more often.
const OUTAGES: u32 = 2;

pub fn test(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let outcome = match arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        None => everything(steps),
        Some(("--lint", [])) => lints(steps),
        Some(("--rust", [])) => rust(steps),
        Some(("--browser", rest)) => return browser(steps, rest),
        Some(_) => bail!("`cargo xtask test` knows --lint, --rust and --browser, one at a time"),
    };
    steps.summary();
    outcome
}

pub fn browser(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let outcome = only_browser(steps, arguments);
    steps.summary();
    outcome
}

fn everything(steps: &mut Steps) -> Result<()> {
    steps.run("rustfmt and clippy", prerequisites::prepare_lints)?;
    steps.run("wasm target", wasm::prepare)?;
    steps.run("installed programs", || prerequisites::prepare(&ALL_PROGRAMS))?;
    steps.run("npm packages", browser::install)?;
    format::check(steps)?;
    lint::spelling(steps)?;
    lint::api_document(steps)?;
    steps.run("generated client and types of the browser tests", browser::types)?;
    lint::dependencies(steps)?;
    // The tests request the files that the pages name.
    steps.run("browser bundle", || bundle::build(Profile::Checked))?;
    // Each warning of Clippy is an error from here on, also in the benchmarks, which nothing runs.
    steps.run("server and tests", || {
        let all = ["test", "--no-run", "--all-targets"];
        run(Profile::Checked.compile_by(cargo(all).args(PACKAGES)))
    })?;
    let postgres = steps.run("private Postgres", Postgres::start)?;
    rust_tests(steps, &postgres)?;
    browser_tests(steps, &postgres, &[])?;
    steps.run("stopping Postgres", || postgres.stop())
}

fn lints(steps: &mut Steps) -> Result<()> {
    steps.run("rustfmt and clippy", prerequisites::prepare_lints)?;
    steps.run("wasm target", wasm::prepare)?;
    format::check(steps)?;
    lint::spelling(steps)?;
    lint::dependencies(steps)?;
    lint::clippy(steps)?;
    lint::documentation(steps)
}

fn rust(steps: &mut Steps) -> Result<()> {
    steps.run("wasm target", wasm::prepare)?;
    steps.run("installed programs", || {
        prerequisites::prepare(&[
            &prerequisites::POSTGRES,
            &prerequisites::NGINX,
            &prerequisites::HAPROXY,
        ])
    })?;
    // The tests request the files that the pages name.
    steps.run("browser bundle", || bundle::build(Profile::Checked))?;
    let postgres = steps.run("private Postgres", Postgres::start)?;
    rust_tests(steps, &postgres)?;
    steps.run("stopping Postgres", || postgres.stop())
}

fn only_browser(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    steps.run("wasm target", wasm::prepare)?;
    steps.run("installed programs", || prerequisites::prepare(&ALL_PROGRAMS))?;
    steps.run("npm packages", browser::install)?;
    steps.run("generated client and types of the browser tests", browser::types)?;
    steps.run("browser bundle", || bundle::build(Profile::Checked))?;
    let postgres = steps.run("private Postgres", Postgres::start)?;
    browser_tests(steps, &postgres, arguments)?;
    steps.run("stopping Postgres", || postgres.stop())
}

fn rust_tests(steps: &mut Steps, postgres: &Postgres) -> Result<()> {
    let nextest = steps.run("cargo-nextest", || NEXTEST.prepare())?;
    steps.run("Rust tests, on SQLite and Postgres", || {
        let mut tests = match &nextest {
            Some(program) => {
                let mut nextest = cargo_tool(program, ["nextest", "run"]);
                nextest.arg("--test-threads").arg(test_threads().to_string());
                nextest
            }
            None => cargo(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]),
        };
        run(Profile::Checked
            .compile_by(tests.args(PACKAGES))
            .env("TEST_POSTGRES_URL", postgres.url())
            .env("TMPDIR", memory::folder().map_or_else(env::temp_dir, Path::to_path_buf)))
    })?;
    lint::documentation_and_examples(steps, Profile::Checked)?;
    steps.run("build tool and its tests", || {
        run(Profile::Checked.compile_by(&mut cargo(["test", "--package", "xtask"])))
    })?;
    steps.run("server", || server::build(Profile::Checked))?;
    steps.run("killing Postgres under load", || drill::outages(OUTAGES))
}

fn browser_tests(steps: &mut Steps, postgres: &Postgres, arguments: &[String]) -> Result<()> {
    steps.run("server", || server::build(Profile::Checked))?;
    let python = steps.run("standardwebhooks for Python", || STANDARD_WEBHOOKS.prepare())?;
    steps
        .run("browser tests, on SQLite and Postgres", || browser::test(postgres, python, arguments))
}

/// Most stories wait for Postgres more than half of the time, so two of them share a core.
fn test_threads() -> usize {
    thread::available_parallelism().map_or(4, |cores| 2 * cores.get())
}
