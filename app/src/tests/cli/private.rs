//! Files and folders that the program creates are private to its user, with any umask.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::support::{Workspace, result};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A command in a shell with the given umask, which may let every user read new files.
fn with_umask(workspace: &Workspace, umask: &str, arguments: &str) -> Command {
    let plain = workspace.command(&[]);
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        &format!("umask {umask}; exec '{}' {arguments}", env!("CARGO_BIN_EXE_seatkeeper")),
    ]);
    shell
        .current_dir(workspace.folder())
        .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// Every file and folder in the folder, with its permissions.
fn all(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = vec![(folder.to_owned(), mode(folder))];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(all(&path));
        } else {
            found.push((path.clone(), mode(&path)));
        }
    }
    found
}

fn are_private(folder: &Path) {
    for (path, mode) in all(folder) {
        assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
    }
}

#[test]
fn the_database_and_its_log_are_private_whatever_the_umask() {
    for umask in ["022", "000"] {
        let workspace = Workspace::new();
        let data = workspace.folder().join("data");

        let (code, ..) = result(
            &with_umask(&workspace, umask, "organization add org_1 --name Acme").output().unwrap(),
        );
        assert_eq!(code, 0);
        are_private(&data);

        // the database is open and has been written to, so its write-ahead log and the index of the
        // log exist
        let secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
        let mut serve = with_umask(&workspace, umask, "serve");
        serve
            .env("SCALEKIT_WEBHOOK_SECRET", secret)
            .env("SEATKEEPER_LISTEN", "127.0.0.1:0")
            .env("SEATKEEPER_LOG_FORMAT", "text");
        let mut child = serve.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Seatkeeper is at")));
        assert_eq!(workspace.run(&["organization", "add", "org_2", "--name", "Borealis"]).0, 0);
        let names: Vec<_> =
            all(&data).into_iter().map(|(path, _)| path.file_name().unwrap().to_owned()).collect();
        assert!(
            names.iter().any(|name| name == "seats.db-wal")
                && names.iter().any(|name| name == "seats.db-shm"),
            "{names:?}"
        );
        are_private(&data);
        child.kill().unwrap();
        child.wait().unwrap();
        are_private(&data);
    }
}

#[test]
fn a_demo_that_is_kept_is_private() {
    let workspace = Workspace::new();
    let mut demo = with_umask(&workspace, "022", "demo --listen 127.0.0.1:0 --keep kept/here");
    let mut child = demo.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("inviting twelve customers")));

    are_private(&workspace.folder().join("kept"));

    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_folder_that_others_can_enter_stays_as_it_is_and_is_warned_of() {
    let workspace = Workspace::new();
    let data = workspace.folder().join("data");
    fs::set_permissions(workspace.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();

    let (code, _, says) = workspace.run(&["migrate"]);
    assert_eq!((code, mode(&data), mode(&data.join("seats.db"))), (0, 0o755, 0o600));
    assert!(says.contains("other users of this machine can enter the folder"), "{says}");
    assert!(!says.contains("can read the database"), "{says}");

    fs::set_permissions(data.join("seats.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let (_, _, says) = workspace.run(&["migrate"]);
    assert!(says.contains("other users of this machine can read the database"), "{says}");
    assert_eq!(mode(&data.join("seats.db")), 0o644);

    fs::set_permissions(workspace.folder(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(!workspace.run(&["migrate"]).2.contains("other users"));
}
