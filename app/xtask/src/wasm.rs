//! Builds the browser's part, from Rust to a module that a browser loads.

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    command::{cargo, on_path, run, run_quietly},
    server::{NAME, Profile},
};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Takes a tenth of a second if the compiler can already build for the browser; otherwise
/// `wasm-target.sh` runs and explains itself.
pub fn prepare() -> Result<()> {
    if !builds(None)? {
        run(Command::new("bash").arg("app/xtask/wasm-target.sh"))?;
    }
    Ok(())
}

/// Whether a small program compiles and links. The presence of files is not enough: some may be
/// missing, or belong to another compiler.
fn builds(sysroot: Option<&Path>) -> Result<bool> {
    const PROBE: &str = "#[unsafe(no_mangle)] pub extern \"C\" fn probe(n: u32) -> usize { (0..n).map(|i| i.to_string()).collect::<Vec<_>>().len() }";
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("probe.rs"), PROBE)?;
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition", "2024", "--crate-type", "cdylib", "--target", TARGET, "probe.rs"])
        .current_dir(&folder);
    if let Some(sysroot) = sysroot {
        rustc.arg("--sysroot").arg(sysroot);
    }
    Ok(run_quietly(&mut rustc).is_ok())
}

/// Leptos loads `/pkg/seatkeeper.js` and `/pkg/seatkeeper_bg.wasm`.
pub fn build(profile: Profile, into: &Path) -> Result<()> {
    let (cargo_profile, folder) = match profile {
        Profile::Dev | Profile::Checked => ("dev", "debug"),
        Profile::Release => ("wasm-release", "wasm-release"),
    };
    let browser = ["build", "--package", "frontend", "--target", TARGET];
    run(profile.compile_by(cargo(browser).args(["--profile", cargo_profile])))?;

    let release = profile == Profile::Release;
    Bindgen::new()
        .input_path(target_folder().join(TARGET).join(folder).join("frontend.wasm"))
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .debug(!release)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(into)
        .context("wasm-bindgen could not read the bundle")?;
    if release { optimize(&into.join(format!("{NAME}_bg.wasm"))) } else { Ok(()) }
}

/// Makes the module a tenth smaller before compression, if binaryen is installed; this is optional.
fn optimize(wasm: &Path) -> Result<()> {
    let Some(tool) = on_path("wasm-opt") else {
        println!("  wasm-opt is not installed; the bundle stays as the compiler made it");
        return Ok(());
    };
    // The features that rustc uses by default; Debian's wasm-opt rejects them if they are not
    // named.
    let features = [
        "bulk-memory",
        "mutable-globals",
        "nontrapping-float-to-int",
        "reference-types",
        "multivalue",
        "sign-ext",
    ];
    let features = features.map(|feature| format!("--enable-{feature}"));
    run(Command::new(tool).arg("-Oz").args(features).arg(wasm).arg("-o").arg(wasm))
}

pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_there_by_half_is_not_there() {
        let sysroot = tempfile::tempdir().unwrap();
        let libraries = sysroot.path().join("lib/rustlib").join(TARGET).join("lib");
        fs::create_dir_all(&libraries).unwrap();
        fs::write(libraries.join("libstd-0123456789abcdef.rlib"), "the rest never came").unwrap();

        assert!(builds(None).unwrap(), "`cargo xtask test` prepares it");
        assert!(!builds(Some(sysroot.path())).unwrap());
    }
}
