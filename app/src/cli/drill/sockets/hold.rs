//! Thousands of connections that send half of a request's head and nothing more. A client whose
//! connection is closed opens another one.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use seatkeeper::config::Config;
use simulator::load::drill::Drill;
use tokio::{io::AsyncReadExt, process::Child, task::JoinSet, time::sleep};

use super::{CliError, http, memory, memory_is_back, webhooks::Webhooks};

const HALF_HEAD: &str = "GET / HTTP/1.1\r\nHost: seats\r\n";
/// Connections from one address, and from each of the other addresses.
const OF_ONE: usize = 2_000;
const OF_EACH: usize = 500;
const OTHERS: u8 = 20;
/// The delay between two clients, so that the test measures the server and not the machine's queue
/// for new connections.
const APART: Duration = Duration::from_micros(400);
/// How long a client waits after its connection was closed before it opens another.
const REST: Duration = Duration::from_secs(5);

pub(super) async fn run(
    config: &Config,
    drill: &Arc<Drill>,
    serving: &Child,
    hold: Duration,
) -> Result<(), CliError> {
    // As many deliveries as during the attack: what they leave in caches is no memory of the
    // connections. The first ones open connections, so these are not judged.
    let _ = Webhooks::begin(drill, hold).end().await;
    let before = memory(serving)?;
    let opened = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    let others =
        (2..).take(usize::from(OTHERS)).flat_map(|last| std::iter::repeat_n(last, OF_EACH));
    for (number, last) in (0..).zip(std::iter::repeat_n(1, OF_ONE).chain(others)) {
        let from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
        clients.spawn(client(from, config.listen, number * APART, opened.clone()));
    }
    let webhooks = Webhooks::begin(drill, hold).end().await;
    let during = memory(serving)?;
    clients.shutdown().await;
    let webhooks = webhooks
        .map_err(|end| CliError::failed(format!("while connections were held: {}", end.says)))?;
    let (after, within) = memory_is_back(drill, serving, before).await?;
    println!(
        "{} half-open connections held for {} s, {} opened: {webhooks}. Memory: {before} MiB before, {during} during, {after} after {:.1} s.",
        OF_ONE + usize::from(OTHERS) * OF_EACH,
        hold.as_secs(),
        opened.load(Ordering::Relaxed),
        within.as_secs_f64()
    );
    Ok(())
}

async fn client(from: IpAddr, to: SocketAddr, begins_after: Duration, opened: Arc<AtomicU64>) {
    sleep(begins_after).await;
    loop {
        if let Ok(mut stream) = http::begin(from, to, HALF_HEAD.as_bytes()).await {
            opened.fetch_add(1, Ordering::Relaxed);
            let _ = stream.read(&mut [0; 64]).await; // waits until the server closes it
        }
        sleep(REST).await;
    }
}
