//! `target/site`: what browsers load. The server serves it from there, and a release binary carries it inside itself. It is
//! always there, wherever `CARGO_TARGET_DIR` puts what cargo builds: the app names this folder.

use anyhow::{Context, Result};
use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    css,
    server::{NAME, Profile},
    site, wasm,
};

pub const SITE: &str = "target/site";
const FRESH: &str = "target/site.fresh";

/// The app's build script watches this folder; missing, it would make cargo build the app again each time.
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
