//! `seatkeeper drill`: kills a Seatkeeper again and again while deliveries come, starts it anew, and looks whether anything
//! was lost or counted twice. What a kill cannot show is a power cut: what the engine was told to keep, it keeps.
//!
//! [`resync`]: the same in the middle of a comparison with the directory. [`endure`]: somebody else kills the database.
//! [`sockets`]: clients that take connections and do nothing with them, and one that asks too much.

mod endure;
mod resync;
mod served;
mod sockets;

use std::{sync::Arc, time::Duration};

use clap::Args;
use seatkeeper::{
    acts::{self, NewOrganization},
    clock::Clock,
    config::Config,
    desk::Desk,
    domain::organization::SeatLimit,
    reads::{self, Inbox},
    scalekit::{
        signature::Secret,
        simulator::load::{drill, organization_id},
    },
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use self::served::{LOOK, PATIENCE, serve};
use super::End;

const ORGANIZATIONS: u64 = 12;
/// A kill comes at most so many milliseconds after the first acknowledgement.
const LATEST: u16 = 600;

#[derive(Debug, Args)]
pub struct Drill {
    /// How often it is killed
    #[arg(long, default_value_t = 10)]
    kills: u32,
    /// Senders at once
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Kill it in the middle of comparing so many people with their directory instead
    #[arg(long, value_name = "PEOPLE", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    resync: Option<u32>,
    /// Kill nobody; send until standard input ends, for whoever does something worse to the database meanwhile
    #[arg(long, conflicts_with_all = ["resync", "kills"])]
    endure: bool,
    /// Kill no process; take thousands of connections, reset HTTP/2 streams, stop it in the middle of everything, search 40 times at once
    #[arg(long, conflicts_with_all = ["resync", "kills", "endure"])]
    sockets: bool,
    /// How long the connections are held
    #[arg(long, requires = "sockets", default_value_t = 60)]
    seconds: u64,
    /// How many people are searched
    #[arg(long, requires = "sockets", default_value_t = 100_000)]
    people: u64,
}

impl Drill {
    pub async fn run(self) -> Result<(), End> {
        let config = Config::load().map_err(End::refused)?;
        if let Some(people) = self.resync {
            return resync::run(&config, people, self.kills).await;
        }
        let secret = config.webhook_secrets().map_err(End::refused)?;
        let first = secret.first().ok_or_else(|| End::refused("SCALEKIT_WEBHOOK_SECRET holds no secret."))?;
        let secret = Secret::parse(first.reveal()).map_err(End::refused)?;
        super::is_there(&config)?;
        prepare(&config).await?;
        let to = format!("http://{}/webhooks/scalekit", config.listen);
        let drill = Arc::new(drill::Drill::new(&to, secret, Clock::machine(), ORGANIZATIONS).map_err(End::refused)?);
        if self.sockets {
            return sockets::run(&config, drill, Duration::from_secs(self.seconds), self.people).await;
        }
        if self.endure {
            return endure::run(&config, &drill, self.connections).await;
        }
        for kill in 1..=self.kills {
            self.kill_under_load(&config, &drill).await?;
            let inbox = look(&config, &drill).await.map_err(|end| End::failed(format!("after {kill} kills: {}", end.says)))?;
            let standing = drill.standing();
            eprintln!("kill {kill}: {} sent, {} acknowledged, {} there", standing.sent, standing.acknowledged, inbox.originals);
        }
        let mut serving = serve(&config).await?;
        drill.send_the_rest().await;
        serving.kill().await.map_err(End::failed)?;
        let inbox = look(&config, &drill).await?;
        everything_is_there(&config, &drill, inbox).await?;
        println!(
            "{} kills, {} deliveries, {} answers: everything acknowledged is there, nothing twice, every count is true.",
            self.kills,
            inbox.originals,
            drill.standing().answers
        );
        Ok(())
    }

    /// Serves, lets senders send, and kills it in the middle.
    async fn kill_under_load(&self, config: &Config, drill: &Arc<drill::Drill>) -> Result<(), End> {
        let mut serving = serve(config).await?;
        let (stop, senders) = senders(drill, self.connections);
        let before = drill.standing().answers;
        let first = async {
            while drill.standing().answers == before {
                sleep(LOOK).await;
            }
        };
        timeout(PATIENCE, first).await.map_err(|_| End::failed("No delivery was acknowledged after a start."))?;
        sleep(moment()).await;
        serving.kill().await.map_err(End::failed)?;
        let _ = stop.send(true); // senders are there as long as `senders` is
        senders.join_all().await;
        Ok(())
    }
}

/// So many, who send until they are told to stop.
fn senders(drill: &Arc<drill::Drill>, connections: u32) -> (watch::Sender<bool>, JoinSet<()>) {
    let (stop, stopped) = watch::channel(false);
    let mut senders = JoinSet::new();
    for _ in 0..connections {
        let (drill, stopped) = (drill.clone(), stopped.clone());
        senders.spawn(async move { drill.send(stopped).await });
    }
    (stop, senders)
}

/// A database nobody uses, with a few organizations of every kind of limit.
async fn prepare(config: &Config) -> Result<(), End> {
    let desk = super::desk(config).await?;
    nobody_uses(&desk).await?;
    for number in 0..ORGANIZATIONS {
        let new = NewOrganization { id: organization_id(number), name: format!("Drill {number}"), limit: limit(number) };
        acts::add_organization(&desk, &super::operator(), &new).await?;
    }
    desk.db.close().await;
    Ok(())
}

async fn nobody_uses(desk: &Desk) -> Result<(), End> {
    if reads::status(desk).await?.is_empty() && reads::inbox(desk).await?.rows == 0 {
        return Ok(());
    }
    Err(End::refused("A drill needs an empty database of its own; DATABASE_URL names one that is in use."))
}

fn limit(organization: u64) -> SeatLimit {
    match organization % 3 {
        0 => SeatLimit::Unlimited,
        1 => SeatLimit::Seats(20),
        _ => SeatLimit::Seats(200),
    }
}

/// Some milliseconds, up to chance.
fn moment() -> Duration {
    let mut bytes = [0; 2];
    Clock::machine().fill(&mut bytes);
    Duration::from_millis(u64::from(u16::from_le_bytes(bytes) % LATEST))
}

/// Recounts while nobody serves: no invariant is broken, and what was acknowledged is there.
async fn look(config: &Config, drill: &drill::Drill) -> Result<Inbox, End> {
    let desk = super::desk(config).await?;
    let (broken, inbox, standing) = (reads::check(&desk).await?, reads::inbox(&desk).await?, drill.standing());
    desk.db.close().await;
    if let Some(check) = broken.first() {
        return Err(End::failed(&check.0));
    }
    let originals = u64::try_from(inbox.originals).unwrap_or(0);
    let rows = u64::try_from(inbox.rows).unwrap_or(0);
    if originals < standing.acknowledged || rows < standing.answers || originals > standing.sent || inbox.dead > 0 {
        return Err(End::failed(format!("{standing:?}, but the inbox has {inbox:?}")));
    }
    Ok(inbox)
}

/// Each delivery that was ever sent is there once, and the seats are those that follow from them.
async fn everything_is_there(config: &Config, drill: &drill::Drill, inbox: Inbox) -> Result<(), End> {
    let standing = drill.standing();
    if u64::try_from(inbox.originals) != Ok(standing.sent) || standing.acknowledged != standing.sent {
        return Err(End::failed(format!("{standing:?}, but the inbox has {inbox:?}")));
    }
    let desk: Desk = super::desk(config).await?;
    let rows = reads::status(&desk).await?;
    desk.db.close().await;
    for number in 0..ORGANIZATIONS {
        let id = organization_id(number);
        let wanted = i64::try_from(drill.wanted(number)).map_err(End::failed)?;
        let used = limit(number).free(0).map_or(wanted, |seats| seats.min(wanted));
        let found = rows.iter().find(|row| row.organization_id == id).map(|row| (row.used, row.waiting));
        if found != Some((used, wanted - used)) {
            return Err(End::failed(format!("{id}: {used} seats and {} waiting were to be expected, not {found:?}", wanted - used)));
        }
    }
    Ok(())
}
