//! Folders and files that Seatkeeper creates are for its own user only: folders 0700, files 0600,
//! from the first moment on and whatever the umask. Existing ones stay as they are, with a warning
//! if other users of the machine can access them.

use std::{
    fs::{DirBuilder, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use tracing::warn;

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
/// The permission to enter a folder, for a user who does not own it.
const OTHERS_ENTER: u32 = 0o011;
/// The permission to read or write, for a user who does not own it.
const OTHERS_USE: u32 = 0o066;

/// Creates the folder and its missing parents.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        warn_of_folder(folder);
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder)
}

/// Creates an empty file. SQLite gives its log and its index the permissions of the database.
pub(super) fn make_file(file: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(FILE).open(file) {
        Ok(_) => Ok(()),
        // A link to a file that does not exist yet: opening the link creates the file.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && !file.exists() => {
            OpenOptions::new().append(true).create(true).mode(FILE).open(file).map(|_| ())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            warn_of_file(file);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Writes a secret to a file; an older one is replaced.
pub fn write_secret(file: &Path, secret: &str) -> io::Result<()> {
    make_file(file)?;
    OpenOptions::new().write(true).truncate(true).open(file)?.write_all(secret.as_bytes())
}

fn warn_of_folder(folder: &Path) {
    if others_can_enter(folder) {
        warn!(
            folder = %folder.display(),
            "other users of this machine can enter the folder of the database; `chmod 700` closes it"
        );
    }
}

fn warn_of_file(file: &Path) {
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    if permits(file, OTHERS_USE) && others_can_enter(folder) {
        warn!(file = %file.display(), "other users of this machine can read the database; `chmod 600` closes it");
    }
}

/// One closed folder above it is enough to keep others out.
fn others_can_enter(folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    folder.ancestors().all(|folder| permits(folder, OTHERS_ENTER))
}

/// A path that cannot be read counts as closed; opening it reports the error.
fn permits(path: &Path, what: u32) -> bool {
    path.metadata().is_ok_and(|found| Permissions::mode(&found.permissions()) & what != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_made_is_private_and_what_is_there_stays_as_it_is() {
        let temporary = tempfile::tempdir().unwrap();
        let (folder, open) = (temporary.path().join("a/b"), temporary.path().join("open"));
        fs::create_dir(&open).unwrap();
        set(&open, 0o755);

        make_folder(&folder).unwrap();
        make_folder(&open).unwrap();
        make_file(&folder.join("new")).unwrap();
        fs::write(open.join("old"), "kept").unwrap();
        set(&open.join("old"), 0o644);
        make_file(&open.join("old")).unwrap();

        assert_eq!(
            (mode(&temporary.path().join("a")), mode(&folder), mode(&open)),
            (0o700, 0o700, 0o755)
        );
        assert_eq!((mode(&folder.join("new")), mode(&open.join("old"))), (0o600, 0o644));
        assert_eq!(fs::read_to_string(open.join("old")).unwrap(), "kept");
    }

    #[test]
    fn a_secret_is_in_a_private_file_and_is_replaced() {
        let temporary = tempfile::tempdir().unwrap();
        let file = temporary.path().join("key");

        write_secret(&file, "sk_longer").unwrap();
        write_secret(&file, "sk_new").unwrap();

        assert_eq!(mode(&file), 0o600);
        assert_eq!(fs::read_to_string(&file).unwrap(), "sk_new");
    }

    #[test]
    fn a_file_that_a_link_names_is_private_too() {
        let temporary = tempfile::tempdir().unwrap();
        let (file, link) = (temporary.path().join("file"), temporary.path().join("link"));
        std::os::unix::fs::symlink(&file, &link).unwrap();

        make_file(&link).unwrap();
        make_file(&link).unwrap();

        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_closed_folder_above_keeps_others_out() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("data");
        fs::create_dir(&folder).unwrap();
        set(&folder, 0o755);

        set(temporary.path(), 0o700);
        assert!(!others_can_enter(&folder));
        set(temporary.path(), 0o755);
        assert!(others_can_enter(&folder), "and the temporary folder is everyone's");
        set(&folder, 0o710);
        assert!(others_can_enter(&folder), "so is the group");
        set(&folder, 0o700);
        assert!(!others_can_enter(&folder));
    }
}
