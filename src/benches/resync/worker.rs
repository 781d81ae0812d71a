//! A Seatkeeper in a process of its own, so that its memory can be measured alone: one resync, and
//! meanwhile deliveries for other organizations.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::{
    access::Viewer,
    id::{AccountId, OrganizationId, WebhookId},
    organization::SeatLimit,
    resync::{Resync, ResyncCause, ResyncState},
    setting::{FixedSettings, SettingName},
};
use seatkeeper::{
    clock::{Clock, Stopwatch},
    commands::{
        Actor, Delivery, NewOrganization, add_organization,
        resync::{Turn, start_resync, work_on},
    },
    config::PublicUrl,
    db::{self, Db},
    ingest::{Answer, Intake},
    queries,
    scalekit::{
        client::{Client, Credentials},
        payload::read,
    },
    state::{AppState, Operations, Resyncs, Settings},
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{CLIENT, ORGANIZATION};

/// How often memory is measured, and how often a delivery is sent outside a burst.
const OFTEN: Duration = Duration::from_millis(20);
/// How long deliveries arrive before the resync begins: their waits are the quiet value.
const QUIET: Duration = Duration::from_secs(4);
/// The number of senders in a burst.
const STORM: usize = 32;

#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Memory at rest and at most, in bytes.
    pub idle: u64,
    pub peak: u64,
    pub calls: i64,
    /// Seconds from the start of the run to the plan, and from the plan to the end.
    pub plan: f64,
    pub apply: f64,
    pub changes: u64,
    /// The longest wait of a delivery for another organization; the wait that 99 % of them do not
    /// exceed; the same before the resync.
    pub longest_ms: f64,
    pub p99_ms: f64,
    pub quiet_p99_ms: f64,
    pub deliveries: u64,
}

pub async fn work(database: &str, api: &str, is_storm: bool) -> Result<()> {
    let clock = Clock::machine();
    let db = Db::open(&database.parse()?, clock.clone()).await?;
    tokio::spawn(db::count_new_tables(db.clone()));
    tokio::spawn(db::checkpoint(db.clone()));
    let mut fixed = FixedSettings::default();
    fixed.fix(SettingName::DefaultSeatLimit, "unlimited")?;
    let settings = Settings {
        public_url: PublicUrl::parse("http://localhost").map_err(anyhow::Error::msg)?,
        fixed,
        operations: Operations::default(),
    };
    let credentials =
        Credentials { client_id: CLIENT.0.to_owned(), client_secret: CLIENT.1.to_owned() };
    let client = Client::new(api.parse()?, credentials, clock.clone())?;
    let state = AppState::new(db, clock, settings).with_scalekit(client, Resyncs::default());
    let organization = OrganizationId::new(ORGANIZATION);
    let new = NewOrganization {
        id: organization.clone(),
        name: "Acme".to_owned(),
        external_id: None,
        limit: Some(SeatLimit::Unlimited),
    };
    add_organization(&state, &Actor::command_line("bench"), &new).await?;
    let id = start_resync(&state, None, &organization, ResyncCause::CommandLine, false).await?;
    let (intake, _shards) = Intake::open(&state);
    let (stop, stopping) = watch::channel(false);
    let quiet = tokio::spawn(deliver(intake.clone(), state.clone(), ("a", is_storm), stopping));
    tokio::time::sleep(QUIET).await;
    stop.send(true)?;
    let quiet = quiet.await??;
    let idle = resident()?;
    let (stop, stopping) = watch::channel(false);
    let memory = tokio::spawn(highest(stopping.clone()));
    let deliveries = tokio::spawn(deliver(intake, state.clone(), ("b", is_storm), stopping));

    work_on(&state, &Turn::This(organization.clone(), id.clone())).await?;

    stop.send(true)?;
    let scope = staff().scope(&organization).context("staff see everything")?;
    let run = queries::resync(&state, &scope, &id).await?;
    ensure!(run.state == ResyncState::Done, "it ended as {run:?}");
    let waits = deliveries.await??;
    let (plan, apply) = spans(&run).context("it has no times")?;
    let changes = u64::try_from(run.applied)?;
    let figures = Figures {
        idle,
        peak: memory.await??,
        calls: run.calls,
        plan,
        apply,
        changes,
        longest_ms: waits.last().copied().unwrap_or_default(),
        p99_ms: p99(&waits),
        quiet_p99_ms: p99(&quiet),
        deliveries: waits.len() as u64,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

fn spans(run: &Resync) -> Option<(f64, f64)> {
    let (started, planned, finished) = (run.started_at?, run.planned_at?, run.finished_at?);
    Some((planned.since(started).as_secs_f64(), finished.since(planned).as_secs_f64()))
}

fn staff() -> Viewer {
    let (account, name) = (AccountId::new("acc_bench"), "Bench".to_owned());
    Viewer {
        account,
        name,
        email: String::new(),
        role: domain::access::Role::Staff,
        organizations: std::collections::BTreeMap::new(),
        view_as: None,
    }
}

/// The most memory that is in use before the stop signal, in bytes.
async fn highest(stopping: watch::Receiver<bool>) -> Result<u64> {
    let mut most = 0;
    while !*stopping.borrow() {
        most = most.max(resident()?);
        tokio::time::sleep(OFTEN).await;
    }
    Ok(most)
}

/// Users join other organizations again and again. Returns the wait of each delivery in ms, sorted.
async fn deliver(
    intake: Intake,
    state: AppState,
    (phase, is_storm): (&'static str, bool),
    stopping: watch::Receiver<bool>,
) -> Result<Vec<f64>> {
    let senders = if is_storm { STORM } else { 1 };
    let send = |sender| {
        tokio::spawn(join_again(
            intake.clone(),
            state.clone(),
            (phase, sender, is_storm),
            stopping.clone(),
        ))
    };
    let sending: Vec<_> = (0..senders).map(send).collect();
    let mut waits = Vec::new();
    for sender in sending {
        waits.extend(sender.await??);
    }
    waits.sort_by(f64::total_cmp);
    Ok(waits)
}

async fn join_again(
    intake: Intake,
    state: AppState,
    (phase, sender, is_storm): (&str, usize, bool),
    stopping: watch::Receiver<bool>,
) -> Result<Vec<f64>> {
    let mut waits = Vec::new();
    while !*stopping.borrow() {
        let number = format!("{phase}{sender}x{}", waits.len());
        let now = state.clock.now();
        let body = format!(
            r#"{{"id":"evt_{number}","type":"organization.directory.user_created","occurred_at":"{}","organization_id":"org_{sender}","data":{{"id":"diruser_o{number}","organization_id":"org_{sender}","email":"p{number}@other.test","active":true}}}}"#,
            now.rfc3339()
        );
        let webhook = WebhookId::parse(&format!("msg_{number}")).context("an id")?;
        let reading = read(body.as_bytes());
        let began = Stopwatch::start();
        let answer = intake.take(Delivery::new(webhook, body.into_bytes(), reading, now)).await;
        waits.push(began.elapsed().as_secs_f64() * 1_000.0);
        ensure!(matches!(answer, Answer::Taken(_)), "a delivery was not taken");
        if !is_storm {
            tokio::time::sleep(OFTEN).await;
        }
    }
    Ok(waits)
}

/// The value that 99 % of these sorted waits do not exceed.
fn p99(waits: &[f64]) -> f64 {
    waits.get(waits.len() * 99 / 100).copied().unwrap_or_default()
}

/// The resident memory of this process, in bytes.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("/proc tells no memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
}
