//! The table of all settings, for error messages and for .github/docs/configuration.md.

use std::fmt::Write as _;

use super::Problem;

/// One environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    /// The value of a missing variable; `None` where `absent` says what happens then.
    pub default: Option<&'static str>,
    /// What a missing variable means, if there is no default to show.
    pub absent: &'static str,
    /// `NAME=value`, to copy.
    pub example: &'static str,
    /// One sentence.
    pub meaning: &'static str,
}

impl Setting {
    pub(super) fn problem(&self, wrong: impl Into<String>) -> Problem {
        Problem { variable: self.name, wrong: wrong.into(), example: self.example }
    }
}

pub(super) const DATABASE_URL: Setting = Setting {
    name: "DATABASE_URL",
    default: Some("sqlite://data/seatkeeper.db"),
    absent: "",
    example: "DATABASE_URL=postgres://seatkeeper:password@localhost/seatkeeper",
    meaning: "The database: SQLite (`sqlite:`) or Postgres (`postgres:`, `postgresql:`).",
};

pub(super) const LISTEN: Setting = Setting {
    name: "SEATKEEPER_LISTEN",
    default: Some("127.0.0.1:3000"),
    absent: "",
    example: "SEATKEEPER_LISTEN=0.0.0.0:3000",
    meaning: "The address and port to listen on.",
};

pub(super) const PUBLIC_URL: Setting = Setting {
    name: "SEATKEEPER_PUBLIC_URL",
    default: None,
    absent: "`http://` and the address listened on",
    example: "SEATKEEPER_PUBLIC_URL=https://seats.example.com",
    meaning: "The address that people type; links in e-mails start with it, and https makes cookies secure.",
};

pub(super) const TRUSTED_PROXIES: Setting = Setting {
    name: "SEATKEEPER_TRUSTED_PROXIES",
    default: None,
    absent: "no proxy is trusted",
    example: "SEATKEEPER_TRUSTED_PROXIES=127.0.0.1,::1,10.0.0.0/8",
    meaning: "Whose `X-Forwarded-For` or `Forwarded` says who the client is: networks, or a number of proxies in a row, or both; \
              then, if you like, the one header to read (`x-forwarded-for`, `forwarded` or `x-real-ip`).",
};

pub(super) const ENVIRONMENT_URL: Setting = Setting {
    name: "SCALEKIT_ENVIRONMENT_URL",
    default: None,
    absent: "no resync",
    example: "SCALEKIT_ENVIRONMENT_URL=https://acme.scalekit.com",
    meaning: "Your Scalekit environment, for the Directory API.",
};

pub(super) const CLIENT_ID: Setting = Setting {
    name: "SCALEKIT_CLIENT_ID",
    default: None,
    absent: "no resync",
    example: "SCALEKIT_CLIENT_ID=skc_12345678901234567",
    meaning: "The API client’s id.",
};

pub(super) const CLIENT_SECRET: Setting = Setting {
    name: "SCALEKIT_CLIENT_SECRET",
    default: None,
    absent: "no resync",
    example: "SCALEKIT_CLIENT_SECRET=live_…",
    meaning: "The API client’s secret.",
};

pub(super) const STAFF_ISSUER: Setting = Setting {
    name: "SEATKEEPER_STAFF_ISSUER",
    default: None,
    absent: "staff sign in with a password alone",
    example: "SEATKEEPER_STAFF_ISSUER=https://login.example.com",
    meaning: "The identity provider with which staff sign in, by OpenID Connect: its issuer, exactly as it names itself.",
};

pub(super) const STAFF_CLIENT_ID: Setting = Setting {
    name: "SEATKEEPER_STAFF_CLIENT_ID",
    default: None,
    absent: "needed with an issuer",
    example: "SEATKEEPER_STAFF_CLIENT_ID=seatkeeper",
    meaning: "Seatkeeper’s client id there.",
};

pub(super) const STAFF_CLIENT_SECRET: Setting = Setting {
    name: "SEATKEEPER_STAFF_CLIENT_SECRET",
    default: None,
    absent: "a public client, with PKCE alone",
    example: "SEATKEEPER_STAFF_CLIENT_SECRET=…",
    meaning: "Its secret there.",
};

