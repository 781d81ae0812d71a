//! The browser's half, from Rust to a module a browser loads.

use anyhow::{Context, Result};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    command::{cargo, on_path, run, run_quietly},
    server::{NAME, Profile},
};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Quick when the compiler can already build for the browser; `wasm-target.sh` tells its own story otherwise.
pub fn prepare() -> Result<()> {
    if !is_installed()? {
        run(Command::new("bash").arg("app/xtask/wasm-target.sh"))?;
    }
    Ok(())
}

fn is_installed() -> Result<bool> {
    let printed = run_quietly(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    let Ok(files) = Path::new(printed.trim()).read_dir() else { return Ok(false) };
    Ok(files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
}

/// Leptos asks for `/pkg/seatkeeper.js` and `/pkg/seatkeeper_bg.wasm`.
pub fn build(profile: Profile, into: &Path) -> Result<()> {
    let (cargo_profile, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Release => ("wasm-release", "wasm-release"),
    };
    run(&mut cargo(["build", "--package", "frontend", "--target", TARGET, "--profile", cargo_profile]))?;

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

/// A tenth smaller before compression, where binaryen is installed; never needed.
fn optimize(wasm: &Path) -> Result<()> {
    let Some(tool) = on_path("wasm-opt") else {
        println!("  wasm-opt is not installed; the bundle stays as the compiler made it");
        return Ok(());
    };
    // The features that rustc uses by default; Debian's wasm-opt rejects them unless they are named.
    let features = ["bulk-memory", "mutable-globals", "nontrapping-float-to-int", "reference-types", "multivalue", "sign-ext"];
    let features = features.map(|feature| format!("--enable-{feature}"));
    run(Command::new(tool).arg("-Oz").args(features).arg(wasm).arg("-o").arg(wasm))
}

pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}
