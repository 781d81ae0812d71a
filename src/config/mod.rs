//! Every setting, read once at start from the environment and `.env`, and refused with all its problems at once.
//! What nobody may see is [`Redacted`]; a problem quotes a value only where it cannot hold a secret.

mod env_file;
mod parse;
mod redacted;
mod settings;

use std::{
    env, error, fmt,
    net::{IpAddr, SocketAddr},
    path::Path,
    time::Duration,
};

use lettre::message::Mailbox;

pub use self::{
    redacted::Redacted,
    settings::{SETTINGS, Setting, readme_table},
};
use crate::{
    client_address::TrustedProxies,
    domain::{organization::SeatLimit, session::SessionLimits},
    notify::mailer::SmtpServer,
    telemetry::LogFormat,
};

/// What the operator has set. `Debug` is safe to log.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite:…`, `postgres:…` or `postgresql:…`; may hold a password.
    pub database_url: Redacted,
    pub listen: SocketAddr,
    public_url: Option<String>,
    /// Whose word about the client's address counts.
    pub trusted_proxies: TrustedProxies,
    /// Scalekit's Directory API; without it nothing can be resynced.
    pub scalekit: Option<ScalekitApi>,
    webhook_secrets: Vec<Redacted>,
    /// Where letters go; without it they park in the outbox.
    pub smtp: Option<SmtpServer>,
    pub mail_from: Mailbox,
    /// The largest webhook body taken, in bytes.
    pub webhook_body_limit: usize,
    /// What an organization starts with that nobody has set a limit for.
    pub default_seat_limit: SeatLimit,
    /// How long raw bodies are kept; without an end, for ever.
    pub keep_bodies: Option<Duration>,
    /// How often the invariants are checked.
    pub check_every: Duration,
    /// Where Prometheus asks; without it nowhere.
    pub metrics_listen: Option<SocketAddr>,
    pub log_format: Option<LogFormat>,
    pub resyncs: Resyncs,
    /// How long a person stays signed in.
    pub sessions: SessionLimits,
    pub limits: Limits,
    /// What is logged, in the words of `RUST_LOG`.
    pub log: String,
}

/// The credentials of one Scalekit environment.
#[derive(Clone, Debug)]
pub struct ScalekitApi {
    /// `https://acme.scalekit.com`: no path, no slash at the end.
    pub environment_url: String,
    pub client_id: String,
    pub client_secret: Redacted,
}

/// How organizations are compared with their directories by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resyncs {
    pub nightly: bool,
    pub at_once: u8,
    /// A plan that takes more people away waits for somebody.
    pub confirm_above: u32,
    /// How long nobody delivers anything before the event log is asked.
    pub silence: Duration,
}

/// What one client may use of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; without it as many as the process may have descriptors for.
    pub connections: Option<usize>,
    /// Until a request's head is complete, until its body is, and until the next request.
    pub head: Duration,
    pub body: Duration,
    pub idle: Duration,
    /// For what a page reads.
    pub read: Duration,
    /// Live connections at once.
    pub live_per_account: usize,
    pub live_per_address: usize,
}

impl Config {
    /// Reads the environment, and `.env` in the working folder for what the environment does not have. In that file a `$`
    /// begins another variable's name, unless the value stands in single quotes.
    pub fn load() -> Result<Self, Problems> {
        let file = env_file::read_env_file(Path::new(".env")).map_err(|problem| Problems(vec![problem]))?;
        Self::from(|name| match env::var_os(name) {
            Some(value) => Some(value.to_string_lossy().into_owned()),
            None => file.get(name).cloned(),
        })
    }

    /// The same from anywhere: `lookup` is asked for each variable. An empty value counts as absent.
    pub fn from(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let config = reader.config();
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(Problems(reader.problems)),
        }
    }

    /// The address people type, without a slash at the end: as set, or made of [`Config::listen`].
    pub fn public_url(&self) -> String {
        let host = match self.listen.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        self.public_url.clone().unwrap_or_else(|| format!("http://{host}:{}", self.listen.port()))
    }

    /// Whether people come by https, so that cookies may be `Secure` and browsers told to stay there.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The `whsec_…` secrets, each long enough; two while one is replaced by the other. None: deliveries cannot be
    /// verified, which the command line does not mind and a server does.
    pub fn webhook_secrets(&self) -> Result<&[Redacted], Problem> {
        if self.webhook_secrets.is_empty() {
            return Err(settings::WEBHOOK_SECRET.problem("is missing: without it nobody can tell whether a delivery is really Scalekit’s."));
        }
        Ok(&self.webhook_secrets)
    }
}

/// One setting that cannot be used: which, why, and one that can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub variable: &'static str,
    /// What is wrong, to be read after the variable's name; never holds a secret.
    pub wrong: String,
    pub example: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, wrong, example } = self;
        write!(f, "{variable} {wrong}\n    For example: {example}")
    }
}

impl error::Error for Problem {}

/// Everything that is wrong with the settings, one paragraph each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("One setting cannot be used.")?,
            n => write!(f, "{n} settings cannot be used.")?,
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n\n  {problem}"))
    }
}

impl error::Error for Problems {}

