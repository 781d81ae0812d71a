//! A receiver in a process of its own: its memory can be measured alone, and it shares no runtime
//! with the load.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use seatkeeper::{clock::Clock, scalekit::signature::Secret};
use simulator::load::{self, Figures, Load};

pub const SECRET: &str = "whsec_YSBzZWNyZXQgZm9yIGJlbmNobWFya3Mgb25seQ==";

pub struct Receiver {
    child: Child,
    address: SocketAddr,
}

impl Receiver {
    pub fn start(role: &str, database: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([role, database])
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line
            .trim()
            .parse()
            .with_context(|| format!("{role} did not start: it said “{}”", line.trim()))?;
        Ok(Self { child, address })
    }

    /// A load of the usual shape: 64 connections, as fast as they can.
    pub fn load(&self, seconds: u64, organizations: u64) -> Result<Load> {
        let secret = Secret::parse(SECRET)?;
        Ok(Load { seconds, organizations, ..Load::new(self.url("/webhooks/scalekit"), secret) })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Runs a load. A refused delivery is an error, because a rate with refusals measures something
    /// else.
    pub async fn take(&self, load: Load) -> Result<Figures> {
        let figures = load::run(load, Clock::machine()).await?;
        ensure!(
            figures.refused.is_empty() && figures.acknowledged > 0,
            "something was refused: {figures:?}"
        );
        Ok(figures)
    }

    /// The resident memory of the receiver, in bytes.
    pub fn resident(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("/proc tells no memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill(); // fails if the receiver has ended by itself
        let _ = self.child.wait();
    }
}
