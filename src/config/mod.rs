//! All settings, read once at start from the environment and `.env`. All problems are reported at
//! once. Each value is parsed here, and nowhere again; secrets do not
//! show in `Debug`. A problem quotes a value only if the value cannot hold a secret.

mod env_file;
mod parse;
mod public_url;
mod settings;

use std::{env, error, fmt, net::SocketAddr, path::Path, time::Duration};

use lettre::message::Mailbox;
use url::Url;

pub use self::{
    public_url::PublicUrl,
    settings::{SETTINGS, Setting, settings_table},
};
use crate::{
    channels::{address::AllowedAddresses, email::mailer::SmtpServer, slack::SlackWebhook},
    client_address::TrustedProxies,
    db::DatabaseUrl,
    domain::setting::{FixedSettings, SettingName},
    oidc::{ClientSecret, Issuer, NamedBy, Provider},
    scalekit::{client::Credentials, signature::Secrets},
    telemetry::{LogFilter, LogFormat},
};

/// The settings of the operator. `Debug` is safe to log.
#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: DatabaseUrl,
    pub listen: SocketAddr,
    public_url: Option<PublicUrl>,
    /// The proxies that may report the client's address.
    pub trusted_proxies: TrustedProxies,
    /// Scalekit's Directory API; without it there are no resyncs.
    pub scalekit: Option<ScalekitApi>,
    /// The identity provider of the staff; without it they sign in with a password.
    pub staff_provider: Option<Provider>,
    webhook_secrets: Option<Secrets>,
    /// The mail server; without it e-mails stay in the outbox.
    pub smtp: Option<SmtpServer>,
    pub mail_from: Mailbox,
    /// Which addresses posts go to.
    pub allowed_addresses: AllowedAddresses,
    /// Where alerts for staff are posted, too.
    pub slack: Option<SlackWebhook>,
    /// The largest webhook body that is accepted, in bytes.
    pub webhook_body_limit: usize,
    /// The settings of the page that the environment fixes.
    pub fixed: FixedSettings,
    /// How often the invariants are checked.
    pub check_every: Duration,
    /// The address for Prometheus; without it there are no metrics.
    pub metrics_listen: Option<SocketAddr>,
    pub log_format: Option<LogFormat>,
    pub resyncs: Resyncs,
    pub limits: Limits,
    pub log: LogFilter,
}

/// The credentials of one Scalekit environment.
#[derive(Clone, Debug)]
pub struct ScalekitApi {
    /// `https://acme.scalekit.com`: no path.
    pub environment_url: Url,
    pub credentials: Credentials,
}

impl ScalekitApi {
    /// Scalekit as an identity provider: the same client asks it who signed in.
    pub fn provider(&self) -> Option<Provider> {
        let issuer = self.environment_url.as_str().trim_end_matches('/');
        Some(Provider {
            issuer: Issuer::of_installation(issuer).ok()?,
            client_id: self.credentials.client_id.clone(),
            client_secret: Some(ClientSecret(self.credentials.client_secret.clone())),
            named_by: NamedBy::Installation,
            scalekit_organization: None,
        })
    }
}

/// Settings of the automatic resyncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resyncs {
    pub at_once: u8,
    /// After this time without a delivery the event log is asked for missing events.
    pub silence: Duration,
}

/// Limits for connections and for what a page reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; `None` means what the descriptor limit allows, at most 4,096.
    pub connections: Option<usize>,
    /// The time until a request's head is complete, until its body is complete, and until the next
    /// request.
    pub head: Duration,
    pub body: Duration,
    pub idle: Duration,
    /// The time for what a page reads.
    pub read: Duration,
    /// Live connections at once.
    pub live_per_account: usize,
    pub live_per_address: usize,
}