struct Reader<F> {
    lookup: F,
    problems: Vec<Problem>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    /// Reads everything before it gives up on anything.
    fn config(&mut self) -> Option<Config> {
        let database_url = self.value(&settings::DATABASE_URL, parse::database_url);
        let listen = self.value(&settings::LISTEN, parse::listen);
        let public_url = self.value(&settings::PUBLIC_URL, |text| parse::origin(text).map(|url| url.to_string()));
        let trusted_proxies = self.value(&settings::TRUSTED_PROXIES, TrustedProxies::parse).unwrap_or_default();
        let scalekit = self.scalekit();
        let webhook_secrets = self.value(&settings::WEBHOOK_SECRET, parse::webhook_secrets).unwrap_or_default();
        let smtp = self.value(&settings::SMTP_URL, SmtpServer::parse);
        let mail_from = self.value(&settings::MAIL_FROM, parse::mailbox);
        let webhook_body_limit = self.value(&settings::WEBHOOK_BODY_LIMIT, parse::body_limit);
        let default_seat_limit = self.value(&settings::DEFAULT_SEAT_LIMIT, parse::seat_limit).unwrap_or_default();
        let keep_bodies = self.value(&settings::RAW_BODY_DAYS, parse::days);
        let check_every = self.value(&settings::CHECK_MINUTES, parse::minutes);
        let metrics_listen = self.value(&settings::METRICS_LISTEN, parse::listen);
        let log_format = self.value(&settings::LOG_FORMAT, parse::log_format);
        let resyncs = self.resyncs();
        let sessions = self.sessions();
        let limits = self.limits();
        let log = self.value(&settings::LOG, parse::log);
        Some(Config {
            database_url: database_url?,
            listen: listen?,
            public_url,
            trusted_proxies,
            scalekit,
            webhook_secrets,
            smtp,
            mail_from: mail_from?,
            webhook_body_limit: webhook_body_limit?,
            default_seat_limit,
            keep_bodies: keep_bodies?,
            check_every: check_every?,
            metrics_listen,
            log_format,
            resyncs: resyncs?,
            sessions: sessions?,
            limits: limits?,
            log: log?,
        })
    }

    /// All three or none: half a set of credentials is a mistake somebody wants to hear about.
    fn scalekit(&mut self) -> Option<ScalekitApi> {
        const ALL: [&Setting; 3] = [&settings::ENVIRONMENT_URL, &settings::CLIENT_ID, &settings::CLIENT_SECRET];
        let environment_url = self.value(&settings::ENVIRONMENT_URL, parse::environment_url);
        let client_id = self.value(&settings::CLIENT_ID, |text| Ok(text.to_owned()));
        let client_secret = self.value(&settings::CLIENT_SECRET, |text| Ok(Redacted::new(text)));
        let (there, missing): (Vec<&Setting>, Vec<&Setting>) = ALL.into_iter().partition(|setting| self.text(setting.name).is_some());
        if !there.is_empty() {
            let there: Vec<_> = there.iter().map(|setting| setting.name).collect();
            let why = format!("is missing: it goes with {}. Set all three, or none.", there.join(" and "));
            self.problems.extend(missing.iter().map(|setting| setting.problem(why.clone())));
        }
        Some(ScalekitApi { environment_url: environment_url?, client_id: client_id?, client_secret: client_secret? })
    }

    fn resyncs(&mut self) -> Option<Resyncs> {
        let nightly = self.value(&settings::RESYNC_NIGHTLY, parse::yes_or_no);
        let at_once = self.value(&settings::RESYNCS_AT_ONCE, |text| parse::whole(text, 1..=16));
        let confirm_above = self.value(&settings::RESYNC_CONFIRM_ABOVE, |text| parse::whole(text, 0..=1_000_000));
        let silence = self.value(&settings::GAP_MINUTES, |text| parse::whole(text, 1..=10_080));
        Some(Resyncs { nightly: nightly?, at_once: at_once?, confirm_above: confirm_above?, silence: Duration::from_mins(silence?) })
    }

    fn sessions(&mut self) -> Option<SessionLimits> {
        let mut minutes = |setting| self.value(setting, |text| parse::whole(text, 5..=24 * 60)).map(Duration::from_mins);
        let (staff_idle, tenant_idle) = (minutes(&settings::STAFF_IDLE_MINUTES), minutes(&settings::TENANT_IDLE_MINUTES));
        let absolute = self.value(&settings::SESSION_HOURS, |text| parse::whole(text, 1..=7 * 24)).map(Duration::from_hours);
        Some(SessionLimits { staff_idle: staff_idle?, tenant_idle: tenant_idle?, absolute: absolute? })
    }

    fn limits(&mut self) -> Option<Limits> {
        let connections = self.value(&settings::CONNECTIONS, |text| parse::whole(text, 16..=100_000));
        let mut seconds = |setting| self.value(setting, |text| parse::whole(text, 1..=3_600)).map(Duration::from_secs);
        let (head, body) = (seconds(&settings::HEAD_SECONDS), seconds(&settings::BODY_SECONDS));
        let (idle, read) = (seconds(&settings::IDLE_SECONDS), seconds(&settings::READ_SECONDS));
        let mut live = |setting| self.value(setting, |text| parse::whole(text, 1..=100_000));
        let (live_per_account, live_per_address) = (live(&settings::LIVE_PER_ACCOUNT), live(&settings::LIVE_PER_ADDRESS));
        Some(Limits {
            connections,
            head: head?,
            body: body?,
            idle: idle?,
            read: read?,
            live_per_account: live_per_account?,
            live_per_address: live_per_address?,
        })
    }

    /// What is set, else the default; a value that cannot be read becomes a problem.
    fn value<T>(&mut self, setting: &Setting, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(setting.name).or_else(|| setting.default.map(str::to_owned))?;
        parse(&text).map_err(|wrong| self.problems.push(setting.problem(wrong))).ok()
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests;
