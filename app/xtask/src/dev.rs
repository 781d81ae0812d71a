//! Runs the built server in the foreground.

use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, SystemTime},
};

use crate::{
    command::{Running, start},
    interrupt,
    server::{self, Profile},
    step::Steps,
};

const WATCHED: [&str; 6] = ["src", "app", "style", "public", "migrations", "Cargo.toml"];

/// The first command that a new developer types.
pub fn demo(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let mut arguments = arguments.to_vec();
    let binary = server::build_all(steps, Profile::from(&mut arguments))?;
    foreground(Command::new(binary).arg("demo").args(arguments))
}

pub fn dev(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    let mut arguments = arguments.to_vec();
    let profile = Profile::from(&mut arguments);
    let watch = arguments.iter().any(|argument| argument == "--watch");
    arguments.retain(|argument| argument != "--watch");
    let before = newest(&WATCHED);
    let binary = server::build_all(steps, profile)?;
    if watch {
        watched(steps, profile, &arguments, before)
    } else {
        foreground(Command::new(binary).arg("serve").args(arguments))
    }
}

/// Ctrl-C ends the program, and is then no error of this tool.
fn foreground(command: &mut Command) -> Result<()> {
    let status = start(command)?.wait()?;
    ensure!(
        status.success() || interrupt::requested(),
        "`{}` ended with {status}",
        crate::command::quoted(command)
    );
    Ok(())
}

fn watched(
    steps: &mut Steps,
    profile: Profile,
    arguments: &[String],
    mut built: SystemTime,
) -> Result<()> {
    let mut running: Option<Running> = Some(serve(profile, arguments)?);
    while !interrupt::requested() {
        thread::sleep(Duration::from_millis(300));
        let latest = newest(&WATCHED);
        if latest <= built {
            continue;
        }
        built = latest;
        match server::build_all(steps, profile) {
            Ok(_) => {
                drop(running.take());
                running = Some(serve(profile, arguments)?);
            }
            Err(error) => eprintln!("{error:#}; the one before keeps running"),
        }
    }
    Ok(())
}

fn serve(profile: Profile, arguments: &[String]) -> Result<Running> {
    start(Command::new(server::binary(profile)).arg("serve").args(arguments))
        .context("the server did not start")
}

fn newest(paths: &[&str]) -> SystemTime {
    let mut latest = SystemTime::UNIX_EPOCH;
    let mut left: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    while let Some(path) = left.pop() {
        latest = latest.max(modified(&path));
        left.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
    }
    latest
}

fn modified(path: &Path) -> SystemTime {
    path.metadata().and_then(|about| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}
