//! What a release build does on this machine, on both engines, compared with measurements from
//! before the product existed.
//!
//! A new figure is one more line in `measure` (each engine) or `bundle_sizes` (the same for both).

mod http;
mod people;
mod served;
mod table;

pub use served::WEBHOOK_SECRET;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{fs, path::Path};

use crate::{
    bench::{served::Served, table::Figure},
    bundle,
    command::{cargo, run, run_quietly},
    postgres::Postgres,
    prerequisites,
    server::{self, NAME, Profile},
    step::Steps,
};

const CONNECTIONS: &str = "64";
const SECONDS: &str = "15";
const ORGANIZATIONS: &str = "100";
const REQUESTS: usize = 1_000;

pub fn bench(steps: &mut Steps, arguments: &[String]) -> Result<()> {
    match arguments {
        [] => everything(steps),
        [option] if option == "--people" => large(steps),
        [option] if option == "--product" => behind_the_gate(steps),
        _ => bail!("`cargo xtask bench` knows --people and --product"),
    }
}

/// What the product behind the gate gets.
fn behind_the_gate(steps: &mut Steps) -> Result<()> {
    steps.run("installed programs", || prerequisites::prepare(&[&prerequisites::POSTGRES]))?;
    let binary = fs::canonicalize(server::build_all(steps, Profile::Release)?)?;
    let postgres = steps.run("private Postgres", Postgres::start_durable)?;
    steps.run("the product behind the gate", || product(&binary, &postgres))?;
    steps.run("stopping Postgres", || postgres.stop())
}

/// With the packages of the server, so that it shares their compiled crates.
fn product(binary: &Path, postgres: &Postgres) -> Result<()> {
    let mut product = cargo(["bench", "--bench", "product"]);
    product.args(server::PACKAGES);
    run(product.env("PRODUCT_POSTGRES_URL", postgres.url()).env("PRODUCT_BINARY", binary))
}

/// The pages of an organization of 100,000 people.
fn large(steps: &mut Steps) -> Result<()> {
    steps.run("installed programs", || prerequisites::prepare(&[&prerequisites::POSTGRES]))?;
    let binary = fs::canonicalize(server::build_all(steps, Profile::Release)?)?;
    let on_sqlite = steps.run("100,000 people on SQLite", || {
        let folder = tempfile::tempdir()?;
        let database = format!("sqlite://{}", folder.path().join("bench.db").display());
        people::measure(&Served::start(&binary, &database)?)
    })?;
    let postgres = steps.run("private Postgres", Postgres::start_durable)?;
    let on_postgres = steps.run("100,000 people on Postgres", || {
        people::measure(&Served::start(&binary, &postgres.create_database("people")?)?)
    })?;
    steps.run("stopping Postgres", || postgres.stop())?;
    println!("\n{}", table::side_by_side("allowed", (&on_sqlite, &on_postgres), &[]));
    println!(
        "Half of the requests and 99 % of them within so many ms, one after another, while 1,000 deliveries a second come in for 100 organizations; all share this machine’s cores."
    );
    Ok(())
}

fn everything(steps: &mut Steps) -> Result<()> {
    steps.run("installed programs", || prerequisites::prepare(&[&prerequisites::POSTGRES]))?;
    let binary = fs::canonicalize(server::build_all(steps, Profile::Release)?)?;
    let sizes = bundle_sizes()?;

    let on_sqlite = steps.run("measuring on SQLite", || {
        let folder = tempfile::tempdir()?;
        measure(&Served::start(
            &binary,
            &format!("sqlite://{}", folder.path().join("bench.db").display()),
        )?)
    })?;
    let postgres = steps.run("private Postgres", Postgres::start_durable)?;
    let on_postgres = steps.run("measuring on Postgres", || {
        let database = postgres.create_database("bench")?;
        measure(&Served::start(&binary, &database)?)
    })?;
    steps.run("the gate beside what a team would have instead", || {
        let mut gate = cargo(["bench", "--package", "seatkeeper", "--bench", "gate"]);
        run(gate
            .env("GATE_POSTGRES_URL", postgres.url())
            .env("GATE_PGBENCH", postgres.programs().join("pgbench")))
    })?;
    steps.run("comparing with directories", || {
        let mut resync = cargo(["bench", "--package", "seatkeeper", "--bench", "resync"]);
        run(resync.env("RESYNC_POSTGRES_URL", postgres.url()))
    })?;
    steps.run("messages of many customers", || {
        let mut alerts = cargo(["bench", "--package", "seatkeeper", "--bench", "alerts"]);
        run(alerts.env("ALERTS_POSTGRES_URL", postgres.url()))
    })?;
    steps.run("deliveries beside sign-ins", || {
        let mut gate = cargo(["bench", "--package", "seatkeeper", "--bench", "gate"]);
        run(gate.env("GATE_PART", "sign-ins").env("GATE_POSTGRES_URL", postgres.url()))
    })?;
    steps.run("whether the time tells if an account exists", || {
        let mut sign_in = cargo(["bench", "--package", "seatkeeper", "--bench", "sign_in"]);
        run(sign_in.env("SIGN_IN_POSTGRES_URL", postgres.url()))
    })?;
    steps.run("the product behind the gate", || product(&binary, &postgres))?;
    steps.run("stopping Postgres", || postgres.stop())?;

    let engines = (&on_sqlite[..], &on_postgres[..]);
    println!("\n{}", table::side_by_side("trials before the product", engines, &sizes));
    println!(
        "{CONNECTIONS} connections for {SECONDS} s on {ORGANIZATIONS} organizations; the load shares this machine's cores with the server."
    );
    Ok(())
}

