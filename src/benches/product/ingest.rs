//! Deliveries a second while each of their events is sent to a webhook endpoint, beside those
//! without an endpoint, in alternating rounds.

use anyhow::{Result, ensure};
use seatkeeper::clock::{Clock, Stopwatch};
use simulator::load;

use super::{
    Figure,
    product::Product,
    receiver::{self, Receiver},
    table::{float, thousands, times},
};

const ROUNDS: usize = 3;

pub async fn measure(product: &Product, seconds: u64) -> Result<Vec<Figure>> {
    println!("{}: deliveries beside webhooks, {ROUNDS} rounds", product.engine());
    let began = Stopwatch::start();
    let mut receiver = Receiver::start(began).await?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    // the first round fills caches, and counts for neither
    take(product, seconds).await?;
    for _ in 0..ROUNDS {
        without.push(take(product, seconds).await?);
        let endpoint = receiver.register(&mut product.caller().await?, &[]).await?;
        with.push(take(product, seconds).await?);
        receiver::remove(product, &endpoint).await?;
    }
    let sending = float(seconds) * float(ROUNDS as u64);
    let mut sent = 0;
    while receiver.arrived.try_recv().is_ok() {
        sent += 1;
    }
    let (without, with) = (middle(without), middle(with));
    Ok(vec![
        Figure::new("deliveries a second without an endpoint", thousands(without), ""),
        Figure::new("  with one", thousands(with), ""),
        Figure::new("  with one, to without", times(with / without), "≥ 0.90 ×"),
        Figure::new("  webhooks sent a second meanwhile", thousands(float(sent) / sending), ""),
    ])
}

async fn take(product: &Product, seconds: u64) -> Result<f64> {
    let figures = load::run(product.load(seconds)?, Clock::machine()).await?;
    ensure!(
        figures.refused.is_empty() && figures.acknowledged > 0,
        "something was refused: {figures:?}"
    );
    Ok(figures.per_second)
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
