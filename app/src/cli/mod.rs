//! The command line. Output for scripts goes to standard output; everything else goes to standard
//! error.

mod access;
mod account;
mod alerts;
mod api_key;
mod as_of;
mod audit;
mod demo;
mod details;
mod drill;
mod export;
mod group;
mod history;
mod import;
mod invitation;
mod load;
mod organization;
mod outbox;
mod output;
mod person;
mod proposals;
mod reclaim;
mod replay;
mod requests;
mod resync;
mod role;
mod serve;
mod setting;
mod simulator;
mod status;
mod tasks;
mod true_up;
mod usage_signals;
mod waitlist;
mod webhook_endpoint;

use std::os::unix::fs::MetadataExt;

use clap::{Parser, Subcommand};
use domain::id::OrganizationId;
use seatkeeper::{
    clock::Clock,
    commands::{self, Actor},
    config::Config,
    db::Db,
    domain::access::OrganizationScope,
    http::server::descriptors,
    scalekit::client::Client,
    shares::Sizes,
    state::{AppState, Resyncs, Settings},
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
    /// Receive webhooks and show the dashboard, until Ctrl-C
    Serve,
    /// Try Seatkeeper: invented customers, a simulated Scalekit, an embedded database
    Demo(demo::Demo),
    /// Simulate Scalekit: invented organizations behind an API, with webhooks, faults and a page of
    /// its own
    Simulator(simulator::Simulate),
    /// Bring the database's tables up to date, and nothing else
    Migrate,
    /// Whether a person of an organization is allowed in
    Access(access::Access),
    /// Dashboard accounts
    #[command(subcommand)]
    Account(account::Account),
    /// API keys: what programs show instead of a session
    #[command(subcommand)]
    ApiKey(api_key::ApiKey),
    /// Invite people to an organization or to the staff
    #[command(subcommand)]
    Invitation(invitation::Invitation),
    /// Organizations and their seat limits
    #[command(subcommand)]
    Organization(organization::Organization),
    /// Who waits for a seat, and decisions by hand about one person
    #[command(subcommand)]
    Waitlist(waitlist::Waitlist),
    /// Where the product gets outgoing events
    #[command(subcommand)]
    WebhookEndpoint(webhook_endpoint::WebhookEndpoint),
    /// The settings of this installation
    #[command(subcommand)]
    Setting(setting::Setting),
    /// Lists as CSV, on standard output
    #[command(subcommand)]
    Export(export::Export),
    /// The groups of an organization, and who joined and left one
    #[command(subcommand)]
    Group(group::Group),
    /// The roles of an organization's groups
    #[command(subcommand)]
    Role(role::Role),
    /// One person: why they hold or lack a seat, and everything that happened
    #[command(subcommand)]
    Person(person::Person),
    /// How many seats an organization used over time, and when it will be full
    History(history::History),
    /// Show who holds a seat and seems not to use it, the longest time without use first
    Reclaim(reclaim::Reclaim),
    /// Bring people from a file into an organization, through its seat rules
    ///
    /// The file is CSV whose first line names the columns, or NDJSON with one object in a line. The
    /// columns or fields: email, and if you like external_id, name (or given_name and
    /// family_name), active (true or false; without it true). A person is found by the external id,
    /// else by the e-mail address; a file that is sent twice changes nothing the second time.
    /// People get seats in the order of the file. A row about a person of a directory changes
    /// nothing: the directory decides. A row that cannot be taken is told with its line; the others
    /// count all the same, and then the exit code is 1. Exit code 3: the plan adds or removes many
    /// people and waits for a confirmation.
    #[expect(clippy::doc_markdown, reason = "clap prints this as it is")]
    Import(import::Import),
    /// When people used the product last, as the product knows it
    #[command(subcommand)]
    UsageSignals(usage_signals::UsageSignals),
    /// Show the audit log: who changed what, the newest entry first
    Audit(audit::Audit),
    /// Show the open alerts, the newest first
    Alerts(alerts::Alerts),
    /// Show the messages of the outbox, the newest first, and send those again that were given up
    Outbox(outbox::Outbox),
    /// Show the seat requests that are not answered, the oldest first, and answer them
    Requests(requests::Requests),
    /// Show the changes of seat limits that wait for a second staff member
    #[command(subcommand)]
    Proposal(proposals::Proposal),
    /// Show every organization's numbers; with --check, count them again
    Status(status::Status),
    /// Replay dead letters
    Replay(replay::Replay),
    /// Compare an organization with its directory, and apply what differs
    Resync(resync::Resync),
    /// Send invented deliveries to Seatkeeper on this machine and print how many it accepts
    Load(load::Load),
    /// Kill Seatkeeper again and again while deliveries arrive, and check whether anything is lost
    Drill(drill::Drill),
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct CliError {
    /// The exit code. 1: it failed. 2: the request makes no sense, and nothing was changed. 3: a
    /// person must confirm it first.
    pub code: u8,
    pub says: String,
}

impl CliError {
    pub fn failed(says: impl std::fmt::Display) -> Self {
        Self { code: 1, says: says.to_string() }
    }

    pub fn refused(says: impl std::fmt::Display) -> Self {
        Self { code: 2, says: says.to_string() }
    }
}

pub async fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Serve => serve::run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Simulator(simulator) => simulator.run().await,
        Command::Migrate => open_or_make().await.map(|_| eprintln!("The tables are up to date.")),
        Command::Access(access) => access.run().await,
        Command::Account(account) => account.run().await,
        Command::ApiKey(key) => key.run().await,
        Command::Invitation(invitation) => invitation.run().await,
        Command::Organization(organization) => organization.run().await,
        Command::Waitlist(waitlist) => waitlist.run().await,
        Command::WebhookEndpoint(endpoint) => endpoint.run().await,
        Command::Setting(setting) => setting.run().await,
        Command::Export(export) => export.run().await,
        Command::Group(group) => group.run().await,
        Command::Role(role) => role.run().await,
        Command::Person(person) => person.run().await,
        Command::History(history) => history.run().await,
        Command::Reclaim(reclaim) => reclaim.run().await,
        Command::Import(import) => import.run().await,
        Command::UsageSignals(signals) => signals.run().await,
        Command::Audit(audit) => audit.run().await,
        Command::Alerts(alerts) => alerts.run().await,
        Command::Outbox(outbox) => outbox.run().await,
        Command::Requests(requests) => requests.run().await,
        Command::Proposal(proposal) => proposal.run().await,
        Command::Status(status) => status.run().await,
        Command::Replay(replay) => replay.run().await,
        Command::Resync(resync) => resync.run().await,
        Command::Load(load) => load.run().await,
        Command::Drill(drill) => drill.run().await,
    }
}

