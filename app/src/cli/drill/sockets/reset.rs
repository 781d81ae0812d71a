//! HTTP/2 clients that request a page and reset the stream at once, again and again.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use seatkeeper::config::Config;
use simulator::load::drill::Drill;
use tokio::{io::AsyncReadExt, process::Child, task::JoinSet, time::timeout};

use super::{CliError, http, memory, memory_is_back, webhooks::Webhooks};

const RESETS: u32 = 10_000;
/// Resets on one connection; the server closes the connection before it has seen all of them.
const ON_ONE: u32 = 500;
const CLIENTS: u32 = 10;
const LASTS: Duration = Duration::from_secs(10);

pub(super) async fn run(
    config: &Config,
    drill: &Arc<Drill>,
    serving: &Child,
) -> Result<(), CliError> {
    let before = memory(serving)?;
    let webhooks = Webhooks::begin(drill, LASTS);
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(client(config.listen));
    }
    clients.join_all().await;
    let during = memory(serving)?;
    let webhooks = webhooks
        .end()
        .await
        .map_err(|end| CliError::failed(format!("while streams were reset: {}", end.says)))?;
    let (after, within) = memory_is_back(drill, serving, before).await?;
    println!(
        "{RESETS} HTTP/2 resets: {webhooks}. Memory: {before} MiB before, {during} during, {after} after {:.1} s.",
        within.as_secs_f64()
    );
    Ok(())
}

async fn client(to: SocketAddr) {
    for _ in 0..RESETS / CLIENTS / ON_ONE {
        let Ok(mut stream) = http::begin([127, 0, 0, 1].into(), to, &frames(ON_ONE)).await else {
            continue;
        };
        let mut answer = [0; 1_024];
        let closed =
            async { while stream.read(&mut answer).await.is_ok_and(|length| length > 0) {} };
        let _ = timeout(LASTS, closed).await; // the connection is closed at the end of this turn
    }
}

/// The frames of `GET /sign-in` on this many streams, each reset at once.
fn frames(streams: u32) -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    for stream in (0..streams).map(|number| (2 * number + 1).to_be_bytes()) {
        let headers = b"\x82\x86\x04\x08/sign-in\x41\x05seats";
        // HEADERS with END_STREAM and END_HEADERS: no body follows
        bytes.extend([0, 0, u8::try_from(headers.len()).unwrap_or(0), 1, 5]);
        bytes.extend(stream);
        bytes.extend(headers);
        bytes.extend([0, 0, 4, 3, 0]); // RST_STREAM
        bytes.extend(stream);
        bytes.extend([0, 0, 0, 8]);
    }
    bytes
}
