//! The release binary embeds the site (bundle, styles, fonts), so cargo must know when the site
//! changes. A development binary reads it from the disk, and is not built again for a style.
use std::env;

fn main() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let watched = if is("PROFILE", "release") { "../target/site" } else { "src/build.rs" };
    println!("cargo::rerun-if-changed={watched}");
    // The profile says `strip = true`, but cargo leaves that out for a package with an opt-level of
    // its own.
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
}
