//! Is this person allowed in? What a product asks at each of its sign-ins, while deliveries come
//! in; beside a call that names no person, so that only its key is checked.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use simulator::load::{self, Figures, Load, Tally};
use tokio::task::JoinSet;

use super::{
    Figure, Settings, import,
    product::{Caller, Product},
    table::{ms, thousands, times},
};
use seatkeeper::clock::{Clock, Stopwatch};

const CONNECTIONS: u64 = 64;
const DELIVERIES_EACH_SECOND: f64 = 1_000.0;
const ROUNDS: u64 = 3;
/// The step from one person to the next one that is asked about: a prime, so that all have a turn.
const STEP: u64 = 7_919;

pub async fn measure(product: &Product, settings: &Settings) -> Result<Vec<Figure>> {
    let (seconds, people) = (settings.seconds, settings.people);
    println!("{}: who is allowed in, {ROUNDS} rounds", product.engine());
    let load = Load {
        connections: 16,
        per_second: Some(DELIVERIES_EACH_SECOND),
        ..product.load(2 * ROUNDS * seconds + 1)?
    };
    let deliveries = tokio::spawn(load::run(load, Clock::machine()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (mut asked, mut checked) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        asked.push(
            ask(product, seconds, 200, move |person| {
                let email = import::email(person % people).replace('@', "%40");
                format!("/organizations/{}/access?user={email}", import::ORGANIZATION)
            })
            .await?,
        );
        // without a person only the key is checked, within the same allowance
        let no_person = |_| format!("/organizations/{}/access", import::ORGANIZATION);
        checked.push(ask(product, seconds, 400, no_person).await?);
    }
    let deliveries = deliveries.await?.context("the deliveries did not start")?;
    ensure!(deliveries.refused.is_empty(), "deliveries were refused: {deliveries:?}");
    let (asked, checked) = (middle(asked), middle(checked));
    let ratio = asked.per_second / checked.per_second;
    Ok(vec![
        Figure::new("access, a second", thousands(asked.per_second), "≥ 20,000"),
        Figure::new("  half within", ms(asked.p50_ms), ""),
        Figure::new("  99 % within", ms(asked.p99_ms), "≤ 5 ms"),
        Figure::new("  the key alone, a second", thousands(checked.per_second), ""),
        Figure::new("  99 % within", ms(checked.p99_ms), ""),
        Figure::new("  access to the key alone", times(ratio), "≥ 0.50 ×"),
        Figure::new("  deliveries a second meanwhile", thousands(deliveries.per_second), "1,000"),
    ])
}

/// The round in the middle by its rate.
fn middle(mut rounds: Vec<Figures>) -> Figures {
    rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    rounds.swap_remove(rounds.len() / 2)
}

/// Asks on all connections as fast as they are answered. Another status than `expected` ends the
/// measurement.
async fn ask(
    product: &Product,
    seconds: u64,
    expected: u16,
    path: impl Fn(u64) -> String + Send + Sync + 'static,
) -> Result<Figures> {
    let (path, began) = (Arc::new(path), Stopwatch::start());
    let until = Duration::from_secs(seconds);
    let mut connections = JoinSet::new();
    for number in 0..CONNECTIONS {
        let (caller, path) = (product.caller().await?, path.clone());
        connections.spawn(async move {
            let mut person = number * STEP * 1_000;
            let next = move |caller: &Caller| {
                person += STEP;
                caller.request(&path(person))
            };
            turns(caller, (began, until), expected, next).await
        });
    }
    let mut tally = Tally::default();
    while let Some(ended) = connections.join_next().await {
        tally = tally.plus(ended??);
    }
    Ok(tally.figures(began.elapsed()))
}

async fn turns(
    mut caller: Caller,
    (began, until): (Stopwatch, Duration),
    expected: u16,
    mut next: impl FnMut(&Caller) -> Vec<u8>,
) -> Result<Tally> {
    let mut tally = Tally::default();
    while began.elapsed() < until {
        let request = next(&caller);
        let sent = began.elapsed();
        let status = caller.status(&request).await?;
        ensure!(status == expected, "a call was answered {status}");
        tally.answered(200, began.elapsed().saturating_sub(sent));
    }
    Ok(tally)
}
