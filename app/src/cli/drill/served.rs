//! The Seatkeeper process that is killed: the same program, in a process of its own.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use seatkeeper::config::Config;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::cli::CliError;

/// How long a start may take, and how long the first acknowledgement after it may take.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);
pub(super) const LOOK: Duration = Duration::from_millis(10);

/// Starts this program with `serve`, and waits until it listens.
pub(super) async fn serve(config: &Config) -> Result<Child, CliError> {
    serve_with(config, &[]).await
}

/// Starts one more that serves the same database, on a port of its own.
pub(super) async fn serve_beside() -> Result<Child, CliError> {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let address = free.map_err(CliError::failed)?;
    start(address, &[("SEATKEEPER_LISTEN", &address.to_string())]).await
}

/// Like [`serve`], with additional environment variables.
pub(super) async fn serve_with(
    config: &Config,
    settings: &[(&str, &str)],
) -> Result<Child, CliError> {
    start(config.listen, settings).await
}

async fn start(address: SocketAddr, settings: &[(&str, &str)]) -> Result<Child, CliError> {
    let program = std::env::current_exe().map_err(CliError::failed)?;
    let mut command = Command::new(program);
    command.envs(settings.iter().copied());
    command
        .arg("serve")
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    wait_for(address, command.spawn().map_err(CliError::failed)?).await
}

/// Returns the process once it listens.
pub(super) async fn wait_for(address: SocketAddr, mut child: Child) -> Result<Child, CliError> {
    let up = async {
        while TcpStream::connect(address).await.is_err() {
            if !matches!(child.try_wait(), Ok(None)) {
                return false;
            }
            sleep(LOOK).await;
        }
        true
    };
    if timeout(PATIENCE, up).await.unwrap_or(false) {
        Ok(child)
    } else {
        Err(did_not_start(address))
    }
}

fn did_not_start(address: SocketAddr) -> CliError {
    CliError::failed(format!("`seatkeeper serve` did not come up on {address}"))
}
