//! The Playwright tests in `end2end/`.

use anyhow::{Context, Result};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    command::{run, run_quietly},
    postgres::Postgres,
    prerequisites,
    server::{self, Profile},
};

const STAMP: &str = "end2end/node_modules/.installed-from";

/// Installs the npm packages if the lock file has changed since the last time.
pub fn install() -> Result<()> {
    let lock = fs::read("end2end/package-lock.json")
        .context("end2end/package-lock.json cannot be read")?;
    if fs::read(STAMP).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir("end2end")
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run(&mut npm)?;
    Ok(fs::write(STAMP, lock)?)
}

/// The client of the API is generated from its document, and all tests are compiled against it.
pub fn types() -> Result<()> {
    run(Command::new("npm").args(["run", "--silent", "types"]).current_dir("end2end"))
}

/// `python` has a library that verifies webhooks, too.
pub fn test(postgres: &Postgres, python: Option<PathBuf>, arguments: &[String]) -> Result<()> {
    let here = env::current_dir()?;
    let chromium = prerequisites::chromium().context("there is no Chromium to test with")?;
    // The tests' servers make their own databases with the psql of this PostgreSQL.
    let path = env::join_paths(
        [postgres.programs().to_path_buf()]
            .into_iter()
            .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    )?;
    let mut playwright = Command::new("node");
    playwright
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .args(arguments)
        .current_dir("end2end")
        .env("PATH", path)
        .env("CHROMIUM", chromium)
        .env("SEATKEEPER_BINARY", here.join(server::binary(Profile::Dev)))
        .env("TEST_POSTGRES_URL", postgres.url())
        .envs(python.map(|python| ("STANDARDWEBHOOKS_PYTHON", python)));
    run(&mut playwright)
}

/// The oldest major version of Node.js that the browser tests work with.
const NODE: u32 = 20;

pub fn check_node() -> Result<()> {
    let printed = run_quietly(Command::new("node").arg("--version"))?;
    let major = Path::new(printed.trim())
        .to_string_lossy()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    anyhow::ensure!(
        major.is_some_and(|major: u32| major >= NODE),
        "the browser tests need Node.js {NODE} or newer; here is {}",
        printed.trim()
    );
    Ok(())
}
