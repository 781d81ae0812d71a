//! Connections: hyper serves each of them, and this module limits them. Every phase in which a
//! connection waits for its client has a time limit, the number of connections stays below the
//! process's descriptors, and a stop ends them within a grace time. `axum::serve` has none of these
//! limits.

mod activity;
pub mod descriptors;
mod open;
mod stream;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{
        StatusCode, Version,
        header::{CONNECTION, HOST},
        uri::Authority,
    },
    response::{IntoResponse, Response},
};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, sleep},
};
use tower::ServiceExt;
use tracing::{debug, warn};

use self::{
    activity::{Activity, Exchange, RequestBody, ResponseBody},
    open::{Open, Place},
    stream::Stream,
};
use crate::metrics::traffic::Traffic;

/// The most streams of one HTTP/2 connection at once.
const STREAMS: u32 = 64;
/// How many streams a client may open and reset before the server handles them; with more the
/// connection ends.
const RESETS: usize = 20;
/// The most bytes of all headers of an HTTP/2 request.
const HEADERS: u32 = 32 * 1_024;
/// After this time of silence an HTTP/2 client is pinged.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(10);
/// The pause after an accept error that does not concern a single connection.
const REST: Duration = Duration::from_millis(100);
/// Such an error is logged at most once in this time.
const QUIET: Duration = Duration::from_secs(30);
/// Connections that wait to be accepted; the machine may allow fewer.
const BACKLOG: u32 = 4_096;
/// How often a stop checks whether connections have ended.
const LOOK: Duration = Duration::from_millis(20);

/// The limits of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections of one address without a complete request head; one more displaces the oldest.
    pub new_per_address: usize,
    /// The time until a request's head is complete.
    pub head: Duration,
    /// The time until a request's body is complete.
    pub body: Duration,
    /// The time until the client takes the next part of its answer.
    pub sending: Duration,
    /// The time until the next request.
    pub idle: Duration,
    /// The time for requests in progress once the process stops.
    pub grace: Duration,
}

/// Listens with room for many clients that connect at once: a client that finds no room would wait
/// for a second or more.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    socket.set_reuseaddr(true)?; // as `TcpListener::bind` does
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stopping` turns true; then requests in progress have the grace time.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    traffic: Traffic,
    mut stopping: watch::Receiver<bool>,
) {
    let open = Open::new(limits, traffic.clone());
    let server = Server { open: open.clone(), router, builder: builder(), traffic };
    tokio::select! {
        () = server.accept(&listener) => {}
        () = watch_time(&open, limits) => {}
        _ = stopping.wait_for(|stop| *stop) => {} // without a sender the server stops, too
    }
    drop(listener);
    end(&open, limits.grace).await;
}

struct Server {
    open: Arc<Open>,
    router: Router,
    builder: Builder<TokioExecutor>,
    traffic: Traffic,
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // This module limits the time of heads and of idle connections, because hyper logs a line for
    // each.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(64 * 1_024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    builder
}

impl Server {
    async fn accept(&self, listener: &TcpListener) {
        let mut told: Option<Instant> = None;
        loop {
            match listener.accept().await {
                Ok((tcp, peer)) => {
                    let permit = self.open.room().await;
                    self.open.add(peer, permit, |place| {
                        tokio::spawn(self.connection(tcp, peer, place)).abort_handle()
                    });
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    self.traffic.accept_failed();
                    if told.is_none_or(|told| told.elapsed() >= QUIET) {
                        told = Some(Instant::now());
                        warn!(%error, "connections cannot be accepted; those that wait for their clients are closed");
                    }
                    self.open.make_room();
                    sleep(REST).await;
                }
            }
        }
    }

    fn connection(
        &self,
        tcp: TcpStream,
        peer: SocketAddr,
        place: Place,
    ) -> impl Future<Output = ()> + use<> {
        let (router, builder) = (self.router.clone(), self.builder.clone());
        async move {
            // A page is sent in several small writes; without this each write would wait 40 ms for
            // the other side's acknowledgement.
            let _ = tcp.set_nodelay(true); // an error makes the connection slower, not broken
            let place = &place;
            let stream = TokioIo::new(Stream { tcp, activity: place.activity.clone() });
            let service = service_fn(move |request| {
                let (exchange, is_first) = begin(&place.activity, &request);
                if is_first {
                    place.is_known();
                }
                answer(router.clone(), peer, exchange, request)
            });
            let mut connection = std::pin::pin!(builder.serve_connection(stream, service));
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = place.finish.notified() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                debug!(error, "a connection broke");
            }
        }
    }
}

fn begin(activity: &Arc<Activity>, request: &Request<Incoming>) -> (Arc<Exchange>, bool) {
    use hyper::body::Body as _;

    Exchange::begin(activity, !request.body().is_end_stream(), request.version() == Version::HTTP_2)
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    exchange: Arc<Exchange>,
    request: Request<Incoming>,
) -> Result<hyper::Response<ResponseBody>, Infallible> {
    use hyper::body::Body as _;

    let mut request = request.map(|body| {
        if body.is_end_stream() {
            Body::new(body)
        } else {
            Body::new(RequestBody::new(Body::new(body), exchange.clone()))
        }
    });
    request.extensions_mut().insert(ConnectInfo(peer));
    let response =
        if names_its_host(&request) { router.oneshot(request).await? } else { without_host() };
    Ok(response.map(|body| ResponseBody::new(body, exchange)))
}

/// An HTTP/1.1 request has exactly one `Host`, and an older one at most one (RFC 9112, section
/// 3.2). A proxy in front could choose another one of two. HTTP/2 has `:authority` instead.
fn names_its_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        _ if request.version() >= Version::HTTP_2 => true,
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => {
            Authority::try_from(host.as_bytes()).is_ok_and(|host| !host.as_str().contains('@'))
        }
        (Some(_), Some(_)) => false,
    }
}

fn without_host() -> Response {
    (StatusCode::BAD_REQUEST, [(CONNECTION, "close")], "A request names one host.\n")
        .into_response()
}

async fn watch_time(open: &Open, limits: Limits) {
    let shortest = limits.head.min(limits.body).min(limits.sending).min(limits.idle);
    let mut tick =
        interval((shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        open.close_overdue();
    }
}

async fn end(open: &Open, grace: Duration) {
    let began = Instant::now();
    while open.close_unused() > 0 && began.elapsed() < grace {
        sleep(LOOK).await;
    }
    open.close_all();
}

/// The client disconnected before it was accepted: the next one is not affected.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}