pub(super) const WEBHOOK_SECRET: Setting = Setting {
    name: "SCALEKIT_WEBHOOK_SECRET",
    default: None,
    absent: "`serve` does not start",
    example: "SCALEKIT_WEBHOOK_SECRET=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
    meaning: "The webhook’s signing secret; during a rotation both secrets, with a comma between them.",
};

pub(super) const SMTP_URL: Setting = Setting {
    name: "SMTP_URL",
    default: None,
    absent: "e-mails wait in the outbox",
    example: "SMTP_URL=smtps://user:password@mail.example.com:465",
    meaning: "The mail server: `smtps://` for TLS; `smtp://` for STARTTLS, plain on this machine \
              (`?tls=required`, `?tls=opportunistic` or `?tls=none` to choose).",
};

pub(super) const MAIL_FROM: Setting = Setting {
    name: "MAIL_FROM",
    default: Some("Seatkeeper <seatkeeper@localhost>"),
    absent: "",
    example: "MAIL_FROM=Seatkeeper <seats@example.com>",
    meaning: "The sender of all e-mails.",
};

pub(super) const SLACK_WEBHOOK: Setting = Setting {
    name: "SEATKEEPER_SLACK_WEBHOOK",
    default: None,
    absent: "staff get e-mails alone",
    example: "SEATKEEPER_SLACK_WEBHOOK=https://hooks.slack.com/services/T000/B000/XXXX",
    meaning: "Where the alerts for staff are posted, too: an incoming webhook of Slack, or of a program that takes the same posts.",
};

pub(super) const ALLOW_PRIVATE_ADDRESSES: Setting = Setting {
    name: "SEATKEEPER_ALLOW_PRIVATE_ADDRESSES",
    default: Some("no"),
    absent: "",
    example: "SEATKEEPER_ALLOW_PRIVATE_ADDRESSES=yes",
    meaning: "Whether posts may go to servers in your own network (`yes` or `no`). Customers name addresses, too: with `yes` they can make Seatkeeper connect to what only it can reach.",
};

pub(super) const WEBHOOK_BODY_LIMIT: Setting = Setting {
    name: "SEATKEEPER_WEBHOOK_BODY_LIMIT",
    default: Some("1048576"),
    absent: "",
    example: "SEATKEEPER_WEBHOOK_BODY_LIMIT=1048576",
    meaning: "The largest accepted webhook body, in bytes.",
};

pub(super) const DEFAULT_SEAT_LIMIT: Setting = Setting {
    name: "SEATKEEPER_DEFAULT_SEAT_LIMIT",
    default: None,
    absent: "the page *Settings* says, at first `not set`",
    example: "SEATKEEPER_DEFAULT_SEAT_LIMIT=25",
    meaning: "The seat limit that a new organization gets: a number, or `unlimited`.",
};

pub(super) const APPROVAL_ABOVE: Setting = Setting {
    name: "SEATKEEPER_APPROVAL_ABOVE",
    default: None,
    absent: "the page *Settings* says, at first `off`",
    example: "SEATKEEPER_APPROVAL_ABOVE=100",
    meaning: "Changes of a seat limit of more than this many seats need a second staff member: a number, or `off`.",
};

pub(super) const RAW_BODY_DAYS: Setting = Setting {
    name: "SEATKEEPER_RAW_BODY_DAYS",
    default: None,
    absent: "the page *Settings* says, at first `90`",
    example: "SEATKEEPER_RAW_BODY_DAYS=30",
    meaning: "How many days a webhook’s raw body is kept, a dead letter’s too, and the plan of a resync; `forever` keeps all of them. Decisions are always kept.",
};

pub(super) const CHECK_MINUTES: Setting = Setting {
    name: "SEATKEEPER_CHECK_MINUTES",
    default: Some("5"),
    absent: "",
    example: "SEATKEEPER_CHECK_MINUTES=5",
    meaning: "How often every count is compared with the rows it counts; staff get an e-mail when a count is wrong.",
};

