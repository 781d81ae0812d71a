//! An import of many people: how long it takes, and the memory of the server meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use seatkeeper::clock::Stopwatch;

use super::{
    Figure,
    product::{Product, resident},
    table::{float, thousands},
};

pub const ORGANIZATION: &str = "org_large";
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_mins(15);

/// The address of a person.
pub fn email(person: u64) -> String {
    format!("person.{person}@large.example")
}

pub async fn measure(product: &Product, people: u64) -> Result<Vec<Figure>> {
    println!("{}: an import of {people} people", product.engine());
    let path = product.organization(ORGANIZATION).await?;
    let file: String = (0..people).map(row).collect();
    let before = resident(&product.status_file())?;
    let memory = Memory::watch(product.status_file());
    let began = Stopwatch::start();
    let mut caller = product.caller().await?;
    let kind = "content-type: application/x-ndjson\r\n";
    let import = caller.send("POST", &format!("{path}/imports"), kind, file.as_bytes()).await?;
    drop(file);
    let received = began.elapsed();
    let id = import["id"].as_str().context("the import has no id")?.to_owned();
    let mut planned = None;
    loop {
        let import = caller.get(&format!("{path}/imports/{id}")).await?;
        match import["state"].as_str().context("the import has no state")? {
            "queued" | "planning" => {}
            "applying" => planned = planned.or(Some(began.elapsed())),
            "done" => {
                ensure!(
                    import["applied"].as_u64() == Some(people),
                    "not everyone was imported: {import}"
                );
                break;
            }
            other => bail!("the import is {other}: {import}"),
        }
        ensure!(began.elapsed() < LONGEST, "the import takes too long: {import}");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let whole = began.elapsed();
    let planned = planned.unwrap_or(whole);
    let above = memory.most().saturating_sub(before);
    let seconds = |span: Duration| format!("{:.1} s", span.as_secs_f64());
    let count = thousands(float(people));
    Ok(vec![
        Figure::new(format!("import of {count} people"), seconds(whole), "≤ 20 s"),
        Figure::new("  the file is taken", seconds(received), ""),
        Figure::new("  the plan is made", seconds(planned.saturating_sub(received)), ""),
        Figure::new("  the plan is applied", seconds(whole.saturating_sub(planned)), ""),
        Figure::new(
            "  memory above rest",
            format!("{:.0} MiB", float(above) / 1_048_576.0),
            "≤ 60 MiB",
        ),
    ])
}

fn row(person: u64) -> String {
    let row = serde_json::json!({
        "email": email(person),
        "external_id": format!("ext-{person}"),
        "name": format!("Person {person}"),
    });
    format!("{row}\n")
}

/// Watches the memory of the server in a thread, because the runtime may be busy.
struct Memory {
    most: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Memory {
    fn watch(status_file: String) -> Self {
        let (most, is_over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let watched = Self { most: most.clone(), is_over: is_over.clone() };
        std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                most.fetch_max(resident(&status_file).unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        watched
    }

    fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
