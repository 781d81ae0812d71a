//! How long the messages take when many customers cross a threshold within an hour: 10,000
//! organizations reach 80 % of their seats, and one admin of each gets an e-mail from a mail server
//! on this machine. The hour is not waited for: the deliveries come as fast as they are taken.
//!
//! `cargo bench --bench alerts` measures SQLite; with `ALERTS_POSTGRES_URL=postgres://…` it
//! measures PostgreSQL too. That server must allow new databases, and they stay there.
//! `cargo xtask bench` does both. `ALERTS_ENGINE` is the only engine to measure;
//! `ALERTS_PART=quick` runs a hundredth, to see that the benchmark works.

mod mail_server;
#[path = "../gate/place.rs"]
mod place;
#[path = "../gate/table.rs"]
mod table;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use domain::{
    access::Role,
    id::{OrganizationId, WebhookId},
    setting::{FixedSettings, SettingName},
    time::Timestamp,
};
use seatkeeper::{
    channels::email::{mailer::Mailer, server::SmtpServer},
    clock::{Clock, Stopwatch},
    commands::{Actor, Delivery, NewAccount, add_account, ingest_deliveries},
    config::PublicUrl,
    db::Db,
    jobs::send_messages::{self, Mail},
    scalekit::payload::read,
    state::{AppState, Operations, Settings},
};

use self::{
    mail_server::MailServer,
    place::Place,
    table::{float, ms, thousands, times},
};

/// An admin of so many organizations, so that accounts do not take all the time.
const OF_ONE_ADMIN: usize = 100;
/// Deliveries in one transaction, as in the intake.
const BATCH: usize = 256;
/// The plan has five seats, so the fourth person reaches 80 %.
const SEATS: &str = "5";
const FOURTH: usize = 3;
/// All e-mails must have left after this time.
const ALLOWED: Duration = Duration::from_mins(5);

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
    let organizations = match std::env::var("ALERTS_PART").as_deref() {
        Err(_) => 10_000,
        Ok("quick") => 100,
        Ok(other) => bail!("there is no ALERTS_PART “{other}”; there is quick"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(organizations))
}

async fn measure(organizations: usize) -> Result<()> {
    let server = std::env::var("ALERTS_POSTGRES_URL").ok();
    if server.is_none() {
        println!("ALERTS_POSTGRES_URL is not set: only SQLite is measured.");
    }
    let only = std::env::var("ALERTS_ENGINE").ok();
    let is_wanted = |engine: &str| only.as_deref().is_none_or(|only| only == engine);
    let mut places = Vec::new();
    if is_wanted("sqlite") {
        places.push(Place::sqlite()?);
    }
    if let Some(server) = server.as_ref().filter(|_| is_wanted("postgres")) {
        places.push(Place::postgres(server).await?);
    }
    ensure!(
        !places.is_empty(),
        "ALERTS_ENGINE is sqlite or postgres, and postgres wants ALERTS_POSTGRES_URL"
    );
    let count = thousands(float(organizations as u64));
    let mut lines = vec![
        vec![String::new()],
        vec![format!("{count} organizations reach 80 %: deliveries a second")],
        vec!["  each, with its alert and its message".to_owned()],
        vec!["e-mails accepted a second".to_owned()],
        vec!["from the first delivery to the last e-mail".to_owned()],
        vec!["  that is, of the five minutes allowed".to_owned()],
    ];
    for place in &places {
        let figures = Figures::of(place, organizations).await?;
        lines[0].push(place.name.to_owned());
        lines[1].push(thousands(float(organizations as u64) / figures.crossing));
        lines[2].push(ms(Some(figures.crossing * 1_000.0 / float(organizations as u64))));
        lines[3].push(thousands(float(organizations as u64) / figures.sending));
        lines[4].push(format!("{:.1} s", figures.crossing + figures.sending));
        lines[5].push(times((figures.crossing + figures.sending) / ALLOWED.as_secs_f64()));
    }
    println!();
    table::print(&lines);
    println!("The pause that ends a burst is left out: it is at most a minute.");
    Ok(())
}

/// Seconds.
struct Figures {
    crossing: f64,
    sending: f64,
}

impl Figures {
    async fn of(place: &Place, organizations: usize) -> Result<Self> {
        // stands still, so that no burst is waited for
        let clock = Clock::still(Timestamp::from_seconds(1_790_000_000), 7);
        let db = Db::open(&place.url.parse()?, clock.clone()).await?;
        let mut fixed = FixedSettings::default();
        fixed.fix(SettingName::DefaultSeatLimit, SEATS)?;
        let settings = Settings {
            public_url: PublicUrl::parse("http://localhost").map_err(anyhow::Error::msg)?,
            fixed,
            operations: Operations::default(),
        };
        let state = AppState::new(db, clock.clone(), settings);
        for person in 0..FOURTH {
            joined(&state, organizations, person).await?;
        }
        admins(&state, organizations).await?;
        let server = MailServer::start().await?;
        let mail = Mail {
            mailer: Mailer::smtp(SmtpServer::parse(&server.url()).map_err(anyhow::Error::msg)?),
            from: "Seatkeeper <seats@localhost>".parse()?,
        };

        let began = Stopwatch::start();
        joined(&state, organizations, FOURTH).await?;
        let crossing = began.elapsed().as_secs_f64();
        clock.pass(Duration::from_mins(2));
        let began = Stopwatch::start();
        let sent = send_messages::work_off(&state, &mail).await?;
        let sending = began.elapsed().as_secs_f64();

        ensure!(
            sent == organizations && server.accepted() == organizations,
            "{sent} of {organizations} e-mails were sent, and {} accepted",
            server.accepted()
        );
        state.db.close().await;
        Ok(Self { crossing, sending })
    }
}

/// One more person in each organization.
async fn joined(state: &AppState, organizations: usize, person: usize) -> Result<()> {
    state.clock.pass(Duration::from_secs(1));
    let (now, at) = (state.clock.now(), state.clock.now().rfc3339());
    let delivery = |n: usize| {
        let id = format!("{n}-{person}");
        let body = format!(
            r#"{{"id":"evt_{id}","type":"organization.directory.user_created","occurred_at":"{at}","organization_id":"org_{n}","data":{{"id":"diruser_{id}","organization_id":"org_{n}","email":"p{id}@example.com","active":true}}}}"#
        )
        .into_bytes();
        let reading = read(&body);
        Delivery::new(WebhookId::new(format!("msg_{id}")), body, reading, now)
    };
    let deliveries: Vec<Delivery> = (0..organizations).map(delivery).collect();
    for batch in deliveries.chunks(BATCH) {
        ingest_deliveries(state, batch).await?;
    }
    Ok(())
}

/// An admin for each organization.
async fn admins(state: &AppState, organizations: usize) -> Result<()> {
    let ids: Vec<OrganizationId> =
        (0..organizations).map(|n| OrganizationId::new(format!("org_{n}"))).collect();
    for (number, part) in ids.chunks(OF_ONE_ADMIN).enumerate() {
        let new = NewAccount {
            email: format!("admin{number}@example.com"),
            name: "Admin".to_owned(),
            role: Role::TenantAdmin,
            organizations: part.to_vec(),
            password: format!("long enough for story {number}"),
        };
        add_account(state, &Actor::command_line("bench"), &new)
            .await
            .context("an admin could not be added")?;
    }
    Ok(())
}
