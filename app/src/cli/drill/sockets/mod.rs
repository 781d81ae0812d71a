//! Clients that hold connections without using them, clients that reset their HTTP/2 streams, a
//! stop under load, and one client that sends too many requests. Everything stays on loopback
//! addresses of this machine.

mod hold;
mod http;
mod pages;
mod reset;
mod stop;
mod webhooks;

use std::{process::Stdio, sync::Arc, time::Duration};

use seatkeeper::config::Config;
use simulator::load::drill::Drill;
use tokio::process::{Child, Command};

use super::{CliError, everything_is_there, look, served::wait_for};

/// The limit of file descriptors of the process under attack.
const DESCRIPTORS: u32 = 1_024;
/// At least 99 % of the deliveries are answered within this time.
const P99: Duration = Duration::from_millis(100);

pub(super) async fn run(
    config: &Config,
    drill: Arc<Drill>,
    hold: Duration,
    people: u64,
) -> Result<(), CliError> {
    let mut serving = serve(config, Some(DESCRIPTORS), &[]).await?;
    hold::run(config, &drill, &serving, hold).await?;
    reset::run(config, &drill, &serving).await?;
    end(&mut serving).await?;
    stop::run(config, &drill).await?;
    let mut serving = serve(config, None, &[]).await?;
    drill.send_the_rest().await;
    end(&mut serving).await?;
    let inbox = look(config, &drill).await?;
    everything_is_there(config, &drill, inbox).await?;
    println!(
        "{} deliveries: every acknowledged delivery is stored, none twice, every count is right.",
        inbox.originals
    );
    pages::run(config, people).await
}

/// Starts this program with `serve` and with at most `descriptors` file descriptors.
async fn serve(
    config: &Config,
    descriptors: Option<u32>,
    settings: &[(&str, &str)],
) -> Result<Child, CliError> {
    let program = std::env::current_exe().map_err(CliError::failed)?;
    let limit = descriptors.map_or_else(String::new, |most| format!("ulimit -n {most} && "));
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{limit}exec \"$0\" serve"))
        .arg(program)
        .envs(settings.iter().copied());
    command.env("RUST_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    wait_for(config.listen, command.spawn().map_err(CliError::failed)?).await
}

async fn end(serving: &mut Child) -> Result<(), CliError> {
    serving.kill().await.map_err(CliError::failed)
}

/// The resident memory of a process, in MiB.
fn memory(serving: &Child) -> Result<u64, CliError> {
    let status = format!("/proc/{}/status", serving.id().unwrap_or_default());
    let status = std::fs::read_to_string(status).map_err(CliError::failed)?;
    let kib = status.lines().find_map(|line| {
        line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    kib.map(|kib| kib / 1_024).ok_or_else(|| CliError::failed("the process under attack has ended"))
}

/// Waits until the memory is at most a quarter and 16 MiB above what it was before, while
/// deliveries go on as they always do: a process that does nothing at all gives no memory back.
async fn memory_is_back(
    drill: &Drill,
    serving: &Child,
    before: u64,
) -> Result<(u64, Duration), CliError> {
    const WITHIN: Duration = Duration::from_secs(30);
    const MORE: u64 = 16;
    let began = seatkeeper::clock::Stopwatch::start();
    loop {
        let now = memory(serving)?;
        if now <= before + before / 4 + MORE {
            return Ok((now, began.elapsed()));
        }
        if began.elapsed() > WITHIN {
            return Err(CliError::failed(format!(
                "{now} MiB of memory after {} s, {before} before",
                WITHIN.as_secs()
            )));
        }
        drill.send_one().await;
        tokio::time::sleep(webhooks::EVERY).await;
    }
}