pub(super) const METRICS_LISTEN: Setting = Setting {
    name: "SEATKEEPER_METRICS_LISTEN",
    default: None,
    absent: "no metrics",
    example: "SEATKEEPER_METRICS_LISTEN=127.0.0.1:9464",
    meaning: "The address and port for Prometheus, which asks for `/metrics`. Every client that reaches it may read them.",
};

pub(super) const LOG_FORMAT: Setting = Setting {
    name: "SEATKEEPER_LOG_FORMAT",
    default: None,
    absent: "text on a terminal, JSON elsewhere",
    example: "SEATKEEPER_LOG_FORMAT=json",
    meaning: "How lines are logged: `text` for people, `json` for machines.",
};

pub(super) const RESYNC_NIGHTLY: Setting = Setting {
    name: "SEATKEEPER_RESYNC_NIGHTLY",
    default: None,
    absent: "the page *Settings* says, at first `yes`",
    example: "SEATKEEPER_RESYNC_NIGHTLY=no",
    meaning: "Whether every organization is compared with its directory once a night: `yes` or `no`.",
};

pub(super) const RESYNCS_AT_ONCE: Setting = Setting {
    name: "SEATKEEPER_RESYNCS_AT_ONCE",
    default: Some("2"),
    absent: "",
    example: "SEATKEEPER_RESYNCS_AT_ONCE=4",
    meaning: "How many organizations are compared with their directories at once, 1 to 16.",
};

pub(super) const RESYNC_CONFIRM_ABOVE: Setting = Setting {
    name: "SEATKEEPER_RESYNC_CONFIRM_ABOVE",
    default: None,
    absent: "the page *Settings* says, at first `50`",
    example: "SEATKEEPER_RESYNC_CONFIRM_ABOVE=50",
    meaning: "A resync that takes away more people than this waits for a person to confirm it (and so does one that takes away more than 10 % and 3 people).",
};

pub(super) const GAP_MINUTES: Setting = Setting {
    name: "SEATKEEPER_GAP_MINUTES",
    default: Some("60"),
    absent: "",
    example: "SEATKEEPER_GAP_MINUTES=60",
    meaning: "After so many minutes without a delivery Scalekit’s event log is asked whether something is missing.",
};

pub(super) const STAFF_IDLE_MINUTES: Setting = Setting {
    name: "SEATKEEPER_STAFF_IDLE_MINUTES",
    default: None,
    absent: "the page *Settings* says, at first `30`",
    example: "SEATKEEPER_STAFF_IDLE_MINUTES=30",
    meaning: "After so many minutes without use staff are signed out, 5 to 1440.",
};

pub(super) const TENANT_IDLE_MINUTES: Setting = Setting {
    name: "SEATKEEPER_TENANT_IDLE_MINUTES",
    default: None,
    absent: "the page *Settings* says, at first `480`",
    example: "SEATKEEPER_TENANT_IDLE_MINUTES=60",
    meaning: "After so many minutes without use a customer’s people are signed out, 5 to 1440.",
};

pub(super) const SESSION_HOURS: Setting = Setting {
    name: "SEATKEEPER_SESSION_HOURS",
    default: None,
    absent: "the page *Settings* says, at first `12`",
    example: "SEATKEEPER_SESSION_HOURS=8",
    meaning: "After so many hours every person has to sign in again, even after constant use, 1 to 168.",
};

pub(super) const STAFF_SECOND_FACTOR: Setting = Setting {
    name: "SEATKEEPER_STAFF_SECOND_FACTOR",
    default: None,
    absent: "the page *Settings* says, at first `no`",
    example: "SEATKEEPER_STAFF_SECOND_FACTOR=yes",
    meaning: "Whether staff need more than a password to sign in (`yes` or `no`); a person who has no factor sets one up first.",
};

pub(super) const CONNECTIONS: Setting = Setting {
    name: "SEATKEEPER_CONNECTIONS",
    default: None,
    absent: "what the descriptor limit allows, at most 4,096",
    example: "SEATKEEPER_CONNECTIONS=2000",
    meaning: "How many connections are open at once, 16 to 100,000; connections that wait for their clients make room for new ones, and an eighth is kept for webhooks and health checks.",
};

