//! The cookbook's transaction alone: no HTTP, no signature, prepared statements, and the database's
//! own tool makes the load.

use std::{io::Write, process::Command};

use anyhow::{Context, Result, bail, ensure};

use super::receivers;

/// Transactions per second over `connections`.
pub fn run(database: &str, seconds: u64, connections: u64, organizations: u64) -> Result<f64> {
    let mut script = tempfile::NamedTempFile::new()?;
    let text =
        [receivers::LOCK, receivers::NOTE, receivers::ADD, receivers::COUNT].map(|statement| {
            let statement = statement.replace(
                "$1",
                if statement == receivers::NOTE { "'evt_' || :n" } else { ":organization" },
            );
            let statement = if statement.starts_with("insert into provisioned") {
                receivers::ADD
                    .replace("$1", "'diruser_' || :n")
                    .replace("$2", ":organization")
                    .replace("$3", "'person.' || :n || '@load.test'")
            } else {
                statement
            };
            format!(
                "{};",
                statement.replace(":organization", "'org_' || (90000000000000000 + :at)")
            )
        });
    writeln!(
        script,
        "\\set at random(0, {})\n\\set n random(1, 9000000000000000000)\nbegin;\n{}\ncommit;",
        organizations - 1,
        text.join("\n")
    )?;
    let program = std::env::var("GATE_PGBENCH").unwrap_or_else(|_| "pgbench".to_owned());
    let mut command = Command::new(program);
    command.args([
        "--no-vacuum",
        "--protocol",
        "prepared",
        "--jobs",
        "2",
        "--client",
        &connections.to_string(),
        "--time",
        &seconds.to_string(),
    ]);
    let output = command
        .arg("--file")
        .arg(script.path())
        .arg(database)
        .output()
        .context("pgbench cannot be started")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "pgbench failed:\n{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    match said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
    {
        Some(tps) => Ok(tps),
        None => bail!("pgbench told no figure:\n{said}"),
    }
}
