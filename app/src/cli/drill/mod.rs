//! `seatkeeper drill`: kills Seatkeeper again and again while deliveries arrive, restarts it, and
//! checks that nothing was lost or counted twice. Two processes serve one database, and both are
//! killed. A kill does not show what a power cut does: the
//! operating system still writes the data that the database has handed to it.
//!
//! [`resync`]: the same in the middle of a resync. [`endure`]: another program kills the database.
//! [`sockets`]: clients that hold idle connections, and one client that sends too many requests.

mod endure;
mod feed;
mod resync;
mod served;
mod sockets;

use std::{sync::Arc, time::Duration};

use clap::Args;
use domain::organization::SeatLimit;
use seatkeeper::{
    clock::Clock,
    commands::{self, NewOrganization},
    config::Config,
    jobs::number_events,
    queries::{self, Inbox},
    state::AppState,
};
use simulator::load::{drill, organization_id};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use self::{
    feed::Feed,
    served::{LOOK, PATIENCE, serve, serve_beside},
};
use super::CliError;

const ORGANIZATIONS: u64 = 12;
/// A kill comes less than this many milliseconds after the first acknowledgement.
const LATEST: u16 = 600;

#[derive(Debug, Args)]
pub struct Drill {
    /// How often Seatkeeper is killed
    #[arg(long, default_value_t = 10)]
    kills: u32,
    /// Senders that run at once
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Kill Seatkeeper in the middle of a resync of this many people instead
    #[arg(long, value_name = "PEOPLE", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    resync: Option<u32>,
    /// Kill nothing; send until standard input ends, while another program disturbs the database
    #[arg(long, conflicts_with_all = ["resync", "kills"])]
    endure: bool,
    /// Kill nothing; hold thousands of connections, reset HTTP/2 streams, stop Seatkeeper under
    /// load, run 40 searches at once
    #[arg(long, conflicts_with_all = ["resync", "kills", "endure"])]
    sockets: bool,
    /// How long the connections are held
    #[arg(long, requires = "sockets", default_value_t = 60)]
    seconds: u64,
    /// The number of people in the searched organization
    #[arg(long, requires = "sockets", default_value_t = 100_000)]
    people: u64,
}

impl Drill {
    pub async fn run(self) -> Result<(), CliError> {
        let config = Config::load().map_err(CliError::refused)?;
        if let Some(people) = self.resync {
            return resync::run(&config, people, self.kills).await;
        }
        let secret = config.webhook_secrets().map_err(CliError::refused)?.first().clone();
        super::is_there(&config)?;
        prepare(&config).await?;
        let to = format!("http://{}/webhooks/scalekit", config.listen);
        let drill = Arc::new(
            drill::Drill::new(&to, secret, Clock::machine(), ORGANIZATIONS)
                .map_err(CliError::refused)?,
        );
        if self.sockets {
            return sockets::run(&config, drill, Duration::from_secs(self.seconds), self.people)
                .await;
        }
        if self.endure {
            return endure::run(&config, &drill, self.connections).await;
        }
        let mut feed = Feed::default();
        for kill in 1..=self.kills {
            self.kill_under_load(&config, &drill).await?;
            let inbox = async {
                feed_of(&config, &mut feed).await?;
                look(&config, &drill).await
            };
            let inbox = inbox
                .await
                .map_err(|end| CliError::failed(format!("after {kill} kills: {}", end.says)))?;
            let counts = drill.counts();
            eprintln!(
                "kill {kill}: {} sent, {} acknowledged, {} there",
                counts.sent, counts.acknowledged, inbox.originals
            );
        }
        let mut serving = serve(&config).await?;
        drill.send_the_rest().await;
        serving.kill().await.map_err(CliError::failed)?;
        let inbox = look(&config, &drill).await?;
        everything_is_there(&config, &drill, inbox).await?;
        every_event_was_read(&config, &drill, &mut feed).await?;
        println!(
            "{} kills of two processes, {} deliveries, {} answers, {} events: every acknowledged delivery is stored, \
             none twice, every count is right, every event came once and in order.",
            self.kills,
            inbox.originals,
            drill.counts().answers,
            feed.read(),
        );
        Ok(())
    }

    /// Starts Seatkeeper twice, and the senders, and kills both in the middle: one a moment after
    /// the other, which takes over its work meanwhile.
    async fn kill_under_load(
        &self,
        config: &Config,
        drill: &Arc<drill::Drill>,
    ) -> Result<(), CliError> {
        let mut serving = serve(config).await?;
        let mut beside = serve_beside().await?;
        let (stop, senders) = senders(drill, self.connections);
        let before = drill.counts().answers;
        let first = async {
            while drill.counts().answers == before {
                sleep(LOOK).await;
            }
        };
        timeout(PATIENCE, first)
            .await
            .map_err(|_| CliError::failed("No delivery was acknowledged after a start."))?;
        sleep(moment()).await;
        let (first, last) = if moment() < moment() {
            (&mut serving, &mut beside)
        } else {
            (&mut beside, &mut serving)
        };
        first.kill().await.map_err(CliError::failed)?;
        sleep(moment()).await;
        last.kill().await.map_err(CliError::failed)?;
        let _ = stop.send(true); // the senders live as long as `senders`
        senders.join_all().await;
        Ok(())
    }
}