/// Loads and checks the settings, and starts logging.
fn configure() -> Result<Config, CliError> {
    let config = Config::load().map_err(CliError::refused)?;
    telemetry::start(&config.log, config.log_format);
    Ok(config)
}

/// Opens the configured database for a command. The database must exist, so that a mistyped name is
/// refused and does not create an empty database.
async fn open() -> Result<AppState, CliError> {
    let config = configure()?;
    is_there(&config)?;
    state(&config).await
}

/// Like [`open`], but creates a missing SQLite database, because the command may be the first one
/// of an installation.
async fn open_or_make() -> Result<AppState, CliError> {
    state(&configure()?).await
}

fn is_there(config: &Config) -> Result<(), CliError> {
    let Some(file) = config.database_url.missing_file() else { return Ok(()) };
    let file = file.display();
    Err(CliError::refused(format!(
        "There is no database {file}. DATABASE_URL says where it is; `seatkeeper migrate` creates one."
    )))
}

async fn state(config: &Config) -> Result<AppState, CliError> {
    let clock = Clock::machine();
    if let Some(file) = config.database_url.missing_file() {
        eprintln!("seatkeeper: there is no database yet; creating {}", file.display());
    }
    let opened = Db::open(&config.database_url, clock.clone()).await;
    let db = opened.map_err(|error| {
        if error.is_missing() { CliError::refused(error) } else { CliError::failed(error) }
    })?;
    db.limit_page_time(config.limits.read);
    let state = AppState::new(db, clock.clone(), Settings::of(config)).with_shares(shares(config));
    with_scalekit(state, config, clock)
}

fn shares(config: &Config) -> Sizes {
    let limits = config.limits;
    // the other connections are left for requests that are not live
    let live = descriptors::connections(limits.connections, descriptors::raise()) * 5 / 8;
    Sizes {
        live,
        live_of_account: limits.live_per_account,
        live_of_address: limits.live_per_address,
        ..Sizes::default()
    }
}

/// Adds Scalekit's API client to the state if the settings hold credentials.
fn with_scalekit(state: AppState, config: &Config, clock: Clock) -> Result<AppState, CliError> {
    let Some(api) = &config.scalekit else { return Ok(state) };
    let client = Client::new(api.environment_url.clone(), api.credentials.clone(), clock)
        .map_err(CliError::failed)?;
    let resyncs =
        Resyncs { at_once: usize::from(config.resyncs.at_once), silence: config.resyncs.silence };
    Ok(state.with_scalekit(client, resyncs))
}

/// The organization that `--organization` names, for one who runs this program.
fn scope(organization: Option<&str>) -> Result<Option<OrganizationScope>, CliError> {
    let scope = organization.map(|id| {
        let id = OrganizationId::parse(id)
            .ok_or_else(|| CliError::refused("An organization’s id looks like org_…."))?;
        resync::scope("command line", &id)
    });
    scope.transpose()
}

/// Who runs this command, for the audit log: the user of this process as the machine knows it.
/// Environment variables can say anything, so the value of `SUDO_USER` is added but not trusted.
fn operator() -> Actor {
    let user = user_of_this_process();
    let sudo = std::env::var("SUDO_USER").ok().filter(|from| !from.is_empty() && *from != user);
    Actor::command_line(
        sudo.map_or_else(|| user.clone(), |from| format!("{user}, by sudo from {from}")),
    )
}

fn user_of_this_process() -> String {
    let Ok(process) = std::fs::metadata("/proc/self") else { return "unknown user".to_owned() };
    let uid = process.uid().to_string();
    // Without the file, the number is used
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut users = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name = users
        .find(|fields| fields.get(2) == Some(&uid.as_str()))
        .and_then(|fields| fields.first().map(ToString::to_string));
    name.unwrap_or_else(|| format!("user {uid}"))
}

impl From<commands::Error> for CliError {
    fn from(error: commands::Error) -> Self {
        match error {
            commands::Error::Refused(refusal) => Self::refused(refusal),
            commands::Error::Missing => Self::refused(
                "There is no such organization. `seatkeeper organization add` adds one.",
            ),
            error => Self::failed(error),
        }
    }
}
