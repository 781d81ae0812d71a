//! The release binary embeds the site (bundle, styles, fonts), so cargo must know when the site
//! changes.
use std::env;

fn main() {
    println!("cargo::rerun-if-changed=../target/site");
    // The profile says `strip = true`, but cargo leaves that out for a package with an opt-level of
    // its own.
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
}
