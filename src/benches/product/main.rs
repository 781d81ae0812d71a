//! What the product behind the gate gets, from a release server over HTTP:
//!
//! - *access*: is this person allowed in? 64 connections ask about an organization of 100,000
//!   people while 1,000 deliveries a second come in, beside a call that only checks the key;
//! - *events*: how long after its commit an event is seen by a long poll and by a webhook receiver;
//! - *import*: 100,000 people, and the memory that they take;
//! - *ingest*: deliveries a second with a webhook endpoint, beside those without one.
//!
//! `cargo bench --bench product` measures SQLite; with `PRODUCT_POSTGRES_URL=postgres://…` it
//! measures PostgreSQL too. That server must allow new databases, and they stay there.
//! `cargo xtask bench` does both. `PRODUCT_BINARY` is the server, without it the one that
//! `cargo xtask build --release` has built. `PRODUCT_PART` is `access`, `events`, `import` or
//! `ingest`, `PRODUCT_ENGINE` is the only engine to measure, `PRODUCT_SECONDS` the length of one
//! measurement, and `PRODUCT_PEOPLE` the size of the organization.

mod access;
mod events;
mod import;
mod ingest;
#[path = "../gate/place.rs"]
mod place;
mod product;
mod receiver;
#[path = "../gate/table.rs"]
mod table;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};

use self::{place::Place, product::Product};

/// A figure of one engine, and what it should be.
pub struct Figure {
    what: String,
    value: String,
    target: &'static str,
}

impl Figure {
    pub fn new(what: impl Into<String>, value: impl Into<String>, target: &'static str) -> Self {
        Self { what: what.into(), value: value.into(), target }
    }
}

pub struct Settings {
    binary: PathBuf,
    pub seconds: u64,
    pub people: u64,
    part: Option<String>,
}

impl Settings {
    fn read() -> Result<Self> {
        let number = |name: &str, usually| {
            std::env::var(name)
                .map_or(Ok(usually), |text| text.parse())
                .with_context(|| format!("{name} is a number"))
        };
        let part = std::env::var("PRODUCT_PART").ok();
        let parts = ["access", "events", "import", "ingest"];
        if let Some(part) = part.as_deref().filter(|part| !parts.contains(part)) {
            bail!("there is no PRODUCT_PART “{part}”; there are {}", parts.join(", "));
        }
        let binary = match std::env::var_os("PRODUCT_BINARY") {
            Some(binary) => PathBuf::from(binary),
            None => built()?,
        };
        ensure!(
            binary.is_file(),
            "{} is missing: `cargo xtask build --release` builds it",
            binary.display()
        );
        Ok(Self {
            binary,
            seconds: number("PRODUCT_SECONDS", 5)?,
            people: number("PRODUCT_PEOPLE", 100_000)?,
            part,
        })
    }

    fn wants(&self, part: &str) -> bool {
        self.part.as_deref().is_none_or(|only| only == part)
    }
}

/// The server that stands beside this program in the target folder.
fn built() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(|deps| deps.parent()).context("no target folder")?;
    Ok(folder.join("seatkeeper"))
}

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
    let settings = Settings::read()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(&settings))
}

async fn measure(settings: &Settings) -> Result<()> {
    let server = std::env::var("PRODUCT_POSTGRES_URL").ok();
    if server.is_none() {
        println!("PRODUCT_POSTGRES_URL is not set: only SQLite is measured.");
    }
    let only = std::env::var("PRODUCT_ENGINE").ok();
    let is_wanted = |engine: &str| only.as_deref().is_none_or(|only| only == engine);
    let mut columns = Vec::new();
    if is_wanted("sqlite") {
        columns.push(("SQLite", on_one(settings, Place::sqlite()?).await?));
    }
    if let Some(server) = server.as_ref().filter(|_| is_wanted("postgres")) {
        columns.push(("Postgres", on_one(settings, Place::postgres(server).await?).await?));
    }
    let Some((_, figures)) = columns.first() else {
        bail!("PRODUCT_ENGINE is sqlite or postgres, and postgres wants PRODUCT_POSTGRES_URL")
    };
    let mut lines = vec![vec![String::new()]];
    lines[0].extend(columns.iter().map(|(name, _)| (*name).to_owned()));
    lines[0].push("target".to_owned());
    for (row, figure) in figures.iter().enumerate() {
        let values = columns.iter().map(|(_, figures)| figures[row].value.clone());
        let mut line = vec![figure.what.clone()];
        line.extend(values);
        line.push(figure.target.to_owned());
        lines.push(line);
    }
    println!();
    table::print(&lines);
    println!(
        "  {} s each; the load and the receivers share the processors with the server.",
        settings.seconds
    );
    Ok(())
}

async fn on_one(settings: &Settings, place: Place) -> Result<Vec<Figure>> {
    let product = Product::start(&settings.binary, place).await?;
    let mut figures = Vec::new();
    if settings.wants("events") {
        figures.extend(events::measure(&product).await?);
    }
    if settings.wants("import") || settings.wants("access") {
        figures.extend(import::measure(&product, settings.people).await?);
    }
    if settings.wants("access") {
        figures.extend(access::measure(&product, settings).await?);
    }
    if settings.wants("ingest") {
        figures.extend(ingest::measure(&product, settings.seconds).await?);
    }
    Ok(figures)
}
