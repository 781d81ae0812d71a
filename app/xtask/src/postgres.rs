//! A private PostgreSQL for the tests: fresh, on a free port of the loopback address, and removed
//! afterwards.

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::{self, File},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

use crate::{
    command::{on_path, run_quietly, stop, within},
    memory, port,
    prerequisites::{is_root, postgres_programs},
};

const OWNER: &str = "seatkeeper";

pub struct Postgres {
    server: Child,
    folder: TempDir,
    programs: PathBuf,
    account: Account,
    port: u16,
    settings: &'static [&'static str],
}

impl Postgres {
    /// A server that keeps what it has committed when it is killed, but not when the machine loses
    /// its power: nothing waits for the disk.
    pub fn start() -> Result<Self> {
        let folder = memory::folder().unwrap_or(Path::new("/tmp"));
        Self::start_with(folder, &["fsync=off", "full_page_writes=off"])
    }

    /// A server with PostgreSQL's own promises, for measurements.
    pub fn start_durable() -> Result<Self> {
        Self::start_with(Path::new("/tmp"), &[])
    }

    fn start_with(place: &Path, settings: &'static [&'static str]) -> Result<Self> {
        let programs = postgres_programs()
            .context("PostgreSQL's server programs (initdb, postgres) are not installed")?;
        // Never the user's own temporary folder: its path may be too long for a socket, or closed
        // to another user.
        let folder = tempfile::Builder::new().prefix("seatkeeper-postgres-").tempdir_in(place)?;
        let account = Account::choose()?;
        account.give(folder.path())?;
        let mut initdb = account.command(&programs.join("initdb"), folder.path());
        // The C locale sorts by bytes, as SQLite does.
        initdb.args([
            "--username",
            OWNER,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
            "--pgdata",
        ]);
        run_quietly(initdb.arg(folder.path().join("data")))
            .context("the database folder could not be made")?;
        // Another process may take the port before PostgreSQL binds it.
        let launch = |_| {
            let port = port::free();
            port.and_then(|port| {
                Ok(launch(&account, &programs, folder.path(), port, settings)?
                    .map(|server| (server, port)))
            })
            .transpose()
        };
        let (server, port) = (0..3).find_map(launch).context("no port could be bound")??;
        Ok(Self { server, folder, programs, account, port, settings })
    }

    /// Kills the server without a clean shutdown, as if the machine had run out of memory.
    pub fn kill(&mut self) -> Result<()> {
        let pid =
            announced(self.folder.path(), 0).and_then(|line| Pid::from_raw(line.parse().ok()?));
        kill_process(pid.context("the server does not say who it is")?, Signal::KILL)?;
        ensure!(
            within(Duration::from_secs(20), || !matches!(self.server.try_wait(), Ok(None))),
            "Postgres outlived being killed"
        );
        Ok(())
    }

    /// Starts the server again with the same port and folder; it recovers from the kill by itself.
    pub fn start_again(&mut self) -> Result<()> {
        let mut last = None;
        // A new server must wait until the old one's child processes release their shared memory.
        let is_back = within(Duration::from_mins(1), || {
            match launch(
                &self.account,
                &self.programs,
                self.folder.path(),
                self.port,
                self.settings,
            ) {
                Ok(Some(server)) => self.server = server,
                Ok(None) => return false,
                Err(error) => {
                    last = Some(error);
                    return false;
                }
            }
            true
        });
        ensure!(is_back, "Postgres did not start again: {last:?}");
        Ok(())
    }

    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://{OWNER}@127.0.0.1:{}/{database}", self.port)
    }

    pub fn programs(&self) -> &Path {
        &self.programs
    }

    pub fn create_database(&self, name: &str) -> Result<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--dbname",
            &self.url(),
            "--command",
            &format!("create database {name}"),
        ]);
        run_quietly(&mut psql)?;
        Ok(self.url_of(name))
    }

    /// Stops the server as a drop does, but reports a failure.
    pub fn stop(mut self) -> Result<()> {
        self.shut_down();
        ensure!(
            !data(self.folder.path()).join("postmaster.pid").exists(),
            "Postgres did not stop cleanly"
        );
        Ok(())
    }

    fn shut_down(&mut self) {
        // The child may be the program that changed the user, so the signal goes to the process
        // that the server's own file names. INT is the fast shutdown.
        if let Some(pid) =
            announced(self.folder.path(), 0).and_then(|line| Pid::from_raw(line.parse().ok()?))
        {
            let _ = kill_process(pid, Signal::INT);
            if within(Duration::from_secs(20), || !matches!(self.server.try_wait(), Ok(None))) {
                return;
            }
        }
        stop(&mut self.server, Signal::INT, Duration::from_secs(5));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// `None` if another process has taken the port.
fn launch(
    account: &Account,
    programs: &Path,
    folder: &Path,
    port: u16,
    settings: &[&str],
) -> Result<Option<Child>> {
    let mut command = account.command(&programs.join("postgres"), folder);
    command.arg("-D").arg(data(folder)).args(["-p", &port.to_string()]);
    let sockets = format!("unix_socket_directories={}", folder.display());
    let always =
        ["listen_addresses=127.0.0.1", "max_connections=300", "log_min_messages=warning", &sockets];
    for setting in always.iter().chain(settings) {
        command.args(["-c", setting]);
    }
    let log = folder.join("log");
    // It has its own process group, so that Ctrl-C does not reach it and this tool stops it in
    // order.
    let mut server = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&log)?)
        .process_group(0)
        .spawn()?;
    let mut ended = false;
    let ready = within(Duration::from_mins(1), || {
        ended = !matches!(server.try_wait(), Ok(None));
        ended || announced(folder, 7).is_some_and(|status| status == "ready")
    });
    if ready && !ended {
        return Ok(Some(server));
    }
    stop(&mut server, Signal::INT, Duration::from_secs(5));
    let said = fs::read_to_string(log).unwrap_or_default();
    if said.contains("could not bind") {
        Ok(None)
    } else {
        bail!("Postgres did not start:\n{said}")
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// A line of the file in which a running server describes itself.
fn announced(folder: &Path, line: usize) -> Option<String> {
    Some(
        fs::read_to_string(data(folder).join("postmaster.pid"))
            .ok()?
            .lines()
            .nth(line)?
            .trim()
            .to_owned(),
    )
}

/// The user that runs the server: PostgreSQL refuses to run as root.
enum Account {
    Ourselves,
    Other { name: String, user: u32, group: u32 },
}

impl Account {
    fn choose() -> Result<Self> {
        if !is_root() {
            return Ok(Self::Ourselves);
        }
        let users = fs::read_to_string("/etc/passwd")?;
        let find = |name| users.lines().find_map(|line| Self::parse(line, name));
        find("postgres")
            .or_else(|| find("nobody"))
            .context("as root, Postgres needs an account `postgres` or `nobody` to run under")
    }

    fn parse(line: &str, wanted: &str) -> Option<Self> {
        let [name, _, user, group, ..] = line.split(':').collect::<Vec<_>>()[..] else {
            return None;
        };
        (name == wanted).then_some(())?;
        Some(Self::Other {
            name: name.to_owned(),
            user: user.parse().ok()?,
            group: group.parse().ok()?,
        })
    }

    fn give(&self, folder: &Path) -> Result<()> {
        if let Self::Other { user, group, .. } = self {
            chown(folder, Some(*user), Some(*group))?;
        }
        Ok(())
    }

    /// The command runs in the folder, because the other user may not have access to the current
    /// one.
    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = match self {
            Self::Ourselves => Command::new(program),
            Self::Other { name, user, group } => as_user(name, *user, *group, program),
        };
        command.current_dir(folder);
        command
    }
}

