//! `seatkeeper serve`: starts all parts of the server, and stops them in order.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use app::{assets, router};
use seatkeeper::{
    channels::{email::mailer::Mailer, slack::SlackPoster},
    commands,
    config::{self, Config},
    db,
    http::{
        self, BodyRoom, HttpState,
        server::{self, Limits, descriptors},
    },
    ingest::Intake,
    jobs::{
        self,
        send_messages::{Mail, Way},
    },
    scalekit::signature::Secrets,
    state::AppState,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tracing::{info, warn};

use super::{CliError, tasks::Tasks};

/// `GRACE` is the time that open requests get after the process is told to stop. `STOPPED` is the
/// time for the whole stop.
const GRACE: Duration = Duration::from_secs(3);
const STOPPED: Duration = Duration::from_millis(4_500);
/// How long a client may take to receive the next part of an answer.
const UNTAKEN: Duration = Duration::from_secs(30);
/// The largest number of connections to the metrics port.
const SCRAPERS: usize = 16;

const LISTEN: &str = "SEATKEEPER_LISTEN";
const METRICS: &str = "SEATKEEPER_METRICS_LISTEN";

pub async fn run() -> Result<(), CliError> {
    let config = super::configure()?;
    let secrets = secrets(&config)?;
    let listener = server::listen(config.listen)
        .map_err(|error| cannot_listen(LISTEN, config.listen, &error))?;
    let state = super::state(&config).await?;
    let metrics = match config.metrics_listen {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .map_err(|error| cannot_listen(METRICS, address, &error))?,
        ),
        None => None,
    };
    info!("Seatkeeper is at {}", config.public_url());
    offer_first_account(&state).await?;
    if config.public_url().is_readable_on_the_way() {
        warn!(
            "SEATKEEPER_PUBLIC_URL is not https: passwords and sessions can be read on their way; put a proxy with TLS in front"
        );
    }
    if config.smtp.is_none() {
        warn!("SMTP_URL is not set: e-mails wait in the outbox until it is set");
    }
    let mut server = Server::start(&config, secrets, state, listener);
    server.measured(metrics);
    server.until(shutdown_signal()).await
}

/// While there is no account, the console gets a link that makes the first one. The log does not:
/// the link is a secret.
async fn offer_first_account(state: &AppState) -> Result<(), CliError> {
    if let Some(link) = commands::offer_first_account(state).await? {
        eprintln!(
            "There is no account yet. Make the first one, a staff admin, with this link. It works once, and until Seatkeeper ends:\n\n    {link}\n"
        );
    }
    Ok(())
}

/// The ways on which messages leave.
fn ways(config: &Config) -> Vec<Way> {
    let mail = config.smtp.clone().map(|server| {
        Way::Email(Mail { mailer: Mailer::smtp(server), from: config.mail_from.clone() })
    });
    let slack = SlackPoster::new(config.allowed_addresses)
        .inspect_err(|error| warn!(error, "nothing can be posted to Slack"));
    mail.into_iter().chain(slack.ok().map(Way::Slack)).collect()
}

pub fn secrets(config: &Config) -> Result<Secrets, CliError> {
    config.webhook_secrets().cloned().map_err(CliError::refused)
}

pub fn cannot_listen(setting: &str, address: SocketAddr, error: &io::Error) -> CliError {
    CliError::failed(format!(
        "{address} cannot be listened on: {error}. Set {setting} to another address, for example 127.0.0.1:3001."
    ))
}

/// The running server: its listener and its background tasks.
pub struct Server {
    state: AppState,
    stop: watch::Sender<bool>,
    limits: Limits,
    serving: JoinHandle<()>,
    /// They end by themselves when the process stops.
    work: Tasks,
    /// They end when this value is dropped.
    upkeep: Tasks,
}

