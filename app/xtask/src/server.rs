//! Builds and runs the `seatkeeper` binary.

use anyhow::Result;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    bundle,
    command::{cargo, run},
    step::Steps,
    wasm,
};

pub const NAME: &str = "seatkeeper";

/// The server's packages. Never `--workspace`: cargo would unify features with the browser's crate
/// and compile the server for the browser too. Every command names the same packages, so that they
/// share the compiled crates.
pub const PACKAGES: [&str; 12] = [
    "--package",
    "domain",
    "--package",
    "views",
    "--package",
    "seatkeeper",
    "--package",
    "simulator",
    "--package",
    "app",
    "--features",
    "app/ssr",
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    Dev,
    /// As `Dev`, and what Clippy warns of does not compile.
    Checked,
    Release,
}

impl Profile {
    /// Removes `--release` from the arguments; the caller uses the others.
    pub fn from(arguments: &mut Vec<String>) -> Self {
        let given = arguments.len();
        arguments.retain(|argument| argument != "--release");
        if arguments.len() < given { Self::Release } else { Self::Dev }
    }

    /// Clippy's driver is a whole compiler: with it in rustc's place the lints take no compilation
    /// of their own, which would be nine minutes on two slow cores.
    pub fn compile_by(self, cargo: &mut Command) -> &mut Command {
        match self {
            Self::Checked => cargo
                .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
                .env("CLIPPY_ARGS", "--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__"),
            Self::Dev | Self::Release => cargo,
        }
    }

    pub fn folder(self) -> &'static str {
        match self {
            Self::Dev | Self::Checked => "debug",
            Self::Release => "release",
        }
    }
}

/// Builds the bundle before the server, because the binary embeds it.
pub fn build_all(steps: &mut Steps, profile: Profile) -> Result<PathBuf> {
    steps.run("wasm target", wasm::prepare)?;
    steps.run("browser bundle", || bundle::build(profile))?;
    steps.run("server", || build(profile))?;
    Ok(binary(profile))
}

pub fn build(profile: Profile) -> Result<()> {
    let mut command = cargo(["build", "--bin", NAME]);
    command.args(PACKAGES);
    if profile == Profile::Release {
        command.arg("--release");
    }
    run(profile.compile_by(&mut command))
}

pub fn binary(profile: Profile) -> PathBuf {
    wasm::target_folder().join(profile.folder()).join(NAME)
}

/// A command without the developer's own settings: it has none of their environment variables, and
/// runs in a folder without a `.env`.
pub fn on_its_own(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(env::temp_dir());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_a_setting)) {
        command.env_remove(name);
    }
    command
}

fn is_a_setting(name: &str) -> bool {
    ["SEATKEEPER_", "SCALEKIT_", "SMTP_", "MAIL_"].iter().any(|family| name.starts_with(family))
        || ["DATABASE_URL", "RUST_LOG"].contains(&name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::command::run_quietly;

    #[test]
    fn every_documented_setting_is_kept_out_and_nothing_that_programs_need() {
        let document = include_str!("../../../.github/docs/configuration.md");
        let settings: Vec<_> = document
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect();
        let variables: Vec<_> = settings
            .into_iter()
            .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            .collect();

        assert!(variables.len() > 15, "{variables:?}");
        assert_eq!(variables.into_iter().find(|name| !is_a_setting(name)), None);
        assert!(!["PATH", "HOME", "TMPDIR", "TEST_POSTGRES_URL"].into_iter().any(is_a_setting));
    }

    /// With another set of features a crate is compiled a second time, and so is everything above
    /// it: two minutes of each run.
    #[test]
    fn the_tests_and_the_server_share_each_compiled_crate() {
        let crates = |edges: &str| -> BTreeSet<String> {
            let mut tree = cargo(["tree", "--prefix", "none", "--format", "{p} {f}"]);
            // what runs in the compiler is compiled apart, and would hide a difference
            tree.args(["--edges", edges, "--edges", "no-proc-macro"]);
            let printed = run_quietly(tree.args(PACKAGES)).unwrap();
            printed.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
        };
        let (server, tests) = (crates("normal"), crates("normal,dev"));

        assert!(server.len() > 100, "{server:?}");
        let twice: Vec<_> = server.difference(&tests).collect();
        assert!(twice.is_empty(), "a test dependency adds features to {twice:?}");
    }

    #[test]
    fn release_is_taken_out_and_the_rest_stays() {
        let mut arguments = vec!["--fast".to_owned(), "--release".to_owned()];

        assert_eq!(Profile::from(&mut arguments), Profile::Release);
        assert_eq!(arguments, ["--fast"]);
        assert_eq!(Profile::from(&mut arguments), Profile::Dev);
    }
}
