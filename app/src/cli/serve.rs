//! `seatkeeper serve`: starts all parts of the server, and stops them in order.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use app::{serve, server_fns::CurrentViewer};
use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use leptos::prelude::provide_context;
use seatkeeper::{
    clock::Clock,
    config::{self, Config},
    db,
    http::{
        self, BodyTime, HttpState, Room,
        server::{self, Limits, descriptors},
    },
    jobs::{
        check,
        intake::Intake,
        outbox::{self, Mail},
        replay, resyncs, retention, sweep,
    },
    notify::mailer::Mailer,
    scalekit::signature::Secrets,
    state::AppState,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer};
use tracing::{Instrument, info, info_span, warn};

use super::CliError;

/// `GRACE` is the time that open requests get after the process is told to stop. `STOPPED` is the
/// time for the whole stop.
const GRACE: Duration = Duration::from_secs(3);
const STOPPED: Duration = Duration::from_millis(4_500);
/// How long a client may take to receive the next part of an answer.
const UNTAKEN: Duration = Duration::from_secs(30);
/// The largest number of connections to the metrics port.
const SCRAPERS: usize = 16;
/// An eighth of the connections is reserved for webhooks and health checks, but not more than this
/// number.
const MOST_KEPT: usize = 128;

const LISTEN: &str = "SEATKEEPER_LISTEN";
const METRICS: &str = "SEATKEEPER_METRICS_LISTEN";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub async fn run() -> Result<(), CliError> {
    let config = super::configure()?;
    let secrets = secrets(&config)?;
    let listener = server::listen(config.listen).map_err(|error| cannot_listen(LISTEN, config.listen, &error))?;
    let state = super::state(&config).await?;
    let metrics = match config.metrics_listen {
        Some(address) => Some(TcpListener::bind(address).await.map_err(|error| cannot_listen(METRICS, address, &error))?),
        None => None,
    };
    info!("Seatkeeper is at {}", config.public_url());
    if config.smtp.is_none() {
        warn!("SMTP_URL is not set: e-mails wait in the outbox until it is set");
    }
    let mut server = Server::start(&config, secrets, state, listener);
    server.measured(metrics);
    server.until(shutdown_signal()).await
}

pub fn secrets(config: &Config) -> Result<Secrets, CliError> {
    let all: Vec<&str> = config.webhook_secrets().map_err(CliError::refused)?.iter().map(seatkeeper::config::Redacted::reveal).collect();
    Secrets::parse(&all.join(",")).map_err(CliError::refused)
}

pub fn cannot_listen(setting: &str, address: SocketAddr, error: &io::Error) -> CliError {
    CliError::failed(format!("{address} cannot be listened on: {error}. Set {setting} to another address, for example 127.0.0.1:3001."))
}

/// The running server: its listener and its background tasks.
pub struct Server {
    state: AppState,
    stop: watch::Sender<bool>,
    limits: Limits,
    serving: JoinHandle<()>,
    shards: Vec<JoinHandle<()>>,
    outbox: Option<JoinHandle<()>>,
    others: Vec<JoinHandle<()>>,
}

impl Server {
    pub fn start(config: &Config, secrets: Secrets, state: AppState, listener: TcpListener) -> Self {
        if let Some(lacking) = serve::lacking() {
            warn!("{lacking}");
        }
        let (stop, stopping) = watch::channel(false);
        let (intake, shards) = Intake::open(&state);
        let http_state = HttpState {
            state: state.clone(),
            intake,
            secrets: Arc::new(secrets),
            body_limit: config.webhook_body_limit,
            stopping: stopping.clone(),
        };
        let others = vec![
            tokio::spawn(db::listen(state.db.clone())),
            tokio::spawn(db::count_new_tables(state.db.clone())),
            tokio::spawn(db::checkpoint(state.db.clone())),
            tokio::spawn(sweep::run(state.clone(), stopping.clone())),
            tokio::spawn(replay::run(state.clone(), stopping.clone())),
            tokio::spawn(check::run(state.clone(), stopping.clone())),
            tokio::spawn(retention::run(state.clone(), stopping.clone())),
            tokio::spawn(resyncs::run(state.clone(), stopping.clone())),
        ];
        let outbox = config.smtp.clone().map(|server| {
            let mail = Mail { mailer: Mailer::smtp(server), from: config.mail_from.clone() };
            tokio::spawn(outbox::run(state.clone(), mail, stopping.clone()))
        });
        let limits = limits(config);
        let (router, traffic) = (router(http_state, config.is_https(), limits), state.metrics.traffic.clone());
        let router = http::with_client_address(router, config.trusted_proxies.clone());
        let serving = tokio::spawn(server::serve(listener, router, limits, traffic, stopping));
        Self { state, stop, limits, serving, shards, outbox, others }
    }

