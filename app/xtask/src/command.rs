//! Running other programs.

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    env,
    ffi::OsStr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{interrupt::PassedOn, step};

/// Cargo, as if called by hand.
pub fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    cargo_tool(program.as_ref(), arguments)
}

/// A program that calls cargo. The outer cargo's variables (`CARGO_PKG_NAME` …) are removed: some
/// build scripts read them, and would build half the tree again whenever the caller changes.
pub fn cargo_tool<const N: usize>(program: &Path, arguments: [&str; N]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, _) in env::vars_os() {
        let is_cargo_variable = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if is_cargo_variable || name == "CARGO" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command and shows its output; a failure is an error that quotes the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = start(command)?.wait()?;
    ensure!(status.success(), "`{}` ended with {status}", quoted(command));
    Ok(())
}

/// Runs a command without output; the error of a failure contains its output.
pub fn run_quietly(command: &mut Command) -> Result<String> {
    let child = start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let output = child.output()?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!(
            "`{}` ended with {}\n{}",
            quoted(command),
            output.status,
            String::from_utf8_lossy(&said)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts a command in its own process group and without standard input; see `interrupt`.
pub fn start(command: &mut Command) -> Result<Running> {
    let child = command
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .with_context(|| format!("`{}` cannot be started", quoted(command)))?;
    let passed_on = PassedOn::to(&child);
    Ok(Running { child: Some(child), _passed_on: passed_on })
}

/// A program that this tool started; it is stopped on drop.
pub struct Running {
    child: Option<Child>,
    _passed_on: PassedOn,
}

impl Running {
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    pub fn wait(mut self) -> Result<std::process::ExitStatus> {
        let mut child = self.child.take().context("already waited for")?;
        Ok(child.wait()?)
    }

    pub fn output(mut self) -> Result<std::process::Output> {
        let child = self.child.take().context("already waited for")?;
        Ok(child.wait_with_output()?)
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            stop(child, Signal::TERM, Duration::from_secs(10));
        }
    }
}

/// Sends the signal, and kills the program if it does not end in time.
pub fn stop(child: &mut Child, signal: Signal, patience: Duration) {
    if let Some(pid) = Pid::from_raw(child.id().cast_signed()) {
        let _ = kill_process(pid, signal);
    }
    if !within(patience, || !matches!(child.try_wait(), Ok(None))) {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Whether the condition became true in time; checks it twenty times a second.
pub fn within(patience: Duration, mut come_true: impl FnMut() -> bool) -> bool {
    let started = step::now();
    loop {
        if come_true() {
            return true;
        }
        if started.elapsed() > patience {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

pub fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// The command as a person types it, without the program's folder.
pub fn quoted(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = [program].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_quotes_the_command_and_what_it_said() {
        let failed = run_quietly(Command::new("sh").args(["-c", "echo alas >&2; exit 3"]))
            .unwrap_err()
            .to_string();

        assert!(
            failed.contains("sh -c") && failed.contains("alas") && failed.contains('3'),
            "{failed}"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let failed = run(&mut Command::new("no-such-program")).unwrap_err();

        assert!(
            format!("{failed:#}").contains("`no-such-program` cannot be started"),
            "{failed:#}"
        );
    }

    #[test]
    fn what_goes_out_of_scope_is_stopped() {
        let running = start(Command::new("sleep").arg("600")).unwrap();
        let id = running.id().unwrap();

        drop(running);

        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh").is_some());
        assert!(on_path("no-such-program").is_none());
    }
}
