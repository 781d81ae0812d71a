//! `seatkeeper serve`: everything put together, and taken apart in order.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use app::{calls::Asking, serve};
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
    desk::Desk,
    http::{
        self, BodyTime, Door, Room,
        server::{self, Limits, descriptors},
    },
    notify::mailer::Mailer,
    scalekit::signature::Secrets,
    work::{
        check,
        intake::Intake,
        outbox::{self, Mail},
        replay, resyncs, retention, sweep,
    },
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer};
use tracing::{Instrument, info, info_span, warn};

use super::End;

/// How long requests in progress may take once the process is told to stop, and how long everything may.
const GRACE: Duration = Duration::from_secs(3);
const STOPPED: Duration = Duration::from_millis(4_500);
/// How long a client may leave an answer's next part untaken.
const UNTAKEN: Duration = Duration::from_secs(30);
/// Connections of those who read the metrics.
const SCRAPERS: usize = 16;
/// Webhooks and health checks have an eighth of the connections to themselves, and at most so many.
const MOST_KEPT: usize = 128;

const LISTEN: &str = "SEATKEEPER_LISTEN";
const METRICS: &str = "SEATKEEPER_METRICS_LISTEN";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub async fn run() -> Result<(), End> {
    let config = super::configure()?;
    let secrets = secrets(&config)?;
    let listener = server::listen(config.listen).map_err(|error| cannot_listen(LISTEN, config.listen, &error))?;
    let desk = super::desk(&config).await?;
    let metrics = match config.metrics_listen {
        Some(address) => Some(TcpListener::bind(address).await.map_err(|error| cannot_listen(METRICS, address, &error))?),
        None => None,
    };
    info!("Seatkeeper is at {}", config.public_url());
    if config.smtp.is_none() {
        warn!("SMTP_URL is not set: letters wait in the outbox until it is");
    }
    let mut server = Server::start(&config, secrets, desk, listener);
    server.measured(metrics);
    server.until(stop_signal()).await
}

pub fn secrets(config: &Config) -> Result<Secrets, End> {
    let all: Vec<&str> = config.webhook_secrets().map_err(End::refused)?.iter().map(seatkeeper::config::Redacted::reveal).collect();
    Secrets::parse(&all.join(",")).map_err(End::refused)
}

pub fn cannot_listen(setting: &str, address: SocketAddr, error: &io::Error) -> End {
    End::failed(format!("{address} cannot be listened on: {error}. Set {setting} to another address, for example 127.0.0.1:3001."))
}

/// A Seatkeeper at work.
pub struct Server {
    desk: Desk,
    stop: watch::Sender<bool>,
    limits: Limits,
    serving: JoinHandle<()>,
    lanes: Vec<JoinHandle<()>>,
    letters: Option<JoinHandle<()>>,
    others: Vec<JoinHandle<()>>,
}

impl Server {
    pub fn start(config: &Config, secrets: Secrets, desk: Desk, listener: TcpListener) -> Self {
        if let Some(lacking) = serve::lacking() {
            warn!("{lacking}");
        }
        let (stop, stopping) = watch::channel(false);
        let (intake, lanes) = Intake::open(&desk);
        let door = Door {
            desk: desk.clone(),
            intake,
            secrets: Arc::new(secrets),
            body_limit: config.webhook_body_limit,
            stopping: stopping.clone(),
        };
        let others = vec![
            tokio::spawn(db::listen(desk.db.clone())),
            tokio::spawn(db::count_new_tables(desk.db.clone())),
            tokio::spawn(db::checkpoint(desk.db.clone())),
            tokio::spawn(sweep::run(desk.clone(), stopping.clone())),
            tokio::spawn(replay::run(desk.clone(), stopping.clone())),
            tokio::spawn(check::run(desk.clone(), stopping.clone())),
            tokio::spawn(retention::run(desk.clone(), stopping.clone())),
            tokio::spawn(resyncs::run(desk.clone(), stopping.clone())),
        ];
        let letters = config.smtp.clone().map(|server| {
            let mail = Mail { mailer: Mailer::smtp(server), from: config.mail_from.clone() };
            tokio::spawn(outbox::run(desk.clone(), mail, stopping.clone()))
        });
        let limits = limits(config);
        let (router, traffic) = (router(door, config.is_https(), limits), desk.metrics.traffic.clone());
        let router = http::with_client_address(router, config.trusted_proxies.clone());
        let serving = tokio::spawn(server::serve(listener, router, limits, traffic, stopping));
        Self { desk, stop, limits, serving, lanes, letters, others }
    }

