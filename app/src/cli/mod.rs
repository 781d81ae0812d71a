//! The command line. What a script may read goes to standard output; everything else to standard error.

mod account;
mod demo;
mod drill;
mod load;
mod organization;
mod replay;
mod resync;
mod serve;
mod simulator;
mod status;

use std::os::unix::fs::MetadataExt;

use clap::{Parser, Subcommand};
use seatkeeper::{
    acts::{self, Actor},
    clock::Clock,
    config::Config,
    db::{Db, missing_file},
    desk::{Desk, Resyncs, Settings},
    http::server::descriptors,
    scalekit::client::{Client, Credentials},
    shares::Sizes,
    telemetry,
};

/// The gate between your customers' directories and their paid seats.
#[derive(Debug, Parser)]
#[command(name = "seatkeeper", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take webhooks and show the dashboard, until Ctrl-C
    Serve,
    /// See it at work: invented customers, a Scalekit that plays along, an embedded database
    Demo(demo::Demo),
    /// Play Scalekit: invented organizations behind an API, with webhooks, faults and a page of its own
    Simulator(simulator::Simulate),
    /// Bring the database's tables up to date, and nothing else
    Migrate,
    /// Dashboard accounts
    #[command(subcommand)]
    Account(account::Account),
    /// Organizations and their seat limits
    #[command(subcommand)]
    Organization(organization::Organization),
    /// Every organization's numbers, and whether they are true
    Status(status::Status),
    /// Take dead letters once more
    Replay(replay::Replay),
    /// Compare an organization with its directory, and apply what differs
    Resync(resync::Resync),
    /// Push invented deliveries at a Seatkeeper on this machine and print what it takes
    Load(load::Load),
    /// Kill a Seatkeeper again and again while deliveries come, and look whether anything is lost
    Drill(drill::Drill),
}

/// How a command ended that did not do what was asked.
#[derive(Debug)]
pub struct End {
    /// 1: it failed; 2: what was asked makes no sense, nothing was changed; 3: somebody has to confirm it first.
    pub code: u8,
    pub says: String,
}

impl End {
    pub fn failed(says: impl std::fmt::Display) -> Self {
        Self { code: 1, says: says.to_string() }
    }

    pub fn refused(says: impl std::fmt::Display) -> Self {
        Self { code: 2, says: says.to_string() }
    }
}

pub async fn run(cli: Cli) -> Result<(), End> {
    match cli.command {
        Command::Serve => serve::run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Simulator(simulator) => simulator.run().await,
        Command::Migrate => open_or_make().await.map(|_| eprintln!("The tables are up to date.")),
        Command::Account(account) => account.run().await,
        Command::Organization(organization) => organization.run().await,
        Command::Status(status) => status.run().await,
        Command::Replay(replay) => replay.run().await,
        Command::Resync(resync) => resync.run().await,
        Command::Load(load) => load.run().await,
        Command::Drill(drill) => drill.run().await,
    }
}

/// The settings, checked; logging started.
fn configure() -> Result<Config, End> {
    let config = Config::load().map_err(End::refused)?;
    telemetry::start(&config.log, config.log_format).map_err(End::refused)?;
    Ok(config)
}

/// The desk of the configured database, for a command that does one thing. It has to be there: whoever mistypes its name
/// is not shown an empty one.
async fn open() -> Result<Desk, End> {
    let config = configure()?;
    is_there(&config)?;
    desk(&config).await
}

/// The same for a command that may be somebody's first.
async fn open_or_make() -> Result<Desk, End> {
    desk(&configure()?).await
}

fn is_there(config: &Config) -> Result<(), End> {
    let Some(file) = missing_file(config.database_url.reveal()) else { return Ok(()) };
    let file = file.display();
    Err(End::refused(format!("There is no database {file}. DATABASE_URL says where it is; `seatkeeper migrate` makes a new one.")))
}

async fn desk(config: &Config) -> Result<Desk, End> {
    let clock = Clock::machine();
    if let Some(file) = missing_file(config.database_url.reveal()) {
        eprintln!("seatkeeper: there was no database yet; making {}", file.display());
    }
    let opened = Db::open(config.database_url.reveal(), clock.clone()).await;
    let db = opened.map_err(|error| if error.is_missing() { End::refused(error) } else { End::failed(error) })?;
    db.limit_page_time(config.limits.read);
    let desk = Desk::new(db, clock.clone(), Settings::of(config)).with_shares(shares(config));
    with_scalekit(desk, config, clock)
}

fn shares(config: &Config) -> Sizes {
    let limits = config.limits;
    // the other connections stay for everything that is not live
    let live = descriptors::connections(limits.connections, descriptors::raise()) * 5 / 8;
    Sizes { live, live_of_account: limits.live_per_account, live_of_address: limits.live_per_address, ..Sizes::default() }
}

/// The same desk, with Scalekit's API where there are credentials for it.
fn with_scalekit(desk: Desk, config: &Config, clock: Clock) -> Result<Desk, End> {
    let Some(api) = &config.scalekit else { return Ok(desk) };
    let credentials = Credentials { client_id: api.client_id.clone(), client_secret: api.client_secret.reveal().to_owned() };
    let client = Client::new(&api.environment_url, credentials, clock).map_err(End::failed)?;
    let resyncs = Resyncs {
        at_once: usize::from(config.resyncs.at_once),
        nightly: config.resyncs.nightly,
        most_taken_away: i64::from(config.resyncs.confirm_above),
        silence: config.resyncs.silence,
    };
    Ok(desk.with_scalekit(client, resyncs))
}

/// Who runs this command, for the audit log: the user that the machine knows this process by. Environment variables can say
/// anything; the one of `sudo` is added, not believed.
fn operator() -> Actor {
    let user = user_of_this_process();
    let sudo = std::env::var("SUDO_USER").ok().filter(|from| !from.is_empty() && *from != user);
    Actor::CommandLine(sudo.map_or_else(|| user.clone(), |from| format!("{user}, by sudo from {from}")))
}

fn user_of_this_process() -> String {
    let Ok(process) = std::fs::metadata("/proc/self") else { return "unknown user".to_owned() };
    let uid = process.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default(); // the number has to do
    let mut users = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name = users.find(|fields| fields.get(2) == Some(&uid.as_str())).and_then(|fields| fields.first().map(ToString::to_string));
    name.unwrap_or_else(|| format!("user {uid}"))
}

impl From<acts::Error> for End {
    fn from(error: acts::Error) -> Self {
        match error {
            acts::Error::Refused(refusal) => Self::refused(refusal),
            acts::Error::Missing => Self::refused("There is no such organization. `seatkeeper organization add` adds one."),
            error => Self::failed(error),
        }
    }
}
