//! Connections and requests: how many there are, which were closed, which were not served, and why.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{GaugeGuard, Label, registered};

/// Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct Traffic {
    connections: Gauge,
    closed: Family<Label, Counter>,
    accept_errors: Counter,
    not_served: Family<Label, Counter>,
    live: Gauge,
}

/// Why the server closed a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The request head was not complete in time.
    Head,
    Body,
    /// The client did not take its answer in time.
    Sending,
    Idle,
    /// The connection was waiting, and another one needed its place.
    Displaced,
    /// Its address had too many connections without a request.
    TooManyNew,
    Stopping,
}

impl Closed {
    const ALL: [Self; 7] = [
        Self::Head,
        Self::Body,
        Self::Sending,
        Self::Idle,
        Self::Displaced,
        Self::TooManyNew,
        Self::Stopping,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head_time",
            Self::Body => "body_time",
            Self::Sending => "sending_time",
            Self::Idle => "idle_time",
            Self::Displaced => "displaced",
            Self::TooManyNew => "too_many_new",
            Self::Stopping => "stopping",
        }
    }
}

/// Why a request was not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotServed {
    /// Only webhooks and health checks had room left.
    Full,
    /// Its address used all the room that one address may have.
    FullOfAddress,
    /// Its body was not complete in time.
    Body,
    /// Too many live connections in all, of one account, or of one address.
    Live,
    LiveOfAccount,
    LiveOfAddress,
    /// The account's or the organization's share was in use.
    Share,
    /// A statement reached its time limit.
    ReadTime,
}

impl NotServed {
    const ALL: [Self; 8] = [
        Self::Full,
        Self::FullOfAddress,
        Self::Body,
        Self::Live,
        Self::LiveOfAccount,
        Self::LiveOfAddress,
        Self::Share,
        Self::ReadTime,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::FullOfAddress => "full_of_address",
            Self::Body => "body_time",
            Self::Live => "live",
            Self::LiveOfAccount => "live_of_account",
            Self::LiveOfAddress => "live_of_address",
            Self::Share => "share",
            Self::ReadTime => "read_time",
        }
    }
}

impl Traffic {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let traffic = Self {
            connections: registered(registry, "connections", "Open connections"),
            closed: registered(
                registry,
                "connections_closed",
                "Connections closed by this side since the start, by why",
            ),
            accept_errors: registered(
                registry,
                "accept_errors",
                "Connections that could not be accepted since the start",
            ),
            not_served: registered(
                registry,
                "requests_not_served",
                "Requests answered 408, 429 or 503 because of a limit, by which",
            ),
            live: registered(registry, "live_connections", "Open pages that receive changes"),
        };
        for why in Closed::ALL {
            // a counter that starts at 0
            let _ = traffic.closed.get_or_create(&[("reason", why.as_str())]);
        }
        for why in NotServed::ALL {
            let _ = traffic.not_served.get_or_create(&[("reason", why.as_str())]);
        }
        traffic
    }

    pub fn connection_began(&self) {
        self.connections.inc();
    }

    pub fn connection_ended(&self) {
        self.connections.dec();
    }

    pub fn closed(&self, why: Closed) {
        self.closed.get_or_create(&[("reason", why.as_str())]).inc();
    }

    pub fn accept_failed(&self) {
        self.accept_errors.inc();
    }

    pub fn not_served(&self, why: NotServed) {
        self.not_served.get_or_create(&[("reason", why.as_str())]).inc();
    }

    pub fn live_connection(&self) -> GaugeGuard {
        GaugeGuard::by(&self.live)
    }
}