fn as_user(name: &str, user: u32, group: u32, program: &Path) -> Command {
    if let Some(setpriv) = on_path("setpriv") {
        let mut command = Command::new(setpriv);
        // If this tool is killed, the server gets the signal that stops it.
        command.args(["--clear-groups", "--pdeathsig", "INT"]);
        command.args([format!("--reuid={user}"), format!("--regid={group}")]).arg(program);
        return command;
    }
    if let Some(runuser) = on_path("runuser") {
        let mut command = Command::new(runuser);
        command.args(["-u", name, "--"]).arg(program);
        return command;
    }
    let mut command = Command::new("su");
    command.args([name, "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--"]).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpStream};

    #[test]
    fn a_private_server_starts_answers_and_leaves_nothing_behind() {
        if postgres_programs().is_none() {
            println!("no Postgres here: nothing to try");
            return;
        }
        let postgres = Postgres::start().unwrap();
        let (port, folder) = (postgres.port, postgres.folder.path().to_path_buf());

        let url = postgres.create_database("seats").unwrap();
        let mut psql = Command::new(postgres.programs().join("psql"));
        let settings = "select current_database(), current_setting('max_connections'), current_setting('listen_addresses')";
        let answered = run_quietly(psql.args([
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--dbname",
            &url,
            "--command",
            settings,
        ]))
        .unwrap();

        assert_eq!(answered.trim(), "seats|300|127.0.0.1");

        postgres.stop().unwrap();

        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        assert!(!folder.exists());
    }

    #[test]
    fn accounts_are_read_from_their_lines() {
        let line = "postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash";

        assert!(matches!(
            Account::parse(line, "postgres"),
            Some(Account::Other { user: 101, group: 104, .. })
        ));
        assert!(Account::parse(line, "nobody").is_none());
    }
}
