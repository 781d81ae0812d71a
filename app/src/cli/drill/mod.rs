//! `seatkeeper drill`: kills a Seatkeeper again and again while deliveries come, starts it anew, and looks whether anything
//! was lost or counted twice. What a kill cannot show is a power cut: what the engine was told to keep, it keeps.

use std::{net::SocketAddr, process::Stdio, sync::Arc, time::Duration};

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
    net::TcpStream,
    process::{Child, Command},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::End;

const ORGANIZATIONS: u64 = 12;
/// How long a start may take, and until the first delivery after it is acknowledged.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(10);
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
}

impl Drill {
    pub async fn run(self) -> Result<(), End> {
        let config = Config::load().map_err(End::refused)?;
        let secret = config.webhook_secrets().map_err(End::refused)?;
        let first = secret.first().ok_or_else(|| End::refused("SCALEKIT_WEBHOOK_SECRET holds no secret."))?;
        let secret = Secret::parse(first.reveal()).map_err(End::refused)?;
        prepare(&config).await?;
        let to = format!("http://{}/webhooks/scalekit", config.listen);
        let drill = Arc::new(drill::Drill::new(&to, secret, Clock::machine(), ORGANIZATIONS).map_err(End::refused)?);
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
        let (stop, stopped) = watch::channel(false);
        let mut senders = JoinSet::new();
        for _ in 0..self.connections {
            let (drill, stopped) = (drill.clone(), stopped.clone());
            senders.spawn(async move { drill.send(stopped).await });
        }
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

/// A database nobody uses, with a few organizations of every kind of limit.
async fn prepare(config: &Config) -> Result<(), End> {
    let desk = super::desk(config).await?;
    if !reads::status(&desk).await?.is_empty() || reads::inbox(&desk).await?.rows > 0 {
        return Err(End::refused("A drill needs an empty database of its own; DATABASE_URL names one that is in use."));
    }
    for number in 0..ORGANIZATIONS {
        let new = NewOrganization { id: organization_id(number), name: format!("Drill {number}"), limit: limit(number) };
        acts::add_organization(&desk, &super::operator(), &new).await?;
    }
    desk.db.close().await;
    Ok(())
}

fn limit(organization: u64) -> SeatLimit {
    match organization % 3 {
        0 => SeatLimit::Unlimited,
        1 => SeatLimit::Seats(20),
        _ => SeatLimit::Seats(200),
    }
}

/// This very program, serving.
async fn serve(config: &Config) -> Result<Child, End> {
    let program = std::env::current_exe().map_err(End::failed)?;
    let mut command = Command::new(program);
    command.arg("serve").env("RUST_LOG", "error").stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(End::failed)?;
    let up = async {
        while TcpStream::connect(config.listen).await.is_err() {
            if !matches!(child.try_wait(), Ok(None)) {
                return false;
            }
            sleep(LOOK).await;
        }
        true
    };
    if timeout(PATIENCE, up).await.unwrap_or(false) { Ok(child) } else { Err(did_not_start(config.listen)) }
}

fn did_not_start(address: SocketAddr) -> End {
    End::failed(format!("`seatkeeper serve` did not come up on {address}"))
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
