//! Counters of this process, for Prometheus. Counting needs no database, and no label has a value
//! from outside, so the number of time series does not grow with the number of customers.

pub mod traffic;

use std::{fmt, time::Duration};

use prometheus_client::{
    encoding::prometheus_text,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Metric, Registry},
};

use self::traffic::Traffic;
use crate::{domain::decision::Outcome, scalekit::signature::Rejection};

type Label = [(&'static str, &'static str); 1];

/// All counters and histograms. One for each process.
pub struct Metrics {
    registry: Registry,
    /// In the order of `Outcome::ALL`.
    outcomes: [Counter; Outcome::ALL.len()],
    refused: Vec<(Refused, Counter)>,
    waiting: Gauge,
    acknowledged: Histogram,
    batches: Histogram,
    batch_sizes: Histogram,
    pub traffic: Traffic,
    bodies_removed: Counter,
}

/// Why a delivery was rejected and not stored (metric label).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Signature(Rejection),
    TooLarge,
    /// The body ended too early.
    BrokenOff,
    /// Too many bytes of bodies are being received, of this client or in all.
    NoRoom,
    /// The queue was full or the database was not available; the answer asks the sender to retry.
    Busy,
}

impl Refused {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature(rejection) => rejection.as_str(),
            Self::TooLarge => "too_large",
            Self::BrokenOff => "broken_off",
            Self::NoRoom => "no_room",
            Self::Busy => "busy",
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        Rejection::ALL.into_iter().map(Self::Signature).chain([
            Self::TooLarge,
            Self::BrokenOff,
            Self::NoRoom,
            Self::Busy,
        ])
    }
}

/// Counts in a gauge until it is dropped.
#[derive(Debug)]
pub struct GaugeGuard(Gauge);

impl GaugeGuard {
    fn by(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("seatkeeper");
        let info = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", info);
        let deliveries: Family<Label, Counter> = registered(
            &mut registry,
            "deliveries",
            "Deliveries acknowledged since the start, by outcome",
        );
        let refused: Family<Label, Counter> = registered(
            &mut registry,
            "deliveries_refused",
            "Deliveries refused since the start, of which nothing was kept, by reason",
        );
        let refused = Refused::all()
            .map(|why| (why, refused.get_or_create_owned(&[("reason", why.as_str())])))
            .collect();
        // from 0.25 ms to 8 s, and from one delivery to more than a batch holds
        let times = || Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        let (acknowledged, batches, batch_sizes) =
            (times(), times(), Histogram::new(exponential_buckets(1.0, 2.0, 12)));
        registry.register(
            "delivery_seconds",
            "From a delivery’s last byte to its answer",
            acknowledged.clone(),
        );
        registry.register(
            "intake_batch_seconds",
            "From a batch’s first statement to its commit",
            batches.clone(),
        );
        registry.register(
            "intake_batch_deliveries",
            "Deliveries in one transaction",
            batch_sizes.clone(),
        );
        Self {
            outcomes: Outcome::ALL
                .map(|outcome| deliveries.get_or_create_owned(&[("outcome", outcome.as_str())])),
            refused,
            acknowledged,
            batches,
            batch_sizes,
            waiting: registered(
                &mut registry,
                "intake_waiting",
                "Deliveries waiting for a commit, the batch under way included",
            ),
            traffic: Traffic::new(&mut registry),
            bodies_removed: registered(
                &mut registry,
                "retention_bodies_removed",
                "Raw bodies removed since the start because of their age",
            ),
            registry,
        }
    }
}

impl Metrics {
    pub fn refused(&self, why: Refused) {
        if let Some((_, counter)) = self.refused.iter().find(|(known, _)| *known == why) {
            counter.inc();
        }
    }

    /// How many deliveries were rejected since the start, by reason.
    pub fn refusals(&self) -> Vec<(&'static str, u64)> {
        self.refused.iter().map(|(why, counter)| (why.as_str(), counter.get())).collect()
    }

    /// Counts a delivery as waiting for its commit until the returned guard is dropped.
    pub fn delivery_waits(&self) -> GaugeGuard {
        GaugeGuard::by(&self.waiting)
    }

    pub fn waiting(&self) -> i64 {
        self.waiting.get()
    }

    /// How many deliveries were taken since the start.
    pub fn deliveries(&self) -> u64 {
        self.outcomes.iter().map(Counter::get).sum()
    }

    pub fn acknowledged(&self, took: Duration) {
        self.acknowledged.observe(took.as_secs_f64());
    }

    pub fn batch(&self, outcomes: impl Iterator<Item = Outcome>, took: Duration) {
        let mut taken = 0_u32;
        for outcome in outcomes {
            taken += 1;
            if let Some(at) = Outcome::ALL.iter().position(|known| *known == outcome) {
                self.outcomes[at].inc();
            }
        }
        if taken > 0 {
            self.batch_sizes.observe(f64::from(taken));
            self.batches.observe(took.as_secs_f64());
        }
    }

    pub fn live_connection(&self) -> GaugeGuard {
        self.traffic.live_connection()
    }

    pub fn bodies_removed(&self, count: u64) {
        self.bodies_removed.inc_by(count);
    }

    /// All counters, and the `gauges` that were just read, in Prometheus' text format.
    pub fn text(&self, gauges: &[Reading]) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        let mut looked_up = Registry::with_prefix("seatkeeper");
        for Reading { name, help, values } in gauges {
            let family: Family<Vec<(&'static str, String)>, Gauge> =
                registered(&mut looked_up, name, help);
            for (label, value) in values {
                family
                    .get_or_create(
                        &label.iter().map(|(name, value)| (*name, value.clone())).collect(),
                    )
                    .set(*value);
            }
        }
        prometheus_text::encode(&mut text, &looked_up)?;
        Ok(text)
    }
}

/// A gauge that was read for one scrape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub name: &'static str,
    pub help: &'static str,
    /// One value for each label, or a single value without a label.
    pub values: Vec<(Option<(&'static str, String)>, i64)>,
}

impl Reading {
    pub fn one(name: &'static str, help: &'static str, value: i64) -> Self {
        Self { name, help, values: vec![(None, value)] }
    }
}

fn registered<M: Metric + Clone + Default>(
    registry: &mut Registry,
    name: &'static str,
    help: &'static str,
) -> M {
    let metric = M::default();
    // the crate adds the full stop itself
    registry.register(name, help, metric.clone());
    metric
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}
