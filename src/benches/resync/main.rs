//! The cost of a resync over the real API of the simulator, which shares the processors:
//!
//! - 10,000 users on 334 pages: listing and planning, then applying;
//! - the same with 50 ms for each call, compared with the sum of those waits;
//! - 100,000 users: how much more memory than at rest;
//! - 50,000 changes: how many are applied a second, and how long other deliveries wait meanwhile;
//! - the same during a burst of deliveries, compared with their waits without a resync.
//!
//! `cargo bench --bench resync` measures SQLite; with `RESYNC_POSTGRES_URL=postgres://…` it
//! measures PostgreSQL too. That server must allow new databases, and they stay there.
//! `cargo xtask bench` does both. `RESYNC_ENGINE` is the only engine to measure;
//! `RESYNC_PART=quick` runs a hundredth of each size, to see that the benchmark works.

#[path = "../gate/place.rs"]
mod place;
#[path = "../gate/table.rs"]
mod table;
mod worker;

use std::{
    net::SocketAddr,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use domain::id::OrganizationId;
use seatkeeper::{clock::Clock, scalekit::signature::Secret};
use simulator::{
    Simulator,
    api::Credentials,
    fault::{Fault, FaultRate},
    world::{DirectoryPlan, Plan, Provider, World},
};
use tokio::net::TcpListener;

use self::{
    place::Place,
    table::{float, ms, thousands, times},
    worker::Figures,
};

pub const ORGANIZATION: &str = "org_1001";
pub const CLIENT: (&str, &str) = ("skc_1", "live_for-benchmarks-only");

/// How the other deliveries arrive: one after the other, or as fast as they can.
const CALM: &str = "calm";
const STORM: &str = "storm";

struct Sizes {
    ordinary: usize,
    latency: Duration,
    large: usize,
    changes: usize,
}

const FULL: Sizes =
    Sizes { ordinary: 10_000, latency: Duration::from_millis(50), large: 100_000, changes: 50_000 };
const QUICK: Sizes =
    Sizes { ordinary: 100, latency: Duration::from_millis(50), large: 1_000, changes: 500 };

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
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // fails if a provider is installed already
        let _ = rustls::crypto::ring::default_provider().install_default();
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => measure().await,
            ["worker", database, api, deliveries] => {
                worker::work(database, api, deliveries == STORM).await
            }
            _ => bail!("cargo bench --bench resync takes no arguments; its settings are environment variables"),
        }
    })
}

async fn measure() -> Result<()> {
    let sizes = match std::env::var("RESYNC_PART").as_deref() {
        Err(_) => FULL,
        Ok("quick") => QUICK,
        Ok(other) => bail!("there is no RESYNC_PART “{other}”; there is quick"),
    };
    let server = std::env::var("RESYNC_POSTGRES_URL").ok();
    if server.is_none() {
        println!("RESYNC_POSTGRES_URL is not set: only SQLite is measured.");
    }
    let only = std::env::var("RESYNC_ENGINE").ok();
    let is_wanted = |engine: &str| only.as_deref().is_none_or(|only| only == engine);
    let mut columns = Vec::new();
    if is_wanted("sqlite") {
        columns.push(("SQLite", on_one(&sizes, None).await?));
    }
    if let Some(server) = server.as_ref().filter(|_| is_wanted("postgres")) {
        columns.push(("Postgres", on_one(&sizes, Some(server)).await?));
    }
    ensure!(
        !columns.is_empty(),
        "RESYNC_ENGINE is sqlite or postgres, and postgres wants RESYNC_POSTGRES_URL"
    );
    let mut lines = vec![
        std::iter::once(String::new())
            .chain(columns.iter().map(|(name, _)| (*name).to_owned()))
            .collect::<Vec<_>>(),
    ];
    for row in 0..columns[0].1.len() {
        let what = columns[0].1[row].0.clone();
        lines.push(
            std::iter::once(what)
                .chain(columns.iter().map(|(_, rows)| rows[row].1.clone()))
                .collect(),
        );
    }
    println!();
    table::print(&lines);
    Ok(())
}

