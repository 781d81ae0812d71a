//! `target/site`: the files for the browser. The server serves them from there, and a release
//! binary embeds them. The folder is always there, whatever `CARGO_TARGET_DIR` is, because the app
//! names it.

use anyhow::{Context, Result};
use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    css,
    server::{NAME, Profile},
    site, wasm,
};

pub const SITE: &str = "target/site";
const FRESH: &str = "target/site.fresh";

/// In a release the app's build script watches this folder; without it, cargo builds the app again
/// each time.
pub fn make_room() -> Result<()> {
    fs::create_dir_all(SITE).with_context(|| format!("{SITE} cannot be made"))
}

pub fn build(profile: Profile) -> Result<()> {
    make_room()?;
    let (site, fresh) = (Path::new(SITE), Path::new(FRESH));
    if fresh.exists() {
        fs::remove_dir_all(fresh)?;
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
        site::compress(fresh, site)?;
    }
    site::mirror(fresh, site)?;
    fs::remove_dir_all(fresh)?;
    Ok(())
}
