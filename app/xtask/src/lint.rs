//! Clippy (every warning is an error here) and the checks of cargo-deny.

use anyhow::Result;

use crate::{
    bundle,
    command::{cargo, run},
    deny,
    server::PACKAGES,
    step::Steps,
    wasm::TARGET,
};

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
    steps.run("clippy: the browser's half", || run(cargo(browser).args(strict)))?;
    match steps.run("cargo-deny", deny::prepare)? {
        Some(program) => steps.run("licences, banned crates and sources", || deny::check(&program)),
        None => Ok(()),
    }
}
