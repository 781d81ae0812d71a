//! Bundles many style sheets into one: `style/main.css` holds only `@import` lines.

use anyhow::{Result, anyhow};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions},
};
use std::path::Path;

use crate::server::Profile;

/// There are no browser targets, so modern syntax (nesting, `light-dark()`, `oklch`) stays as it
/// is.
pub fn bundle(main: &Path, profile: Profile) -> Result<String> {
    let files = FileProvider::new();
    let mut sheet = Bundler::new(&files, None, ParserOptions::default())
        .bundle(main)
        .map_err(|error| anyhow!("{}: {error}", main.display()))?;
    let minify = profile == Profile::Release;
    if minify {
        sheet
            .minify(MinifyOptions::default())
            .map_err(|error| anyhow!("{}: {error}", main.display()))?;
    }
    let printed = sheet.to_css(PrinterOptions { minify, ..PrinterOptions::default() });
    Ok(printed.map_err(|error| anyhow!("{}: {error}", main.display()))?.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn a_style_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("main.css"),
            "@import 'layers.css';\n@import 'button.css' layer(components);\n",
        )
        .unwrap();
        fs::write(folder.path().join("layers.css"), "@layer base, components;\n").unwrap();
        let button = ".button { color: light-dark(oklch(20% 0 0), white); &[aria-busy='true'] { opacity: .6; } }\n";
        fs::write(folder.path().join("button.css"), button).unwrap();
        folder
    }

    #[test]
    fn imports_become_one_sheet_and_keep_their_layers() {
        let folder = a_style_folder();

        let sheet = bundle(&folder.path().join("main.css"), Profile::Dev).unwrap();

        assert!(sheet.starts_with("@layer base, components;"), "{sheet}");
        assert!(sheet.contains("@layer components {"), "{sheet}");
    }

    #[test]
    fn modern_syntax_stays_as_written_when_minified() {
        let folder = a_style_folder();

        let sheet = bundle(&folder.path().join("main.css"), Profile::Release).unwrap();

        assert!(sheet.contains("light-dark(oklch(20% 0 0),#fff)"), "{sheet}");
        assert!(sheet.contains("&[aria-busy=true]"), "{sheet}");
    }

    #[test]
    fn a_missing_import_is_named() {
        let folder = a_style_folder();
        fs::remove_file(folder.path().join("button.css")).unwrap();

        let error = bundle(&folder.path().join("main.css"), Profile::Dev).unwrap_err().to_string();

        assert!(error.contains("main.css"), "{error}");
    }
}
