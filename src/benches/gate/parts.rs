//! The measurements in order, and how they are compared.

use anyhow::{Context, Result, bail, ensure};
use simulator::load::{Figures, Load, organization_id};

use super::{
    child::Receiver,
    pgbench,
    place::Place,
    receivers::{self, GATE, ONE_BY_ONE, ONLY_VERIFIES},
    sign_ins,
    table::{self, float, ms, thousands, times},
};

const CONNECTIONS: u64 = 64;
pub const ORGANIZATIONS: u64 = 100;

struct Settings {
    seconds: u64,
    server: Option<String>,
    /// The only engine to measure; `None` means every available one.
    only: Option<String>,
}

impl Settings {
    /// A fresh database for each engine to measure.
    async fn places(&self) -> Result<Vec<Place>> {
        let is_wanted = |engine: &str| self.only.as_deref().is_none_or(|only| only == engine);
        let mut places = Vec::new();
        if is_wanted("sqlite") {
            places.push(Place::sqlite()?);
        }
        if let Some(server) = self.server.as_ref().filter(|_| is_wanted("postgres")) {
            places.push(Place::postgres(server).await?);
        }
        ensure!(
            !places.is_empty(),
            "GATE_ENGINE is sqlite or postgres, and postgres wants GATE_POSTGRES_URL"
        );
        Ok(places)
    }
}

pub async fn measure() -> Result<()> {
    let seconds = std::env::var("GATE_SECONDS")
        .map_or(Ok(10), |text| text.parse())
        .context("GATE_SECONDS is a number")?;
    let settings = Settings {
        seconds,
        server: std::env::var("GATE_POSTGRES_URL").ok(),
        only: std::env::var("GATE_ENGINE").ok(),
    };
    if settings.server.is_none() {
        println!("GATE_POSTGRES_URL is not set: only SQLite is measured.");
    }
    match std::env::var("GATE_PART").as_deref() {
        Err(_) | Ok("quick") => quick(&settings).await,
        Ok("growth") => growth(&settings).await,
        Ok("burst") => burst(&settings).await,
        Ok("sign-ins") => {
            for place in settings.places().await? {
                sign_ins::measure(&place, settings.seconds).await?;
            }
            Ok(())
        }
        Ok(other) => {
            bail!("there is no GATE_PART “{other}”; there are quick, growth, burst and sign-ins")
        }
    }
}

/// Rates, times, and the comparisons.
async fn quick(settings: &Settings) -> Result<()> {
    let seconds = settings.seconds;
    let ceiling = {
        let receiver = Receiver::start(ONLY_VERIFIES, "none")?;
        receiver.take(receiver.load(seconds, ORGANIZATIONS)?).await?
    };
    let mut rows = vec![row("only verifies, keeps nothing", &ceiling, None)];
    let mut gates = Vec::new();
    for place in settings.places().await? {
        gates.push((place.name, gate(settings, &place, &ceiling, &mut rows).await?));
    }
    if let Some(server) = &settings.server {
        compare(settings, server, &gates, &mut rows).await?;
    }
    let mut lines = vec![
        ["", "a second", "half within", "99 % within", "of the ceiling"]
            .map(str::to_owned)
            .to_vec(),
    ];
    lines.extend(rows);
    println!();
    table::print(&lines);
    println!(
        "  {CONNECTIONS} connections, {ORGANIZATIONS} organizations, {seconds} s each; the load shares the processors with the receiver."
    );
    Ok(())
}

/// One engine: at full rate, at half of that rate, and on one organization with duplicates.
async fn gate(
    settings: &Settings,
    place: &Place,
    ceiling: &Figures,
    rows: &mut Vec<Vec<String>>,
) -> Result<Figures> {
    let receiver = Receiver::start(GATE, &place.url)?;
    let usual = || receiver.load(settings.seconds, ORGANIZATIONS);
    let most = receiver.take(usual()?).await?;
    rows.push(row(&format!("{}, 100 organizations", place.name), &most, Some(ceiling)));
    let half = receiver.take(Load { per_second: Some(most.per_second / 2.0), ..usual()? }).await?;
    rows.push(row(&format!("{}, at half that rate", place.name), &half, None));
    let one = receiver.take(Load { organizations: 1, duplicates: 0.1, ..usual()? }).await?;
    rows.push(row(&format!("{}, one organization, 10 % duplicates", place.name), &one, None));
    rows.push(vec![
        format!("{}, memory", place.name),
        format!("{:.0} MiB", float(receiver.resident()?) / 1_048_576.0),
    ]);
    Ok(most)
}

