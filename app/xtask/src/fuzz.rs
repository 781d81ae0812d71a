//! `cargo xtask fuzz`: arbitrary bytes for the code that verifies and reads webhooks.

use anyhow::{Result, bail, ensure};
use std::fs;

use crate::{
    command::{cargo, on_path, run},
    step::Steps,
    wasm,
};

const TARGETS: [&str; 2] = ["signature", "payload"];
const SECONDS: &str = "600";

pub fn fuzz(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let (targets, seconds) = match arguments {
        [] => (&TARGETS[..], SECONDS),
        [option, seconds] if option == "--seconds" => (&TARGETS[..], seconds.as_str()),
        _ => bail!(
            "`cargo xtask fuzz` knows --seconds and a number, for each of: {}",
            TARGETS.join(", ")
        ),
    };
    ensure!(
        on_path("cargo-fuzz").is_some(),
        "please install it, with: cargo install cargo-fuzz --locked"
    );
    for target in targets {
        steps.run(&format!("fuzzing: {target}"), || one(target, seconds))?;
    }
    steps.summary();
    Ok(())
}

/// New inputs go to a separate folder, so that the corpus in the repository stays small.
fn one(target: &str, seconds: &str) -> Result<()> {
    let built = wasm::target_folder().join("fuzz");
    let found = built.join("corpus").join(target);
    fs::create_dir_all(&found)?;
    let mut command = cargo(["fuzz", "run", "--fuzz-dir", "src/fuzz", "--target-dir"]);
    command.arg(&built).arg(target).arg(&found).arg(format!("src/fuzz/corpus/{target}"));
    command.args([
        "--",
        "-timeout=10",
        "-print_final_stats=1",
        &format!("-max_total_time={seconds}"),
    ]);
    // The sanitizers are unstable; this variable allows them with the toolchain of the workspace.
    run(command.env("RUSTC_BOOTSTRAP", "1"))
}
