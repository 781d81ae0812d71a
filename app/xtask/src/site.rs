//! Makes one folder equal to another and writes only the files that differ. Cargo compares the
//! times in `target/site`, because the server embeds it; an unnecessary write would build the
//! server again.

use anyhow::{Context, Result};
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Makes `there` equal to `fresh`; returns how many files were written or removed.
pub fn mirror(fresh: &Path, there: &Path) -> Result<usize> {
    fs::create_dir_all(there)?;
    let (wanted, present) = (files(fresh)?, files(there)?);
    let mut changed = 0;
    for file in &wanted {
        changed += usize::from(write_if_changed(&there.join(file), &fs::read(fresh.join(file))?)?);
    }
    for file in present.difference(&wanted) {
        fs::remove_file(there.join(file))?;
        changed += 1;
    }
    Ok(changed)
}

/// Writes the file if its content differs; returns whether it did.
pub fn write_if_changed(file: &Path, content: &[u8]) -> Result<bool> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    fs::create_dir_all(file.parent().context("a file has a folder")?)?;
    fs::write(file, content).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(true)
}

/// All files in the folder and its subfolders, as paths relative to it.
pub fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))
            .with_context(|| format!("{} cannot be read", folder.display()))?
        {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

/// Puts a `.br` and a `.gz` file beside each compressible file. Takes them from `before` if the
/// content is the same, because the best brotli compression is slow.
pub fn compress(folder: &Path, before: &Path) -> Result<()> {
    for file in files(folder)? {
        if !file.extension().is_some_and(|kind| {
            ["js", "wasm", "css", "svg"].iter().any(|compressible| kind == *compressible)
        }) {
            continue;
        }
        let content = fs::read(folder.join(&file))?;
        let unchanged = fs::read(before.join(&file)).is_ok_and(|present| present == content);
        for (ending, pack) in [("br", brotli as fn(&[u8]) -> Result<Vec<u8>>), ("gz", gzip)] {
            let packed = PathBuf::from(format!("{}.{ending}", file.display()));
            let kept = fs::read(before.join(&packed)).ok().filter(|_| unchanged);
            fs::write(folder.join(&packed), kept.map_or_else(|| pack(&content), Ok)?)?;
        }
    }
    Ok(())
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*content, &mut packed, &best)?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(content)?;
    Ok(packed.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    fn put(folder: &Path, file: &str, content: &str) {
        write_if_changed(&folder.join(file), content.as_bytes()).unwrap();
    }

    #[test]
    fn only_what_differs_is_written_and_what_is_gone_is_removed() {
        let (fresh, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(fresh.path(), "pkg/same.js", "same");
        put(fresh.path(), "pkg/new.css", "new");
        put(fresh.path(), "changed.svg", "after");
        put(there.path(), "pkg/same.js", "same");
        put(there.path(), "changed.svg", "before");
        put(there.path(), "gone.txt", "gone");
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let same = there.path().join("pkg/same.js");
        fs::File::options().write(true).open(&same).unwrap().set_modified(long_ago).unwrap();

        let changed = mirror(fresh.path(), there.path()).unwrap();

        assert_eq!(changed, 3);
        assert_eq!(files(there.path()).unwrap(), files(fresh.path()).unwrap());
        assert_eq!(fs::read_to_string(there.path().join("changed.svg")).unwrap(), "after");
        assert_eq!(same.metadata().unwrap().modified().unwrap(), long_ago);
        assert_eq!(mirror(fresh.path(), there.path()).unwrap(), 0);
    }

    #[test]
    fn packed_files_stand_beside_the_originals_and_are_kept_while_those_stay_the_same() {
        let (fresh, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(fresh.path(), "a.js", &"let it = 'be';".repeat(100));
        put(fresh.path(), "b.png", "not compressible");
        put(before.path(), "a.js", &"let it = 'be';".repeat(100));
        put(before.path(), "a.js.br", "packed earlier");

        compress(fresh.path(), before.path()).unwrap();

        let names: Vec<_> = files(fresh.path()).unwrap().into_iter().collect();
        assert_eq!(names, ["a.js", "a.js.br", "a.js.gz", "b.png"].map(PathBuf::from));
        assert_eq!(fs::read_to_string(fresh.path().join("a.js.br")).unwrap(), "packed earlier");
    }
}