impl Server {
    pub fn start(
        config: &Config,
        secrets: Secrets,
        state: AppState,
        listener: TcpListener,
    ) -> Self {
        if let Some(lacking) = assets::lacking() {
            warn!("{lacking}");
        }
        let (stop, stopping) = watch::channel(false);
        let (intake, shards) = Intake::open(&state);
        let http_state = HttpState {
            state: state.clone(),
            intake,
            secrets: Arc::new(secrets),
            body_limit: config.webhook_body_limit,
            body_room: BodyRoom::new(config.webhook_body_limit),
            stopping: stopping.clone(),
        };
        let (mut work, mut upkeep) = (Tasks::default(), Tasks::default());
        for (name, task) in db::upkeep(&state.db) {
            upkeep.spawn(name, task);
        }
        for shard in shards {
            work.spawn("ingest", async { drop(shard.await) });
        }
        for job in jobs::all(&state, ways(config)) {
            work.spawn(job.name(), jobs::run(state.clone(), job, stopping.clone()));
        }
        let limits = limits(config);
        let (router, traffic) =
            (router::router(http_state, limits, config.is_https()), state.metrics.traffic.clone());
        let router = http::with_client_address(router, config.trusted_proxies.clone());
        let serving = tokio::spawn(server::serve(listener, router, limits, traffic, stopping));
        Self { state, stop, limits, serving, work, upkeep }
    }

    /// Serves the metrics for Prometheus on a port of its own.
    pub fn measured(&mut self, listener: Option<TcpListener>) {
        let Some(listener) = listener else { return };
        let limits = Limits { connections: SCRAPERS, new_per_address: SCRAPERS / 2, ..self.limits };
        let (metrics, traffic) =
            (http::metrics(self.state.clone()), self.state.metrics.traffic.clone());
        self.upkeep.spawn(
            "metrics",
            server::serve(listener, metrics, limits, traffic, self.stop.subscribe()),
        );
    }

    /// Serves until `signal`. Then it accepts no new requests, finishes the open ones and closes
    /// the database. Every acknowledged delivery is durable already.
    pub async fn until(mut self, signal: impl Future<Output = ()>) -> Result<(), CliError> {
        let result = tokio::select! {
            () = signal => Ok(()),
            ended = &mut self.serving => return Err(CliError::failed(format!("serving ended: {ended:?}"))),
            name = self.work.ended() => Err(ended_early(name)),
            name = self.upkeep.ended() => Err(ended_early(name)),
        };
        info!("stopping");
        let _ = self.stop.send(true); // the receivers may have ended already
        // A delivery that a shard still holds at the end was not acknowledged. An e-mail that is
        // being sent is recorded before the process ends.
        let rest = async {
            let _ = self.serving.await; // this takes at most `GRACE`
            self.work.finish().await;
            drop(self.upkeep);
            self.state.db.close().await;
        };
        if tokio::time::timeout(STOPPED, rest).await.is_err() {
            warn!(
                "some work did not finish within {} s; every acknowledged delivery is stored",
                STOPPED.as_secs_f64()
            );
        }
        result
    }
}

/// Without one of its tasks the process would seem to work and would not. A service manager starts
/// it again.
fn ended_early(task: &str) -> CliError {
    CliError::failed(format!("the task “{task}” has ended, so the server stops; the log says why"))
}

fn limits(config: &Config) -> Limits {
    let connections = descriptors::connections(config.limits.connections, descriptors::raise());
    if config.limits.connections.is_some_and(|wanted| wanted > connections) {
        warn!("only {connections} connections fit below the limit of file descriptors");
    }
    let config::Limits { head, body, idle, .. } = config.limits;
    Limits {
        connections,
        new_per_address: (connections / 4).max(1),
        head,
        body,
        sending: UNTAKEN,
        idle,
        grace: GRACE,
    }
}

/// Returns on Ctrl-C (SIGINT) or on SIGTERM, which a service manager sends.
pub async fn shutdown_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await; // an error, too, stops the process
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
