//! Sends as many deliveries as a receiver can take. `seatkeeper load` and the benchmarks use it.
//!
//! A load test shares the machine with the receiver that it measures, so it must be cheap: each
//! connection is one task on a raw TCP stream with a request written by hand. The other work of an
//! HTTP client (pools, header maps, body types) would take processor time from the receiver, and
//! the results would measure the client.

mod connection;
pub mod drill;
mod figures;
mod message;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use self::message::Messages;
pub use self::{
    connection::{Connection, Target},
    figures::{Figures, Tally},
    message::organization_id,
};
use seatkeeper::{clock::Clock, scalekit::signature::Secret};

/// The most connections at the same time.
const MOST_CONNECTIONS: u32 = 4_096;
/// A run takes a day at most.
const MOST_SECONDS: u64 = 86_400;
/// How long a connection waits for one answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// The longest time between two deliveries of one connection, in seconds.
const LONGEST_GAP_SECONDS: f64 = 86_400.0;
/// How long a connection waits after a failure, so that it does not flood a receiver that is away.
const REST: Duration = Duration::from_millis(50);

/// What to send, and for how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// `http://127.0.0.1:3000/webhooks/scalekit`; without TLS.
    pub to: String,
    pub secret: Secret,
    /// Keep-alive connections, each with one delivery at a time.
    pub connections: u32,
    pub seconds: u64,
    /// The most deliveries; `None` means that only the time limits them.
    pub most: Option<u64>,
    /// The people are spread over this many organizations: [`organization_id`] 0, 1, 2 …
    pub organizations: u64,
    /// The share of deliveries that repeat the one before on the same connection, 0.0 to 1.0.
    pub duplicates: f64,
    /// Deliveries per second over all connections; `None` means as many as possible. With a rate, a
    /// time counts from when the delivery was due, not from when the previous one was answered.
    pub per_second: Option<f64>,
}

impl Load {
    /// Ten seconds on 64 connections, 100 organizations, no duplicates, as fast as possible.
    pub fn new(to: impl Into<String>, secret: Secret) -> Self {
        Self {
            to: to.into(),
            secret,
            connections: 64,
            seconds: 10,
            most: None,
            organizations: 100,
            duplicates: 0.0,
            per_second: None,
        }
    }
}

/// Why a load test cannot start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLoad {
    #[error(
        "“{0}” is not an address to deliver to; it looks like http://127.0.0.1:3000/webhooks/scalekit, without TLS."
    )]
    Address(String),
    #[error("A load has 1 to {MOST_CONNECTIONS} connections.")]
    Connections,
    #[error("A load takes 1 to {MOST_SECONDS} seconds.")]
    Seconds,
    #[error("A load has at least one organization.")]
    Organizations,
    #[error("The share of duplicates is a number from 0 to 1.")]
    Duplicates,
    #[error("The rate is a number of deliveries per second, above 0.")]
    Rate,
}

/// Sends until the time or the count is reached, and returns the results. Every run invents new
/// people.
pub async fn run(load: Load, clock: Clock) -> Result<Figures, BadLoad> {
    let target = check(&load)?;
    let begin = Instant::now();
    let run = Arc::new(Run {
        target,
        begin,
        deadline: begin + Duration::from_secs(load.seconds),
        gap: load.per_second.map(|rate| {
            Duration::from_secs_f64((f64::from(load.connections) / rate).min(LONGEST_GAP_SECONDS))
        }),
        first_number: message::first_number(clock.now()),
        sent: AtomicU64::new(0),
        load,
        clock,
    });
    let mut senders = JoinSet::new();
    for connection in 0..run.load.connections {
        senders.spawn(send(run.clone(), connection));
    }
    Ok(senders
        .join_all()
        .await
        .into_iter()
        .fold(Tally::default(), Tally::plus)
        .figures(begin.elapsed()))
}

/// What all senders share.
struct Run {
    target: Target,
    load: Load,
    clock: Clock,
    begin: Instant,
    deadline: Instant,
    /// The time between two deliveries of one connection, if there is a rate.
    gap: Option<Duration>,
    first_number: u64,
    sent: AtomicU64,
}

impl Run {
    /// The number of the next delivery; `None` when the time or the count is reached.
    fn next(&self) -> Option<u64> {
        let index = self.sent.fetch_add(1, Ordering::Relaxed);
        (Instant::now() < self.deadline && self.load.most.is_none_or(|most| index < most))
            .then(|| self.first_number + index)
    }

    /// When the `count`th delivery of a connection is due, if there is a rate. The connections are
    /// spread evenly over one gap.
    fn due(&self, connection: u32, count: u32) -> Option<Instant> {
        let gap = self.gap?;
        Some(
            self.begin
                + gap * count
                + gap.mul_f64(f64::from(connection) / f64::from(self.load.connections)),
        )
    }
}

/// The work of one connection: it sends one delivery after the other and measures each.
async fn send(run: Arc<Run>, number: u32) -> Tally {
    let (mut tally, mut connection) = (Tally::default(), None);
    let mut messages = Messages::new(run.load.organizations, run.load.duplicates);
    for count in 0.. {
        let due = run.due(number, count);
        if let Some(due) = due {
            sleep_until(due.min(run.deadline)).await;
        }
        let Some(next) = run.next() else { break };
        let request = messages.request(next, &run.target, &run.load.secret, run.clock.now());
        let started = due.unwrap_or_else(Instant::now);
        if let Ok(Ok(status)) =
            timeout(ANSWER_LIMIT, exchange(&mut connection, &run.target, request)).await
        {
            tally.answered(status, started.elapsed());
        } else {
            connection = None;
            tally.failed();
            sleep(REST).await;
        }
    }
    tally
}

/// Sends one request on the open connection, or on a new one, and keeps the connection if the
/// receiver keeps it open.
async fn exchange(
    connection: &mut Option<Connection>,
    target: &Target,
    request: &[u8],
) -> std::io::Result<u16> {
    let mut open = match connection.take() {
        Some(open) => open,
        None => Connection::open(target).await?,
    };
    let answer = open.exchange(request).await?;
    if answer.keeps_open {
        *connection = Some(open);
    }
    Ok(answer.status)
}

fn check(load: &Load) -> Result<Target, BadLoad> {
    if !(1..=MOST_CONNECTIONS).contains(&load.connections) {
        return Err(BadLoad::Connections);
    }
    if !(1..=MOST_SECONDS).contains(&load.seconds) {
        return Err(BadLoad::Seconds);
    }
    if load.organizations == 0 {
        return Err(BadLoad::Organizations);
    }
    if !(0.0..=1.0).contains(&load.duplicates) {
        return Err(BadLoad::Duplicates);
    }
    if load.per_second.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
        return Err(BadLoad::Rate);
    }
    Target::parse(&load.to).ok_or_else(|| BadLoad::Address(load.to.clone()))
}
