//! What every command and every query receives: the database, the clock, and the settings they
//! need.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Mutex, Semaphore};

use crate::{
    channels::{address::AllowedAddresses, slack::SlackWebhook},
    clock::Clock,
    config::{Config, PublicUrl, ScalekitApi},
    db::Db,
    domain::{api_key::ApiKey, setting::FixedSettings},
    hashing,
    health::{WorkerHealth, WriteCheck},
    joint_reads::JointReads,
    lease::Leases,
    metrics::Metrics,
    oidc::{self, Provider},
    scalekit::{client::Client, signature::Secrets},
    shares::{Shares, Sizes},
    throttle::{KeyUse, LoginThrottle},
};

/// Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct AppState {
    pub db: Db,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    /// How often sign-ins failed lately.
    pub login_throttle: Arc<LoginThrottle>,
    /// How much the API does for each key.
    pub api_keys: Arc<KeyUse>,
    /// The keys of requests, by the hashes of their secrets.
    pub key_reads: Arc<JointReads<(), String, Option<ApiKey>>>,
    /// Passwords checked at once: each takes 19 MiB and a core.
    pub hashing: Arc<Semaphore>,
    /// The hash of the link that makes the first account, if this process has offered one.
    pub first_account: Arc<Mutex<Option<String>>>,
    /// What one account, organization or address may use at once.
    pub shares: Arc<Shares>,
    /// Whether the database can be written.
    pub write_check: Arc<WriteCheck>,
    pub metrics: Arc<Metrics>,
    pub health: Arc<WorkerHealth>,
    /// What this process has seen of leases.
    pub leases: Leases,
    /// Scalekit's Directory API, if credentials are configured.
    pub scalekit: Option<Client>,
    pub resyncs: Resyncs,
    /// Talks to identity providers.
    pub oidc: oidc::Client,
}

#[derive(Clone, Debug)]
pub struct Settings {
    /// Links in e-mails start with it.
    pub public_url: PublicUrl,
    /// The settings of the page that the environment fixes.
    pub fixed: FixedSettings,
    pub operations: Operations,
}

/// Operational settings that the pages may show.
#[derive(Clone, Debug)]
pub struct Operations {
    /// How often the invariants are checked.
    pub check_every: Duration,
    /// How many webhook secrets there are.
    pub webhook_secrets: usize,
    /// The mail server, without its password.
    pub mail_server: Option<String>,
    /// Where alerts for staff are posted, too.
    pub slack: Option<SlackWebhook>,
    /// Which addresses posts go to.
    pub allowed_addresses: AllowedAddresses,
    /// Whether credentials for Scalekit's Directory API are configured.
    pub directory_api: bool,
    /// The identity provider of the staff.
    pub staff_provider: Option<Provider>,
    /// Scalekit as an identity provider of organizations.
    pub scalekit_provider: Option<Provider>,
}

impl Settings {
    pub fn of(config: &Config) -> Self {
        let operations = Operations {
            check_every: config.check_every,
            webhook_secrets: config.webhook_secrets().map_or(0, Secrets::count),
            mail_server: config.smtp.as_ref().map(ToString::to_string),
            slack: config.slack.clone(),
            allowed_addresses: config.allowed_addresses,
            directory_api: config.scalekit.is_some(),
            staff_provider: config.staff_provider.clone(),
            scalekit_provider: config.scalekit.as_ref().and_then(ScalekitApi::provider),
        };
        Self { public_url: config.public_url(), fixed: config.fixed.clone(), operations }
    }
}

impl Default for Operations {
    fn default() -> Self {
        Self {
            check_every: Duration::from_mins(5),
            webhook_secrets: 0,
            mail_server: None,
            slack: None,
            allowed_addresses: AllowedAddresses::Public,
            directory_api: false,
            staff_provider: None,
            scalekit_provider: None,
        }
    }
}

/// Settings of the automatic resyncs.
#[derive(Clone, Copy, Debug)]
pub struct Resyncs {
    /// How many resyncs may run at once.
    pub at_once: usize,
    /// After this time without a delivery the event log is asked for missing events.
    pub silence: Duration,
}

impl Default for Resyncs {
    fn default() -> Self {
        Self { at_once: 2, silence: Duration::from_hours(1) }
    }
}

impl AppState {
    pub fn new(db: Db, clock: Clock, settings: Settings) -> Self {
        let allowed = settings.operations.allowed_addresses;
        Self {
            oidc: oidc::Client::new(allowed, clock.clone()),
            health: Arc::new(WorkerHealth::new(clock.now(), clock.monotonic())),
            db,
            clock,
            settings: Arc::new(settings),
            leases: Leases::default(),
            login_throttle: Arc::default(),
            api_keys: Arc::default(),
            key_reads: Arc::default(),
            hashing: Arc::new(Semaphore::new(hashing::at_once())),
            first_account: Arc::default(),
            shares: Arc::new(Shares::new(Sizes::default())),
            write_check: Arc::default(),
            metrics: Arc::default(),
            scalekit: None,
            resyncs: Resyncs::default(),
        }
    }

    /// The same state, with shares of these sizes.
    #[must_use]
    pub fn with_shares(self, sizes: Sizes) -> Self {
        Self { shares: Arc::new(Shares::new(sizes)), ..self }
    }

    /// The same state, with Scalekit's Directory API.
    #[must_use]
    pub fn with_scalekit(self, client: Client, resyncs: Resyncs) -> Self {
        Self { scalekit: Some(client), resyncs, ..self }
    }
}