impl Config {
    /// Reads the environment, and `.env` in the working folder for variables that the environment
    /// does not have. In that file a `$` begins another variable's name, unless the value is in
    /// single quotes.
    pub fn load() -> Result<Self, Problems> {
        let file = env_file::read_env_file(Path::new(".env"))
            .map_err(|problem| Problems(vec![problem]))?;
        Self::from(|name| match env::var_os(name) {
            Some(value) => Some(value.to_string_lossy().into_owned()),
            None => file.get(name).cloned(),
        })
    }

    /// Reads the settings with `lookup`, which is called for each variable. An empty value counts
    /// as missing.
    pub fn from(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let config = reader.config();
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(Problems(reader.problems)),
        }
    }

    /// The address that people type, without a slash at the end: the configured one, or one made
    /// from [`Config::listen`].
    pub fn public_url(&self) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(self.listen))
    }

    /// Whether people use https.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// The `whsec_…` secrets; there are two during a rotation. The error is that there is none: the
    /// server then does not start, because it cannot verify deliveries; other commands need no
    /// secret.
    pub fn webhook_secrets(&self) -> Result<&Secrets, Problem> {
        self.webhook_secrets.as_ref().ok_or_else(|| {
            settings::WEBHOOK_SECRET.problem("is missing: without it Seatkeeper cannot check that a delivery comes from Scalekit.")
        })
    }
}

/// A setting that cannot be used: its name, the reason, and an example that works.
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

