//! How long after its commit an event is seen: by a product that waits in a long poll, and by its
//! webhook receiver.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result, ensure};
use seatkeeper::clock::Stopwatch;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    Figure,
    product::{Caller, Product},
    receiver::{self, Arrived, Receiver},
    table::ms,
};

const EVENTS: usize = 300;
/// Between two events: calm.
const PAUSE: Duration = Duration::from_millis(50);
/// How long an event may take before the measurement fails.
const LONGEST: Duration = Duration::from_secs(10);
const TYPE: &str = "seat_limit.changed";

pub async fn measure(product: &Product) -> Result<Vec<Figure>> {
    println!("{}: when {EVENTS} events are seen", product.engine());
    let began = Stopwatch::start();
    let path = product.organization("org_events").await?;
    let mut receiver = Receiver::start(began).await?;
    let mut caller = product.caller().await?;
    let endpoint = receiver.register(&mut caller, &[TYPE]).await?;
    let (to, mut polled) = unbounded_channel();
    let mut reader = product.caller().await?;
    let polling = tokio::spawn(async move {
        // it ends with the connection, when the server does
        let _ = poll(&mut reader, began, |arrived| to.send(arrived).is_ok()).await;
    });
    let mut committed = HashMap::new();
    for number in 0..EVENTS {
        tokio::time::sleep(PAUSE).await;
        let body = serde_json::json!({ "seat_limit": 1_000 + number, "reason": "Bench" });
        caller.ask("PUT", &format!("{path}/seat-limit"), "if-match: *\r\n", &body).await?;
        committed.insert(1_000 + u64::try_from(number)?, began.elapsed());
    }
    let by_poll = waits(&committed, &mut polled).await.context("the long poll")?;
    let by_webhook = waits(&committed, &mut receiver.arrived).await.context("the receiver")?;
    polling.abort();
    receiver::remove(product, &endpoint).await?;
    Ok(vec![
        Figure::new("an event, committed until a long poll has it: half", ms(by_poll.0), ""),
        Figure::new("  95 %", ms(by_poll.1), "≤ 100 ms"),
        Figure::new("  until a webhook receiver has it: half", ms(by_webhook.0), ""),
        Figure::new("  95 %", ms(by_webhook.1), "≤ 250 ms"),
    ])
}

/// Reads the feed as a product does, until the measurement is over.
async fn poll(caller: &mut Caller, began: Stopwatch, tell: impl Fn(Arrived) -> bool) -> Result<()> {
    let mut after = "0".to_owned();
    loop {
        let feed = caller.get(&format!("/events?after={after}&types={TYPE}&wait=30")).await?;
        let at = began.elapsed();
        for event in feed["items"].as_array().into_iter().flatten() {
            if !tell((event.clone(), at)) {
                return Ok(());
            }
        }
        let next = feed["next_cursor"].as_str().context("the feed has no cursor")?;
        next.clone_into(&mut after);
    }
}

/// Half and 95 % of the events arrived within so many milliseconds of the answer to the call that
/// committed them. An event may come before that answer: it waited for nothing.
async fn waits(
    committed: &HashMap<u64, Duration>,
    arrived: &mut UnboundedReceiver<Arrived>,
) -> Result<(Option<f64>, Option<f64>)> {
    let mut waits = HashMap::new();
    while waits.len() < committed.len() {
        let arrival = tokio::time::timeout(LONGEST, arrived.recv());
        let (event, at) = arrival.await.context("an event is missing")?.context("it has ended")?;
        let limit = |event: &Value| event["data"]["after"].as_u64();
        let limit = limit(&event).context("the event has no limit")?;
        if let Some(committed) = committed.get(&limit) {
            waits.entry(limit).or_insert(at.saturating_sub(*committed));
        }
    }
    let mut sorted: Vec<Duration> = waits.into_values().collect();
    sorted.sort_unstable();
    ensure!(!sorted.is_empty(), "there was no event");
    let within = |percent: usize| {
        let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(at).map(|wait| wait.as_secs_f64() * 1_000.0)
    };
    Ok((within(50), within(95)))
}