/// Reads the events that are numbered, while Seatkeeper is down.
async fn feed_of(config: &Config, feed: &mut Feed) -> Result<(), CliError> {
    let state = super::state(config).await?;
    let read = feed.read_on(&state).await;
    state.db.close().await;
    read
}

/// Numbers the last events, reads them, and checks that they say who holds a seat and who waits.
async fn every_event_was_read(
    config: &Config,
    drill: &drill::Drill,
    feed: &mut Feed,
) -> Result<(), CliError> {
    let state = super::state(config).await?;
    number_events::work_off(&state).await?;
    let read = feed.read_on(&state).await;
    state.db.close().await;
    read?;
    for number in 0..ORGANIZATIONS {
        let (id, expected) = (organization_id(number), expected(drill, number)?);
        let said = feed.seats(&id);
        if said != expected {
            return Err(CliError::failed(format!(
                "{id}: expected seats and waiting {expected:?}, and the events say {said:?}"
            )));
        }
    }
    Ok(())
}

/// How many people hold a seat, and how many wait, once everything that was sent has arrived.
fn expected(drill: &drill::Drill, number: u64) -> Result<(i64, i64), CliError> {
    let wanted = i64::try_from(drill.wanted(number)).map_err(CliError::failed)?;
    let used = limit(number).free(0).map_or(wanted, |seats| seats.min(wanted));
    Ok((used, wanted - used))
}

/// Starts `connections` senders, which send until they are told to stop.
fn senders(drill: &Arc<drill::Drill>, connections: u32) -> (watch::Sender<bool>, JoinSet<()>) {
    let (stop, stopped) = watch::channel(false);
    let mut senders = JoinSet::new();
    for _ in 0..connections {
        let (drill, stopped) = (drill.clone(), stopped.clone());
        senders.spawn(async move { drill.send(stopped).await });
    }
    (stop, senders)
}

/// Refuses a database that is in use, and adds organizations: unlimited, with 20 and with 200
/// seats.
async fn prepare(config: &Config) -> Result<(), CliError> {
    let state = super::state(config).await?;
    require_unused(&state).await?;
    for number in 0..ORGANIZATIONS {
        let new = NewOrganization {
            id: organization_id(number),
            name: format!("Drill {number}"),
            external_id: None,
            limit: Some(limit(number)),
        };
        commands::add_organization(&state, &super::operator(), &new).await?;
    }
    state.db.close().await;
    Ok(())
}

async fn require_unused(state: &AppState) -> Result<(), CliError> {
    if queries::status(state).await?.is_empty() && queries::inbox(state).await?.rows == 0 {
        return Ok(());
    }
    Err(CliError::refused(
        "A drill needs an empty database of its own; DATABASE_URL names one that is in use.",
    ))
}

fn limit(organization: u64) -> SeatLimit {
    match organization % 3 {
        0 => SeatLimit::Unlimited,
        1 => SeatLimit::Seats(20),
        _ => SeatLimit::Seats(200),
    }
}

/// A random wait below `LATEST` milliseconds.
fn moment() -> Duration {
    let mut bytes = [0; 2];
    Clock::machine().fill(&mut bytes);
    Duration::from_millis(u64::from(u16::from_le_bytes(bytes) % LATEST))
}

/// Checks, while Seatkeeper is down, that every invariant holds and that every acknowledged
/// delivery is stored.
async fn look(config: &Config, drill: &drill::Drill) -> Result<Inbox, CliError> {
    let state = super::state(config).await?;
    let (broken, inbox, counts) =
        (queries::check(&state).await?, queries::inbox(&state).await?, drill.counts());
    state.db.close().await;
    if let Some(check) = broken.first() {
        return Err(CliError::failed(&check.0));
    }
    let originals = u64::try_from(inbox.originals).unwrap_or(0);
    let rows = u64::try_from(inbox.rows).unwrap_or(0);
    if originals < counts.acknowledged
        || rows < counts.answers
        || originals > counts.sent
        || inbox.dead > 0
    {
        return Err(CliError::failed(format!("{counts:?}, but the inbox has {inbox:?}")));
    }
    Ok(inbox)
}

/// Checks that each delivery is stored once and that the seats are those that follow from the
/// deliveries.
async fn everything_is_there(
    config: &Config,
    drill: &drill::Drill,
    inbox: Inbox,
) -> Result<(), CliError> {
    let counts = drill.counts();
    if u64::try_from(inbox.originals) != Ok(counts.sent) || counts.acknowledged != counts.sent {
        return Err(CliError::failed(format!("{counts:?}, but the inbox has {inbox:?}")));
    }
    let state: AppState = super::state(config).await?;
    let rows = queries::status(&state).await?;
    state.db.close().await;
    for number in 0..ORGANIZATIONS {
        let id = organization_id(number);
        let (used, waiting) = expected(drill, number)?;
        let found =
            rows.iter().find(|row| row.organization_id == id).map(|row| (row.used, row.waiting));
        if found != Some((used, waiting)) {
            return Err(CliError::failed(format!(
                "{id}: expected {used} seats and {waiting} waiting, found {found:?}"
            )));
        }
    }
    Ok(())
}
