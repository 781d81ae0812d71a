//! Formatting: rustfmt for Rust, and leptosfmt for what stands in `view!`.

use anyhow::{Context, Result, bail, ensure};
use leptosfmt_formatter::{AttributeValueBraceStyle, FormatterSettings, format_file_source};
use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    command::{cargo, run},
    step::Steps,
};

/// The folder whose files have views.
const FOLDER: &str = "app/src";

/// Each formatter can change what the other one sees; two rounds have been enough so far.
const ROUNDS: u32 = 5;

/// `cargo xtask fmt`: formats all sources.
pub fn format(steps: &mut Steps) -> Result<()> {
    steps.run("formatting", || {
        for _ in 0..ROUNDS {
            let changed = differing()?;
            for (path, formatted) in &changed {
                fs::write(path, formatted).with_context(|| path.display().to_string())?;
            }
            run(&mut cargo(["fmt", "--all"]))?;
            if changed.is_empty() {
                return Ok(());
            }
        }
        bail!("rustfmt and leptosfmt do not agree after {ROUNDS} rounds")
    })
}

/// Fails if a file is not formatted, and changes nothing.
pub fn check(steps: &mut Steps) -> Result<()> {
    steps.run("formatting", || {
        run(&mut cargo(["fmt", "--all", "--check"]))?;
        let names: Vec<String> =
            differing()?.iter().map(|(path, _)| path.display().to_string()).collect();
        ensure!(
            names.is_empty(),
            "`cargo xtask fmt` would change the views of {}",
            names.join(", ")
        );
        Ok(())
    })
}

/// The files whose views leptosfmt would change, each with its text after that.
fn differing() -> Result<Vec<(PathBuf, String)>> {
    let settings = FormatterSettings {
        // otherwise it takes the braces of `show={count > 0}` away, and `>` ends the tag
        attr_value_brace_style: AttributeValueBraceStyle::Preserve,
        ..FormatterSettings::default()
    };
    let mut files = Vec::new();
    rust_files(Path::new(FOLDER), &mut files)?;
    files.sort();
    let mut changed = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        if !text.contains("view!") {
            continue;
        }
        let formatted = format_file_source(&text, &settings)
            .with_context(|| format!("the views of {}", path.display()))?;
        if formatted != text {
            changed.push((path, formatted));
        }
    }
    Ok(changed)
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