/// The rows of one engine, as (name, figure).
async fn on_one(sizes: &Sizes, server: Option<&str>) -> Result<Vec<(String, String)>> {
    let people = |count: usize| thousands(float(count as u64));
    let seconds = |seconds: f64| format!("{seconds:.2} s");
    let ordinary = run(sizes.ordinary, Duration::ZERO, CALM, server).await?;
    let slow = run(sizes.ordinary, sizes.latency, CALM, server).await?;
    let large = run(sizes.large, Duration::ZERO, CALM, server).await?;
    let changes = run(sizes.changes, Duration::ZERO, CALM, server).await?;
    let storm = run(sizes.changes, Duration::ZERO, STORM, server).await?;
    let waits = sizes.latency.as_secs_f64() * f64::from(u32::try_from(slow.calls)?);
    let mebibytes = float(large.peak.saturating_sub(large.idle)) / 1_048_576.0;
    Ok(vec![
        (
            format!(
                "{} people, {} calls: read and planned",
                people(sizes.ordinary),
                ordinary.calls
            ),
            seconds(ordinary.plan),
        ),
        ("  applied".to_owned(), seconds(ordinary.apply)),
        (
            format!("  read and planned with {} ms a call", sizes.latency.as_millis()),
            seconds(slow.plan),
        ),
        ("  that is, of the waits one after another".to_owned(), times(slow.plan / waits)),
        (
            format!("{} people: memory above rest", people(sizes.large)),
            format!("{mebibytes:.0} MiB"),
        ),
        ("  read and planned".to_owned(), seconds(large.plan)),
        ("  applied".to_owned(), seconds(large.apply)),
        (
            format!("{} changes: applied a second", people(sizes.changes)),
            thousands(float(changes.changes) / changes.apply),
        ),
        ("  a delivery in between waited at most".to_owned(), ms(Some(changes.longest_ms))),
        ("  deliveries in between".to_owned(), thousands(float(changes.deliveries))),
        (
            "in a storm of deliveries: changes applied a second".to_owned(),
            thousands(float(storm.changes) / storm.apply),
        ),
        ("  99 % of the deliveries waited at most".to_owned(), ms(Some(storm.p99_ms))),
        ("  to that of the same storm before".to_owned(), times(storm.p99_ms / storm.quiet_p99_ms)),
        ("  deliveries in between".to_owned(), thousands(float(storm.deliveries))),
    ])
}

/// One resync of `people` new users, on a database of its own.
async fn run(
    people: usize,
    latency: Duration,
    deliveries: &'static str,
    server: Option<&str>,
) -> Result<Figures> {
    let place = match server {
        None => Place::sqlite()?,
        Some(server) => Place::postgres(server).await?,
    };
    let api = scalekit(people, latency).await?;
    println!(
        "{}: {people} people, {} ms a call, deliveries: {deliveries}",
        place.name,
        latency.as_millis()
    );
    let (program, url, api) =
        (std::env::current_exe()?, place.url.clone(), format!("http://{api}"));
    let output = tokio::task::spawn_blocking(move || {
        Command::new(program)
            .args(["worker", &url, &api, deliveries])
            .stderr(Stdio::inherit())
            .output()
            .context("the worker did not start")
    });
    let output = output.await??;
    ensure!(output.status.success(), "the worker failed");
    let figures: Figures = serde_json::from_slice(&output.stdout)?;
    ensure!(
        usize::try_from(figures.changes)? == people,
        "{} of {people} were applied",
        figures.changes
    );
    Ok(figures)
}

/// Starts the API of a Scalekit with one organization.
async fn scalekit(people: usize, latency: Duration) -> Result<SocketAddr> {
    let clock = Clock::machine();
    let directories = vec![DirectoryPlan { provider: Provider::Entra, groups: 20, people }];
    let plan = Plan {
        id: OrganizationId::new(ORGANIZATION),
        name: "Acme".to_owned(),
        domain: "acme.test".to_owned(),
        directories,
    };
    let secret = Secret::parse("whsec_YSBzZWNyZXQgZm9yIGJlbmNobWFya3Mgb25seQ==")?;
    let simulator =
        Simulator::new(World::new(7, &[plan], clock.now()), "http://127.0.0.1:9/", secret, clock)?;
    if !latency.is_zero() {
        simulator
            .faults()
            .switch_on(FaultRate { fault: Fault::Slow, amount: latency.as_secs_f64() * 1_000.0 });
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let credentials =
        Credentials { client_id: CLIENT.0.to_owned(), client_secret: CLIENT.1.to_owned() };
    tokio::spawn(simulator.serve(listener, credentials));
    Ok(address)
}