    /// Serves the metrics for Prometheus on a port of its own.
    pub fn measured(&mut self, listener: Option<TcpListener>) {
        let Some(listener) = listener else { return };
        let limits = Limits { connections: SCRAPERS, new_per_address: SCRAPERS / 2, ..self.limits };
        let (metrics, traffic) = (http::metrics(self.state.clone()), self.state.metrics.traffic.clone());
        self.others.push(tokio::spawn(server::serve(listener, metrics, limits, traffic, self.stop.subscribe())));
    }

    /// Serves until `signal`. Then it accepts no new requests, finishes the open ones and closes
    /// the database. Every acknowledged delivery is durable already.
    pub async fn until(mut self, signal: impl Future<Output = ()>) -> Result<(), CliError> {
        tokio::select! {
            () = signal => {}
            ended = &mut self.serving => return Err(CliError::failed(format!("serving ended: {ended:?}"))),
        }
        info!("stopping");
        let _ = self.stop.send(true); // the receivers may have ended already
        // A delivery that a shard still holds at the end was not acknowledged. An e-mail that is
        // being sent is recorded before the process ends.
        let rest = async {
            let _ = self.serving.await; // this takes at most `GRACE`
            for task in self.shards.into_iter().chain(self.outbox) {
                let _ = task.await;
            }
            for other in self.others {
                other.abort();
            }
            self.state.db.close().await;
        };
        if tokio::time::timeout(STOPPED, rest).await.is_err() {
            warn!("some work did not finish within {} s; every acknowledged delivery is stored", STOPPED.as_secs_f64());
        }
        Ok(())
    }
}

fn limits(config: &Config) -> Limits {
    let connections = descriptors::connections(config.limits.connections, descriptors::raise());
    if config.limits.connections.is_some_and(|wanted| wanted > connections) {
        warn!("only {connections} connections fit below the limit of file descriptors");
    }
    let config::Limits { head, body, idle, .. } = config.limits;
    Limits { connections, new_per_address: (connections / 4).max(1), head, body, sending: UNTAKEN, idle, grace: GRACE }
}

/// The connections that are reserved for webhooks and health checks.
fn kept(limits: Limits) -> usize {
    (limits.connections / 8).clamp(1, MOST_KEPT)
}

/// Puts all routes together. The routes for people are behind sessions and the same-origin guard;
/// the routes for machines are not.
fn router(http_state: HttpState, is_https: bool, limits: Limits) -> Router {
    let state = http_state.state.clone();
    let context = {
        let state = state.clone();
        move || {
            provide_context(state.clone());
            provide_context(CurrentViewer::default());
        }
    };
    // If a proxy changes the Host header, requests from our public address still count as our own.
    let guard = CsrfLayer::new();
    let guard = guard.clone().add_trusted_origin(&state.settings.public_url).unwrap_or(guard);
    let traffic = state.metrics.traffic.clone();
    let room = from_fn_with_state(Room::new(limits.connections - kept(limits), traffic.clone()), http::with_room);
    // The parameters are checked, and so the body is complete, before the request takes one of the
    // limited connections.
    let people = serve::pages(context).merge(http::live(http_state.clone())).layer(room.clone());
    let people = http::session::with_sessions(http::with_checked_parameters(people), &state, is_https);
    let people = people.layer(guard).layer(CompressionLayer::new()).layer(from_fn(request_span));
    let all = people.merge(serve::assets().layer(room)).merge(http::routes(http_state));
    let all = all.layer(from_fn_with_state(BodyTime { limit: limits.body, traffic }, http::body_in_time));
    serve::with_headers(all.layer(CatchPanicLayer::new()), is_https).layer(from_fn_with_state(state.clock, set_request_id))
}

/// Every log line of a page carries the id of its request. Log lines about deliveries name the
/// request and the delivery as fields.
async fn request_span(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let span = info_span!("request", request = id);
    next.run(request).instrument(span).await
}

/// Gives each request an id. The id is in the log and on the page that reports an internal error.
async fn set_request_id(axum::extract::State(clock): axum::extract::State<Clock>, mut request: Request, next: Next) -> Response {
    let id = HeaderValue::from_str(&clock.id::<String>("req")).ok();
    if let Some(id) = id.clone() {
        request.headers_mut().insert(REQUEST_ID, id);
    }
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
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
