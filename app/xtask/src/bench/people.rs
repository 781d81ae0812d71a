//! An organization of 100,000 people while deliveries come in: how long its pages take, how fast
//! its list of people is exported, and the memory that the export takes.

use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    float, http, megabytes,
    served::{Served, WEBHOOK_SECRET},
    table::Figure,
    thousands,
};
use crate::{command::run_quietly, server, step};

const PEOPLE: &str = "100000";
/// Deliveries a second during the measurement, spread over this many organizations; the large one
/// is among them.
const RATE: &str = "1000";
const ORGANIZATIONS: &str = "100";
/// Longer than all pages take; the deliveries end with the measurement.
const SECONDS: &str = "600";
const REQUESTS: usize = 300;

/// A page of the large organization, and how long it may take: 99 of 100.
const PAGES: [(&str, &str, &str); 8] = [
    ("people, first page", "/people", "at most 30 ms"),
    ("people, from the end", "/people?order=desc", "at most 30 ms"),
    ("people who wait", "/people?state=blocked", "at most 30 ms"),
    ("people by the time of their state", "/people?sort=since&order=desc", "at most 30 ms"),
    ("people of a role", "/people?role=member", "at most 30 ms"),
    ("people with a part of a name", "/people?search=erson+1234", "at most 100 ms"),
    ("people, a search without a match", "/people?search=xyzzy", "at most 100 ms"),
    ("groups", "/groups", "at most 30 ms"),
];

pub fn measure(served: &Served) -> Result<Vec<Figure>> {
    let large = fill(served)?;
    let cookie = served.staff()?;
    let person = served.first_person(&large)?;
    let mut deliveries = deliveries(served)?;
    let measured = pages(served, &cookie, &large, &person);
    let _ = deliveries.kill();
    deliveries.wait()?;
    measured
}

/// Fills one organization, and gives its id.
fn fill(served: &Served) -> Result<String> {
    run_quietly(load(served).args(["--organizations", "1", "--most", PEOPLE, "--seconds", "600"]))?;
    let mut status = server::on_its_own(served.binary());
    status.args(["status", "--json"]).env("DATABASE_URL", served.database());
    let organizations: Vec<Value> = serde_json::from_str(&run_quietly(&mut status)?)?;
    let used = |organization: &Value| organization["used"].as_u64();
    let large = organizations.first().context("there is no organization")?;
    ensure!(
        used(large) == PEOPLE.parse().ok(),
        "only {:?} of {PEOPLE} people are there",
        used(large)
    );
    Ok(large["organization_id"].as_str().context("the organization has no id")?.to_owned())
}

fn load(served: &Served) -> Command {
    let mut command = server::on_its_own(served.binary());
    let target = format!("http://{}/webhooks/scalekit", served.address());
    command.args(["load", "--to", &target]).env("SCALEKIT_WEBHOOK_SECRET", WEBHOOK_SECRET);
    command
}

fn deliveries(served: &Served) -> Result<Child> {
    let mut load = load(served);
    load.args(["--rate", RATE, "--organizations", ORGANIZATIONS, "--seconds", SECONDS]);
    Ok(load.args(["--connections", "16"]).stdout(Stdio::null()).spawn()?)
}

fn pages(served: &Served, cookie: &str, large: &str, person: &str) -> Result<Vec<Figure>> {
    let path = |rest: &str| format!("/organizations/{large}{rest}");
    let time = |what, path: &str, most| -> Result<Figure> {
        let timing = http::time(served.address(), path, (cookie, REQUESTS))?;
        let value = format!("{:.1} · {:.1} ms", timing.p50_ms, timing.p99_ms);
        Ok(Figure::new(what, value, most))
    };
    let mut figures = Vec::new();
    for (what, rest, most) in PAGES {
        figures.push(time(what, &path(rest), most)?);
    }
    let one = path(&format!("/people/{person}"));
    figures.push(time("the page of a person", &one, "at most 20 ms")?);
    let before = served.resident()?;
    let (rows, took, most) = exported(served, cookie, &path("/people.csv"))?;
    figures.push(Figure::new(
        "CSV of all people, rows a second",
        thousands(float(rows) / took.as_secs_f64()),
        "at least 50,000",
    ));
    figures.push(Figure::new(
        "  memory above that before",
        megabytes(most.saturating_sub(before)),
        "at most 21 MB (20 MiB)",
    ));
    Ok(figures)
}

/// Exports a list: its rows, how long it takes, and the largest memory of the server meanwhile.
fn exported(served: &Served, cookie: &str, path: &str) -> Result<(u64, Duration, u64)> {
    let (is_over, most) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                most.fetch_max(served.resident().unwrap_or_default(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(20));
            }
        });
        let began = step::now();
        let rows = http::lines(served.address(), path, cookie);
        let took = began.elapsed();
        is_over.store(true, Ordering::Relaxed);
        Ok((rows?, took, most.load(Ordering::Relaxed)))
    })
}