fn measure(served: &Served) -> Result<Vec<Figure>> {
    let idle = served.resident()?;
    let page = http::time(served.address(), "/sign-in", ("", REQUESTS))?;
    let load = load(served)?;
    let staff = served.staff()?;
    let overview = http::time(served.address(), "/organizations", (&staff, REQUESTS))?;
    let number = |field: &str| {
        load.get(field)
            .and_then(Value::as_f64)
            .with_context(|| format!("`seatkeeper load` told no `{field}`"))
    };
    let by_status = load
        .get("refused")
        .and_then(Value::as_object)
        .context("`seatkeeper load` told nothing of what was refused")?;
    let refused = by_status.values().filter_map(Value::as_f64).fold(0.0, |sum, n| sum + n);
    Ok(vec![
        Figure::new("deliveries acknowledged", thousands(number("acknowledged")?), ""),
        Figure::new(
            "  each second",
            thousands(number("per_second")?),
            "7,010 · 12,980 (batches of 32, without HTTP)",
        ),
        Figure::new("  half of them within", format!("{:.1} ms", number("p50_ms")?), ""),
        Figure::new("  99 % within", format!("{:.1} ms", number("p99_ms")?), ""),
        Figure::new("  refused", thousands(refused), "0"),
        Figure::new(
            "sign-in page, one after another",
            format!("{}/s", thousands(page.per_second)),
            "1,044/s (a list of 50 rows)",
        ),
        Figure::new(
            "  99 % within",
            format!("{:.1} ms", page.p99_ms),
            "1.5 ms (a list of 50 rows)",
        ),
        Figure::new(
            "overview of 100 organizations",
            format!("{}/s", thousands(overview.per_second)),
            "1,044/s (a list of 50 rows)",
        ),
        Figure::new(
            "  99 % within",
            format!("{:.1} ms", overview.p99_ms),
            "1.5 ms (a list of 50 rows)",
        ),
        Figure::new("memory, just started", megabytes(idle), ""),
        Figure::new(
            "memory, after the load",
            megabytes(served.resident()?),
            "23 MB (after a load of pages)",
        ),
    ])
}

fn load(served: &Served) -> Result<Value> {
    let target = format!("http://{}/webhooks/scalekit", served.address());
    let mut command = server::on_its_own(served.binary());
    command.args(["load", "--to", &target, "--connections", CONNECTIONS, "--seconds", SECONDS]);
    command
        .args(["--organizations", ORGANIZATIONS, "--json"])
        .env("SCALEKIT_WEBHOOK_SECRET", served::WEBHOOK_SECRET);
    serde_json::from_str(&run_quietly(&mut command)?)
        .context("`seatkeeper load --json` printed something else than JSON")
}

fn bundle_sizes() -> Result<Vec<Figure>> {
    let size = |file: &str| -> Result<String> {
        let path = Path::new(bundle::SITE).join("pkg").join(file);
        let about = path.metadata().with_context(|| format!("{} is missing", path.display()))?;
        Ok(format!("{} B", thousands(float(about.len()))))
    };
    Ok(vec![
        Figure::new("wasm, brotli", size(&format!("{NAME}_bg.wasm.br"))?, "35,049 B (one island)"),
        Figure::new("JavaScript, brotli", size(&format!("{NAME}.js.br"))?, "3,298 B (one island)"),
        Figure::new("styles, brotli", size(&format!("{NAME}.css.br"))?, ""),
    ])
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let grouped: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    grouped.join(",")
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", float(bytes) / 1e6)
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts for reading, far below 2^52")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [0.0, 999.0, 1000.4, 1_234_567.0].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
