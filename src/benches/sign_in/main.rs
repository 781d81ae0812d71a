//! Whether the time of an answer tells if an account exists: refused sign-ins, and requests for a
//! new password, for addresses with an account and without one, alternating. A two-sample test says
//! whether the two differ; it is printed, and decides nothing.
//!
//! `cargo bench --bench sign_in` measures SQLite; with `SIGN_IN_POSTGRES_URL=postgres://…` it
//! measures PostgreSQL too. That server must allow new databases, and they stay there.
//! `SIGN_IN_SAMPLES` is the number of answers of each kind.

#[path = "../gate/place.rs"]
mod place;
mod samples;
#[path = "../gate/table.rs"]
mod table;

use std::{
    net::{IpAddr, Ipv4Addr},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use domain::{access::Role, setting::FixedSettings};
use seatkeeper::{
    clock::{Clock, Stopwatch},
    commands::{
        Actor, NewAccount, add_account, ask_for_reset,
        login_throttle::Visitor,
        sign_in::{SignIn, sign_in},
    },
    config::PublicUrl,
    db::Db,
    state::{AppState, Operations, Settings},
};

use self::{
    place::Place,
    samples::{Comparison, compare},
    table::{float, ms, thousands, times},
};

const PASSWORD: &str = "a passphrase of this benchmark";

/// Each error becomes one message, wherever it is found.
fn main() -> ExitCode {
    match run_bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_bench() -> Result<()> {
    let samples = std::env::var("SIGN_IN_SAMPLES")
        .map_or(Ok(1_000), |text| text.parse())
        .context("SIGN_IN_SAMPLES is a number")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(samples))
}

async fn measure(samples: u32) -> Result<()> {
    let mut places = vec![Place::sqlite()?];
    match std::env::var("SIGN_IN_POSTGRES_URL") {
        Ok(server) => places.push(Place::postgres(&server).await?),
        Err(_) => println!("SIGN_IN_POSTGRES_URL is not set: only SQLite is measured."),
    }
    let head = ["", "with an account", "without one", "ratio", "z", "p"].map(str::to_owned);
    let mut lines = vec![head.to_vec()];
    for place in places {
        let state = state(&place.url).await?;
        add_accounts(&state, samples).await?;
        let refused = sign_ins(&state, samples).await?;
        lines.push(row(&format!("{}, refused sign-in", place.name), &refused));
        let resets = resets(&state, samples).await?;
        lines.push(row(&format!("{}, request for a new password", place.name), &resets));
    }
    println!();
    table::print(&lines);
    println!(
        "  Medians of {} answers of each kind, alternating. z and p are of the Mann–Whitney test: \
         without a difference, |z| is above 2 in one run of twenty.",
        thousands(float(samples.into()))
    );
    Ok(())
}

async fn state(database: &str) -> Result<AppState> {
    let clock = Clock::machine();
    let db = Db::open(&database.parse()?, clock.clone()).await?;
    let settings = Settings {
        public_url: PublicUrl::parse("http://localhost").map_err(anyhow::Error::msg)?,
        fixed: FixedSettings::default(),
        operations: Operations::default(),
    };
    Ok(AppState::new(db, clock, settings))
}

async fn add_accounts(state: &AppState, most: u32) -> Result<()> {
    for number in 0..most {
        let new = NewAccount {
            email: address("known", number),
            name: format!("Person {number}"),
            role: Role::Staff,
            organizations: Vec::new(),
            password: PASSWORD.to_owned(),
        };
        add_account(state, &Actor::command_line("bench"), &new).await?;
    }
    Ok(())
}

/// Wrong passwords. Each address is tried once, from a network of its own, so no limit is reached.
async fn sign_ins(state: &AppState, samples: u32) -> Result<Comparison> {
    let answer = async |email: String, number: u32| {
        let (password, source) = ("a wrong passphrase, surely".to_owned(), Some(network(number)));
        let attempt = SignIn { email, password, source, device: None };
        let stopwatch = Stopwatch::start();
        let outcome = sign_in(state, attempt).await;
        let took = stopwatch.elapsed();
        ensure!(outcome.is_err(), "a wrong password was right");
        Ok(took.as_secs_f64() * 1_000.0)
    };
    alternating(samples, answer).await
}

async fn resets(state: &AppState, samples: u32) -> Result<Comparison> {
    let answer = async |email: String, number: u32| {
        let visitor = Visitor { source: Some(network(number)), device: None };
        let stopwatch = Stopwatch::start();
        ask_for_reset(state, &email, &visitor).await?;
        Ok(stopwatch.elapsed().as_secs_f64() * 1_000.0)
    };
    alternating(samples, answer).await
}

/// Which kind comes first alternates, too: the second of two answers may find warmer caches.
async fn alternating(
    samples: u32,
    answer: impl AsyncFn(String, u32) -> Result<f64>,
) -> Result<Comparison> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for number in 0..samples {
        for kind in [number % 2, 1 - number % 2] {
            if kind == 0 {
                with.push(answer(address("known", number), 2 * number).await?);
            } else {
                without.push(answer(address("other", number), 2 * number + 1).await?);
            }
        }
    }
    Ok(compare(with, without))
}

fn address(kind: &str, number: u32) -> String {
    format!("{kind}-{number:06}@seats.example")
}

fn network(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0x0a00_0001 + (number << 8)))
}

fn row(what: &str, comparison: &Comparison) -> Vec<String> {
    let Comparison { with, without, z, p } = comparison;
    let ratio = times(with / without);
    vec![
        what.to_owned(),
        ms(Some(*with)),
        ms(Some(*without)),
        ratio,
        format!("{z:+.2}"),
        format!("{p:.3}"),
    ]
}
