//! A Seatkeeper in a process of its own, so that its memory is its own: one comparison, with deliveries for somebody else meanwhile.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use seatkeeper::{
    acts::{
        Actor, Delivery, NewOrganization, add_organization,
        resync::{Turn, start_resync, work_on},
    },
    clock::{Clock, Stopwatch},
    db::Db,
    desk::{Desk, Operations, Resyncs, Settings},
    domain::{
        access::Viewer,
        event::read,
        id::{AccountId, OrganizationId, WebhookId},
        organization::SeatLimit,
        resync::{Resync, ResyncCause, ResyncState},
    },
    reads,
    scalekit::client::{Client, Credentials},
    work::intake::{Answer, Intake},
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{CLIENT, ORGANIZATION};

/// How often memory is looked at, and a delivery comes.
const OFTEN: Duration = Duration::from_millis(20);

#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Memory at rest and at most, in bytes.
    pub idle: u64,
    pub peak: u64,
    pub calls: i64,
    /// Seconds from the first question to the plan, and from there to the end.
    pub plan: f64,
    pub apply: f64,
    pub changes: u64,
    /// The longest that a delivery for another organization waited.
    pub longest_ms: f64,
    pub deliveries: u64,
}

pub async fn work(database: &str, api: &str) -> Result<()> {
    let clock = Clock::machine();
    let db = Db::open(database, clock.clone()).await?;
    let settings =
        Settings { public_url: "http://localhost".to_owned(), default_seat_limit: SeatLimit::Unlimited, operations: Operations::default() };
    let credentials = Credentials { client_id: CLIENT.0.to_owned(), client_secret: CLIENT.1.to_owned() };
    let client = Client::new(api, credentials, clock.clone())?;
    let desk = Desk::new(db, clock, settings).with_scalekit(client, Resyncs::default());
    let organization = OrganizationId::new(ORGANIZATION);
    let new = NewOrganization { id: organization.clone(), name: "Acme".to_owned(), limit: SeatLimit::Unlimited };
    add_organization(&desk, &Actor::CommandLine("bench".to_owned()), &new).await?;
    let id = start_resync(&desk, None, &organization, ResyncCause::CommandLine, false).await?;
    let (intake, _lanes) = Intake::open(&desk);
    let idle = resident()?;
    let (stop, stopping) = watch::channel(false);
    let memory = tokio::spawn(highest(stopping.clone()));
    let deliveries = tokio::spawn(deliver(intake, desk.clone(), stopping));

    work_on(&desk, &Turn::This(organization.clone(), id.clone())).await?;

    stop.send(true)?;
    let scope = staff().scope(&organization).context("staff see everything")?;
    let run = reads::resync(&desk, &scope, &id).await?;
    ensure!(run.state == ResyncState::Done, "it ended as {run:?}");
    let (longest_ms, deliveries) = deliveries.await??;
    let (plan, apply) = spans(&run).context("it has no times")?;
    let changes = u64::try_from(run.applied)?;
    let figures = Figures { idle, peak: memory.await??, calls: run.calls, plan, apply, changes, longest_ms, deliveries };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

fn spans(run: &Resync) -> Option<(f64, f64)> {
    let (started, planned, finished) = (run.started_at?, run.planned_at?, run.finished_at?);
    Some((planned.since(started).as_secs_f64(), finished.since(planned).as_secs_f64()))
}

fn staff() -> Viewer {
    let (account, name) = (AccountId::new("acc_bench"), "Bench".to_owned());
    Viewer { account, name, email: String::new(), role: seatkeeper::domain::access::Role::Staff, organizations: Vec::new() }
}

/// The most memory held, until it is told to stop.
async fn highest(stopping: watch::Receiver<bool>) -> Result<u64> {
    let mut most = 0;
    while !*stopping.borrow() {
        most = most.max(resident()?);
        tokio::time::sleep(OFTEN).await;
    }
    Ok(most)
}

/// Somebody joins another organization again and again: the longest that one of them waited, and how many.
async fn deliver(intake: Intake, desk: Desk, stopping: watch::Receiver<bool>) -> Result<(f64, u64)> {
    let (mut longest, mut number) = (Duration::ZERO, 0);
    while !*stopping.borrow() {
        number += 1;
        let now = desk.clock.now();
        let body = format!(
            r#"{{"id":"evt_{number}","type":"organization.directory.user_created","occurred_at":"{}","organization_id":"org_2","data":{{"id":"diruser_o{number}","organization_id":"org_2","email":"p{number}@other.test","active":true}}}}"#,
            now.rfc3339()
        );
        let webhook = WebhookId::parse(&format!("msg_{number}")).context("an id")?;
        let reading = read(body.as_bytes());
        let began = Stopwatch::start();
        let answer = intake.take(Delivery::new(webhook, body.into_bytes(), reading, now)).await;
        longest = longest.max(began.elapsed());
        ensure!(matches!(answer, Answer::Taken(_)), "a delivery was not taken");
        tokio::time::sleep(OFTEN).await;
    }
    Ok((longest.as_secs_f64() * 1_000.0, number))
}

/// Memory it really holds, in bytes.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("/proc tells no memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
}