pub(super) const HEAD_SECONDS: Setting = Setting {
    name: "SEATKEEPER_HEAD_SECONDS",
    default: Some("10"),
    absent: "",
    example: "SEATKEEPER_HEAD_SECONDS=10",
    meaning: "How long a connection may take until its request’s headers are complete.",
};

pub(super) const BODY_SECONDS: Setting = Setting {
    name: "SEATKEEPER_BODY_SECONDS",
    default: Some("30"),
    absent: "",
    example: "SEATKEEPER_BODY_SECONDS=30",
    meaning: "How long a request’s body may take; after that the answer is 408.",
};

pub(super) const IDLE_SECONDS: Setting = Setting {
    name: "SEATKEEPER_IDLE_SECONDS",
    default: Some("120"),
    absent: "",
    example: "SEATKEEPER_IDLE_SECONDS=120",
    meaning: "How long a connection stays open without a request; longer than a proxy keeps its own idle connections.",
};

pub(super) const READ_SECONDS: Setting = Setting {
    name: "SEATKEEPER_READ_SECONDS",
    default: Some("5"),
    absent: "",
    example: "SEATKEEPER_READ_SECONDS=5",
    meaning: "How long the database may take to read what a page shows; after that the page shows an error.",
};

pub(super) const LIVE_PER_ACCOUNT: Setting = Setting {
    name: "SEATKEEPER_LIVE_PER_ACCOUNT",
    default: Some("20"),
    absent: "",
    example: "SEATKEEPER_LIVE_PER_ACCOUNT=20",
    meaning: "How many live connections one account has at once; other open pages are not live.",
};

pub(super) const LIVE_PER_ADDRESS: Setting = Setting {
    name: "SEATKEEPER_LIVE_PER_ADDRESS",
    default: Some("500"),
    absent: "",
    example: "SEATKEEPER_LIVE_PER_ADDRESS=500",
    meaning: "The same for one client address.",
};

pub(super) const LOG: Setting = Setting {
    name: "RUST_LOG",
    default: Some("info"),
    absent: "",
    example: "RUST_LOG=info,seatkeeper=debug",
    meaning: "What is logged to standard error: `error`, `warn`, `info`, `debug`, `trace`, also per module.",
};

/// Every setting, in the order people need them.
pub const SETTINGS: [Setting; 38] = [
    DATABASE_URL,
    WEBHOOK_SECRET,
    LISTEN,
    PUBLIC_URL,
    TRUSTED_PROXIES,
    SMTP_URL,
    MAIL_FROM,
    SLACK_WEBHOOK,
    ALLOW_PRIVATE_ADDRESSES,
    ENVIRONMENT_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    STAFF_ISSUER,
    STAFF_CLIENT_ID,
    STAFF_CLIENT_SECRET,
    DEFAULT_SEAT_LIMIT,
    APPROVAL_ABOVE,
    STAFF_IDLE_MINUTES,
    TENANT_IDLE_MINUTES,
    SESSION_HOURS,
    STAFF_SECOND_FACTOR,
    WEBHOOK_BODY_LIMIT,
    RAW_BODY_DAYS,
    CHECK_MINUTES,
    METRICS_LISTEN,
    LOG_FORMAT,
    RESYNC_NIGHTLY,
    RESYNCS_AT_ONCE,
    RESYNC_CONFIRM_ABOVE,
    GAP_MINUTES,
    CONNECTIONS,
    HEAD_SECONDS,
    BODY_SECONDS,
    IDLE_SECONDS,
    READ_SECONDS,
    LIVE_PER_ACCOUNT,
    LIVE_PER_ADDRESS,
    LOG,
];

/// The table of .github/docs/configuration.md, in Markdown.
pub fn settings_table() -> String {
    let mut table = "| Variable | If absent | Meaning | Example |\n|---|---|---|---|\n".to_owned();
    for Setting { name, default, absent, example, meaning } in SETTINGS {
        let absent = default.map_or_else(|| absent.to_owned(), |default| format!("`{default}`"));
        let value = example.split_once('=').map_or(example, |(_, value)| value);
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| `{name}` | {absent} | {meaning} | `{value}` |");
    }
    table
}
