//! A release server of our own, on a free port, for one measurement.

use anyhow::{Context, Result, bail};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::http;
use crate::{
    command::{Running, start, within},
    port,
};

pub const WEBHOOK_SECRET: &str = "whsec_YSBzZWNyZXQgZm9yIGJlbmNobWFya3Mgb25seQ==";

pub struct Served {
    running: Running,
    address: SocketAddr,
    binary: PathBuf,
}

impl Served {
    pub fn start(binary: &Path, database: &str) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port::free()?));
        let mut command = Command::new(binary);
        command.arg("serve").env("DATABASE_URL", database).env("SEATKEEPER_LISTEN", address.to_string());
        command.env("SEATKEEPER_PUBLIC_URL", format!("http://{address}")).env("SCALEKIT_WEBHOOK_SECRET", WEBHOOK_SECRET);
        // Everybody gets a seat: the ordinary case, not one endless waiting line.
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
        Ok(Self { running, address, binary: binary.to_path_buf() })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Memory it really holds, in bytes.
    pub fn resident(&self) -> Result<u64> {
        let id = self.running.id().context("the server has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status")).context("the server's memory cannot be read")?;
        resident(&status).context("/proc tells no memory")
    }
}

fn resident(status: &str) -> Option<u64> {
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix(" kB")?;
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
