//! A release server on a free port, for one measurement.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use super::http;
use crate::{
    command::{Running, run_quietly, start, within},
    port, server,
};

pub const WEBHOOK_SECRET: &str = "whsec_YSBzZWNyZXQgZm9yIGJlbmNobWFya3Mgb25seQ==";

pub struct Served {
    running: Running,
    address: SocketAddr,
    binary: PathBuf,
    database: String,
}

impl Served {
    pub fn start(binary: &Path, database: &str) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port::free()?));
        let mut command = server::on_its_own(binary);
        command
            .arg("serve")
            .env("DATABASE_URL", database)
            .env("SEATKEEPER_LISTEN", address.to_string());
        command
            .env("SEATKEEPER_PUBLIC_URL", format!("http://{address}"))
            .env("SCALEKIT_WEBHOOK_SECRET", WEBHOOK_SECRET);
        // Every user gets a seat: this is the ordinary case, and no endless waitlist grows.
        command.env("SEATKEEPER_DEFAULT_SEAT_LIMIT", "unlimited").env("RUST_LOG", "warn");
        let mut running = start(&mut command)?;
        let mut ended = false;
        let healthy = within(Duration::from_secs(30), || {
            ended = running.has_ended();
            ended || http::get(address, "/healthz").is_ok_and(|status| status == 200)
        });
        if ended || !healthy {
            bail!("`seatkeeper serve` did not come up on {address}");
        }
        Ok(Self { running, address, binary: binary.to_path_buf(), database: database.to_owned() })
    }

    /// Makes a staff account, signs it in, and returns the session cookie.
    pub fn staff(&self) -> Result<String> {
        const EMAIL: &str = "bench@seatkeeper.test";
        const PASSWORD: &str = "bench-on-this-machine";
        let mut account = server::on_its_own(&self.binary);
        account.args([
            "account",
            "create",
            "--email",
            EMAIL,
            "--name",
            "Bench",
            "--role",
            "staff",
            "--password-stdin",
        ]);
        let mut child = account
            .env("DATABASE_URL", &self.database)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        child.stdin.take().context("no standard input")?.write_all(PASSWORD.as_bytes())?;
        ensure!(child.wait()?.success(), "`seatkeeper account create` failed");
        http::sign_in(self.address, EMAIL, PASSWORD)
    }

    /// The id of the first person in a list.
    pub fn first_person(&self, organization: &str) -> Result<String> {
        let mut export = server::on_its_own(&self.binary);
        export.args(["export", "people", organization]).env("DATABASE_URL", &self.database);
        let list = run_quietly(&mut export)?;
        let first = list.lines().nth(1).and_then(|row| row.split(',').next());
        Ok(first.context("the organization has no people")?.to_owned())
    }

    pub fn database(&self) -> &str {
        &self.database
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The resident memory of the server, in bytes.
    pub fn resident(&self) -> Result<u64> {
        let id = self.running.id().context("the server has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))
            .context("the server's memory cannot be read")?;
        resident(&status).context("/proc tells no memory")
    }
}

fn resident(status: &str) -> Option<u64> {
    let kilobytes =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix(" kB")?;
    Some(kilobytes.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status_of_a_process() {
        assert_eq!(resident("Name:\tsh\nVmRSS:\t    1024 kB\nThreads:\t1\n"), Some(1_048_576));
    }
}