/// All problems with the settings, one paragraph each.
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
    /// Reads all settings before it gives up, so that all problems are found.
    fn config(&mut self) -> Option<Config> {
        let database_url = self.value(&settings::DATABASE_URL, parse::database_url);
        let listen = self.value(&settings::LISTEN, parse::listen);
        let public_url = self.value(&settings::PUBLIC_URL, PublicUrl::parse);
        let trusted_proxies =
            self.value(&settings::TRUSTED_PROXIES, TrustedProxies::parse).unwrap_or_default();
        let scalekit = self.scalekit();
        let staff_provider = self.staff_provider();
        let webhook_secrets = self.value(&settings::WEBHOOK_SECRET, parse::webhook_secrets);
        let smtp = self.value(&settings::SMTP_URL, SmtpServer::parse);
        let mail_from = self.value(&settings::MAIL_FROM, parse::mailbox);
        let allowed_addresses =
            self.value(&settings::ALLOW_PRIVATE_ADDRESSES, parse::allowed_addresses);
        let allowed = allowed_addresses.unwrap_or_default();
        let slack = self.value(&settings::SLACK_WEBHOOK, |text| parse::slack(text, allowed));
        let webhook_body_limit = self.value(&settings::WEBHOOK_BODY_LIMIT, parse::body_limit);
        let fixed = self.fixed();
        let check_every = self.value(&settings::CHECK_MINUTES, parse::minutes);
        let metrics_listen = self.value(&settings::METRICS_LISTEN, parse::listen);
        let log_format = self.value(&settings::LOG_FORMAT, parse::log_format);
        let resyncs = self.resyncs();
        let limits = self.limits();
        let log = self.value(&settings::LOG, parse::log);
        Some(Config {
            database_url: database_url?,
            listen: listen?,
            public_url,
            trusted_proxies,
            scalekit,
            staff_provider,
            webhook_secrets,
            smtp,
            mail_from: mail_from?,
            allowed_addresses: allowed_addresses?,
            slack,
            webhook_body_limit: webhook_body_limit?,
            fixed,
            check_every: check_every?,
            metrics_listen,
            log_format,
            resyncs: resyncs?,
            limits: limits?,
            log: log?,
        })
    }

    /// All three settings or none: an incomplete set of credentials is a mistake, so it is
    /// reported.
    fn scalekit(&mut self) -> Option<ScalekitApi> {
        const ALL: [&Setting; 3] =
            [&settings::ENVIRONMENT_URL, &settings::CLIENT_ID, &settings::CLIENT_SECRET];
        let environment_url = self.value(&settings::ENVIRONMENT_URL, parse::environment_url);
        let client_id = self.value(&settings::CLIENT_ID, |text| Ok(text.to_owned()));
        let client_secret = self.value(&settings::CLIENT_SECRET, |text| Ok(text.to_owned()));
        let (there, missing): (Vec<&Setting>, Vec<&Setting>) =
            ALL.into_iter().partition(|setting| self.text(setting.name).is_some());
        if !there.is_empty() {
            let there: Vec<_> = there.iter().map(|setting| setting.name).collect();
            let why = format!(
                "is missing: it goes with {}. Set all three, or none.",
                there.join(" and ")
            );
            self.problems.extend(missing.iter().map(|setting| setting.problem(why.clone())));
        }
        Some(ScalekitApi {
            environment_url: environment_url?,
            credentials: Credentials { client_id: client_id?, client_secret: client_secret? },
        })
    }

    /// The issuer and the client id go together; a public client has no secret.
    fn staff_provider(&mut self) -> Option<Provider> {
        const NEEDED: [&Setting; 2] = [&settings::STAFF_ISSUER, &settings::STAFF_CLIENT_ID];
        let issuer = self.value(&settings::STAFF_ISSUER, parse::issuer);
        let client_id = self.value(&settings::STAFF_CLIENT_ID, |text| Ok(text.to_owned()));
        let client_secret =
            self.value(&settings::STAFF_CLIENT_SECRET, |text| Ok(ClientSecret(text.to_owned())));
        let has = |setting: &&Setting| self.text(setting.name).is_some();
        let is_any = NEEDED.iter().any(has) || has(&&settings::STAFF_CLIENT_SECRET);
        let missing: Vec<&Setting> = NEEDED.into_iter().filter(|it| is_any && !has(it)).collect();
        let why = "is missing: single sign-on of the staff needs an issuer and a client id.";
        self.problems.extend(missing.iter().map(|setting| setting.problem(why)));
        Some(Provider {
            issuer: issuer?,
            client_id: client_id?,
            client_secret,
            named_by: NamedBy::Installation,
            scalekit_organization: None,
        })
    }

    fn resyncs(&mut self) -> Option<Resyncs> {
        let at_once = self.value(&settings::RESYNCS_AT_ONCE, |text| parse::whole(text, 1..=16));
        let silence = self.value(&settings::GAP_MINUTES, |text| parse::whole(text, 1..=10_080));
        Some(Resyncs { at_once: at_once?, silence: Duration::from_mins(silence?) })
    }

    /// The settings of the page that are in the environment.
    fn fixed(&mut self) -> FixedSettings {
        let mut fixed = FixedSettings::default();
        for name in SettingName::ALL {
            let of_variable = |setting: &&Setting| Some(setting.name) == name.variable();
            let Some(setting) = SETTINGS.iter().find(of_variable) else { continue };
            let Some(text) = self.text(setting.name) else { continue };
            if fixed.fix(name, &text).is_err() {
                let wrong = format!("is “{text}”; it takes {}.", name.range());
                self.problems.push(setting.problem(wrong));
            }
        }
        fixed
    }

    fn limits(&mut self) -> Option<Limits> {
        let connections =
            self.value(&settings::CONNECTIONS, |text| parse::whole(text, 16..=100_000));
        let mut seconds = |setting| {
            self.value(setting, |text| parse::whole(text, 1..=3_600)).map(Duration::from_secs)
        };
        let (head, body) = (seconds(&settings::HEAD_SECONDS), seconds(&settings::BODY_SECONDS));
        let (idle, read) = (seconds(&settings::IDLE_SECONDS), seconds(&settings::READ_SECONDS));
        let mut live = |setting| self.value(setting, |text| parse::whole(text, 1..=100_000));
        let (live_per_account, live_per_address) =
            (live(&settings::LIVE_PER_ACCOUNT), live(&settings::LIVE_PER_ADDRESS));
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

    /// The configured value, otherwise the default; a value that cannot be read becomes a problem.
    fn value<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(setting.name).or_else(|| setting.default.map(str::to_owned))?;
        parse(&text).map_err(|wrong| self.problems.push(setting.problem(wrong))).ok()
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests;
