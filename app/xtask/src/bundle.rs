//! `target/site`: what browsers load. The server serves it from there, and a release binary carries it inside itself.

use anyhow::{Context, Result};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    css,
    server::{NAME, Profile},
    site, wasm,
};

/// The app's build script watches this folder; missing, it would make cargo build the app again each time.
pub fn make_room() -> Result<PathBuf> {
    let site = wasm::target_folder().join("site");
    fs::create_dir_all(&site).with_context(|| format!("{} cannot be made", site.display()))?;
    Ok(site)
}

pub fn build(profile: Profile) -> Result<()> {
    let site = make_room()?;
    let fresh = wasm::target_folder().join("site.fresh");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let pkg = fresh.join("pkg");
    fs::create_dir_all(&pkg)?;

    wasm::build(profile, &pkg)?;
    fs::write(pkg.join(format!("{NAME}.css")), css::bundle(Path::new("style/main.css"), profile)?)?;
    let public = Path::new("public");
    for file in if public.exists() { site::files(public)? } else { BTreeSet::new() } {
        site::write_if_changed(&fresh.join(&file), &fs::read(public.join(&file))?)?;
    }
    if profile == Profile::Release {
        site::compress(&fresh, &site)?;
    }
    site::mirror(&fresh, &site)?;
    fs::remove_dir_all(fresh)?;
    Ok(())
}