/// The same deliveries on the same server, with what a team would have instead.
async fn compare(
    settings: &Settings,
    server: &str,
    gates: &[(&str, Figures)],
    rows: &mut Vec<Vec<String>>,
) -> Result<()> {
    let shop = Place::postgres(server).await?;
    let ids = (0..ORGANIZATIONS).map(|number| organization_id(number).to_string());
    receivers::prepare_cookbook(&shop.url, ids).await?;
    let cookbook = {
        let receiver = Receiver::start(ONE_BY_ONE, &shop.url)?;
        receiver.take(receiver.load(settings.seconds, ORGANIZATIONS)?).await?
    };
    rows.push(row("one transaction per event, Postgres", &cookbook, None));
    let pgbench = pgbench::run(&shop.url, settings.seconds, CONNECTIONS, ORGANIZATIONS)?;
    rows.push(vec!["pgbench, that transaction alone".to_owned(), thousands(pgbench)]);
    for (name, figures) in gates {
        rows.push(vec![
            format!("{name} to one transaction per event"),
            times(figures.per_second / cookbook.per_second),
        ]);
        rows.push(vec![format!("{name} to pgbench"), times(figures.per_second / pgbench)]);
    }
    Ok(())
}

/// Whether a delivery costs the same however many users there are: four sizes, from none to a
/// million.
async fn growth(settings: &Settings) -> Result<()> {
    const SIZES: [u64; 4] = [0, 10_000, 100_000, 1_000_000];
    const ALL_ORGANIZATIONS: u64 = 10_000;
    for place in settings.places().await? {
        let receiver = Receiver::start(GATE, &place.url)?;
        let mut lines = vec![
            ["people there", "a second", "99 % within", "to the first"].map(str::to_owned).to_vec(),
        ];
        let (mut there, mut first) = (0, None);
        for size in SIZES {
            while there < size {
                let fill =
                    Load { most: Some(size - there), ..receiver.load(86_400, ALL_ORGANIZATIONS)? };
                there += receiver.take(fill).await?.acknowledged;
            }
            let figures = receiver.take(receiver.load(settings.seconds, ORGANIZATIONS)?).await?;
            there += figures.acknowledged;
            let first = *first.get_or_insert(figures.per_second);
            let bar = "█".repeat(bar(figures.per_second / first));
            let ratio = times(figures.per_second / first);
            lines.push(vec![
                thousands(float(size)),
                thousands(figures.per_second),
                ms(figures.p99_ms),
                ratio,
                bar,
            ]);
        }
        println!(
            "\n{}: {} organizations, deliveries for 100 of them",
            place.name,
            thousands(float(ALL_ORGANIZATIONS))
        );
        table::print(&lines);
    }
    Ok(())
}

/// Whether memory stays flat: `GATE_SECONDS` at full rate, measured ten times.
async fn burst(settings: &Settings) -> Result<()> {
    for place in settings.places().await? {
        let receiver = Receiver::start(GATE, &place.url)?;
        let mut lines = vec![["s", "a second", "memory"].map(str::to_owned).to_vec()];
        lines.push(vec![
            "0".to_owned(),
            String::new(),
            format!("{:.0} MiB", float(receiver.resident()?) / 1_048_576.0),
        ]);
        for tenth in 1..=10 {
            let part = (settings.seconds / 10).max(1);
            let figures = receiver.take(receiver.load(part, ORGANIZATIONS)?).await?;
            let memory = format!("{:.0} MiB", float(receiver.resident()?) / 1_048_576.0);
            lines.push(vec![(tenth * part).to_string(), thousands(figures.per_second), memory]);
        }
        println!("\n{}, as fast as it can", place.name);
        table::print(&lines);
    }
    Ok(())
}

fn row(what: &str, figures: &Figures, ceiling: Option<&Figures>) -> Vec<String> {
    let share =
        ceiling.map_or_else(String::new, |ceiling| times(figures.per_second / ceiling.per_second));
    vec![
        what.to_owned(),
        thousands(figures.per_second),
        ms(figures.p50_ms),
        ms(figures.p99_ms),
        share,
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bar of some forty characters"
)]
fn bar(share: f64) -> usize {
    (share.clamp(0.0, 2.0) * 40.0) as usize
}