    /// Answers Prometheus on a port of its own.
    pub fn measured(&mut self, listener: Option<TcpListener>) {
        let Some(listener) = listener else { return };
        let limits = Limits { connections: SCRAPERS, new_per_address: SCRAPERS / 2, ..self.limits };
        let (metrics, traffic) = (http::metrics(self.desk.clone()), self.desk.metrics.traffic.clone());
        self.others.push(tokio::spawn(server::serve(listener, metrics, limits, traffic, self.stop.subscribe())));
    }

    /// Serves until `signal`; then no new requests, what was acknowledged is durable anyway, and the rest is finished.
    pub async fn until(mut self, signal: impl Future<Output = ()>) -> Result<(), End> {
        tokio::select! {
            () = signal => {}
            ended = &mut self.serving => return Err(End::failed(format!("serving ended: {ended:?}"))),
        }
        info!("stopping");
        let _ = self.stop.send(true); // everybody who listened is gone already
        // What a lane still holds in the end was not acknowledged; a letter on its way is noted before we go.
        let rest = async {
            let _ = self.serving.await; // within the grace time
            for task in self.lanes.into_iter().chain(self.letters) {
                let _ = task.await;
            }
            for other in self.others {
                other.abort();
            }
            self.desk.db.close().await;
        };
        if tokio::time::timeout(STOPPED, rest).await.is_err() {
            warn!("some work was not finished within {} s; what was acknowledged is durable", STOPPED.as_secs_f64());
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

/// Connections that pages leave to webhooks and health checks.
fn kept(limits: Limits) -> usize {
    (limits.connections / 8).clamp(1, MOST_KEPT)
}

/// Machines' routes as they are; people's behind sessions and the same-origin guard.
fn router(door: Door, is_https: bool, limits: Limits) -> Router {
    let desk = door.desk.clone();
    let context = {
        let desk = desk.clone();
        move || {
            provide_context(desk.clone());
            provide_context(Asking::default());
        }
    };
    // Where a proxy writes another Host, our public address is still ours.
    let guard = CsrfLayer::new();
    let guard = guard.clone().add_trusted_origin(&desk.settings.public_url).unwrap_or(guard);
    let traffic = desk.metrics.traffic.clone();
    let room = from_fn_with_state(Room::new(limits.connections - kept(limits), traffic.clone()), http::with_room);
    // The parameters are checked, and so the body is complete, before a place is taken.
    let people = serve::pages(context).merge(http::live(door.clone())).layer(room.clone());
    let people = http::session::with_sessions(http::with_checked_parameters(people), &desk, is_https);
    let people = people.layer(guard).layer(CompressionLayer::new()).layer(from_fn(told));
    let all = people.merge(serve::assets().layer(room)).merge(http::routes(door));
    let all = all.layer(from_fn_with_state(BodyTime { limit: limits.body, traffic }, http::body_in_time));
    serve::with_headers(all.layer(CatchPanicLayer::new()), is_https).layer(from_fn_with_state(desk.clock, numbered))
}

/// Whatever is logged while a page is made carries its request's id. Deliveries are told by their own ids.
async fn told(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let span = info_span!("request", request = id);
    next.run(request).instrument(span).await
}

/// Gives each request an id of ours, for the log and for whoever is told that something broke.
async fn numbered(axum::extract::State(clock): axum::extract::State<Clock>, mut request: Request, next: Next) -> Response {
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

/// Ctrl-C, or what a service manager sends.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await; // either way it is time to stop
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
