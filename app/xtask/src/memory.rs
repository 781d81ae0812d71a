//! A folder in memory, for databases that end with the tests.
//!
//! Each test creates a database and removes it again. On a disk that is hundreds of thousands of
//! files, and a file system may need longer for them than the tests for everything else.

use std::path::Path;

const FOLDER: &str = "/dev/shm";
/// What all databases that exist at the same time need, several times over.
const ENOUGH: u64 = 4 << 30;

/// `None` where there is no such folder, or too little room in it.
pub fn folder() -> Option<&'static Path> {
    rustix::fs::statvfs(FOLDER)
        .is_ok_and(|there| there.f_bavail * there.f_frsize >= ENOUGH)
        .then_some(Path::new(FOLDER))
}
