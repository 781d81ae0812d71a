//! What every act and every read is handed: the database, the clock, and the few settings they look at.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{
    acts::login_throttle::LoginThrottle,
    clock::Clock,
    config::Config,
    db::Db,
    domain::{organization::SeatLimit, session::SessionLimits},
    lease::Leases,
    metrics::Metrics,
    pulse::Pulse,
    reads::Room,
    scalekit::client::Client,
    shares::{Shares, Sizes},
};

/// Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct Desk {
    pub db: Db,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    /// How often sign-ins failed lately.
    pub login_throttle: Arc<LoginThrottle>,
    /// Passwords hashed at once: each takes 19 MiB and a core.
    pub hashing: Arc<Semaphore>,
    /// What one account, organization or address may use at once.
    pub shares: Arc<Shares>,
    /// Whether the database can be written.
    pub room: Arc<Room>,
    pub metrics: Arc<Metrics>,
    pub pulse: Arc<Pulse>,
    /// What this process has seen of those who hold a piece of work.
    pub leases: Leases,
    /// Scalekit's Directory API, where there are credentials for it.
    pub scalekit: Option<Client>,
    pub resyncs: Resyncs,
}

#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people find Seatkeeper, without a slash at the end; letters link to it.
    pub public_url: String,
    /// The limit of an organization we hear of for the first time.
    pub default_seat_limit: SeatLimit,
    pub operations: Operations,
}

/// How it is kept running, as far as somebody may know.
#[derive(Clone, Debug)]
pub struct Operations {
    /// How long raw bodies are kept; without an end, for ever.
    pub keep_bodies: Option<Duration>,
    /// How often the invariants are checked.
    pub check_every: Duration,
    /// How many webhook secrets there are.
    pub webhook_secrets: usize,
    /// The mail server, without its password.
    pub mail_server: Option<String>,
    /// Whether there are credentials for Scalekit's Directory API.
    pub directory_api: bool,
    /// How long a person stays signed in.
    pub sessions: SessionLimits,
}

impl Settings {
    pub fn of(config: &Config) -> Self {
        let operations = Operations {
            keep_bodies: config.keep_bodies,
            check_every: config.check_every,
            webhook_secrets: config.webhook_secrets().map_or(0, <[_]>::len),
            mail_server: config.smtp.as_ref().map(ToString::to_string),
            directory_api: config.scalekit.is_some(),
            sessions: config.sessions,
        };
        Self { public_url: config.public_url(), default_seat_limit: config.default_seat_limit, operations }
    }
}

impl Default for Operations {
    fn default() -> Self {
        let keep_bodies = Some(Duration::from_hours(90 * 24));
        Self {
            keep_bodies,
            check_every: Duration::from_mins(5),
            webhook_secrets: 0,
            mail_server: None,
            directory_api: false,
            sessions: SessionLimits::default(),
        }
    }
}

/// How organizations are compared with their directories by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Resyncs {
    /// How many at once.
    pub at_once: usize,
    /// Each organization once a night.
    pub nightly: bool,
    /// A plan that takes more people away waits for somebody to confirm it.
    pub most_taken_away: i64,
    /// After so long without a delivery the event log is asked whether something is missing.
    pub silence: Duration,
}

impl Default for Resyncs {
    fn default() -> Self {
        Self { at_once: 2, nightly: true, most_taken_away: 50, silence: Duration::from_hours(1) }
    }
}

impl Desk {
    pub fn new(db: Db, clock: Clock, settings: Settings) -> Self {
        Self {
            pulse: Arc::new(Pulse::new(clock.now(), clock.monotonic())),
            db,
            clock,
            settings: Arc::new(settings),
            leases: Leases::default(),
            login_throttle: Arc::default(),
            hashing: Arc::new(Semaphore::new(4)),
            shares: Arc::new(Shares::new(Sizes::default())),
            room: Arc::default(),
            metrics: Arc::default(),
            scalekit: None,
            resyncs: Resyncs::default(),
        }
    }

    /// The same desk, with shares of these sizes.
    #[must_use]
    pub fn with_shares(self, sizes: Sizes) -> Self {
        Self { shares: Arc::new(Shares::new(sizes)), ..self }
    }

    /// The same desk, with Scalekit's Directory API within reach.
    #[must_use]
    pub fn with_scalekit(self, client: Client, resyncs: Resyncs) -> Self {
        Self { scalekit: Some(client), resyncs, ..self }
    }
}
