//! What every act and every read is handed: the database, the clock, and the few settings they look at.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{acts::sign_in::Attempts, clock::Clock, db::Db, domain::organization::SeatLimit, scalekit::client::Client};

/// Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct Desk {
    pub db: Db,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    /// How often somebody tried to sign in lately.
    pub attempts: Arc<Attempts>,
    /// Passwords hashed at once: each takes 19 MiB and a core.
    pub hashing: Arc<Semaphore>,
    /// Scalekit's Directory API, where there are credentials for it.
    pub scalekit: Option<Client>,
    pub resyncs: Resyncs,
}

#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people find Seatkeeper, without a slash at the end; letters link to it.
    pub public_url: String,
    /// The limit of an organization we hear of for the first time.
    pub default_seat_limit: SeatLimit,
}

/// How organizations are compared with their directories by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Resyncs {
    /// How many at once.
    pub at_once: usize,
    /// Each organization once a night.
    pub nightly: bool,
    /// A plan that takes more people away waits for somebody to confirm it.
    pub most_taken_away: i64,
    /// After so long without a delivery the event log is asked whether something is missing.
    pub silence: Duration,
}

impl Default for Resyncs {
    fn default() -> Self {
        Self { at_once: 2, nightly: true, most_taken_away: 50, silence: Duration::from_hours(1) }
    }
}

impl Desk {
    pub fn new(db: Db, clock: Clock, settings: Settings) -> Self {
        let (attempts, hashing) = (Arc::default(), Arc::new(Semaphore::new(4)));
        Self { db, clock, settings: Arc::new(settings), attempts, hashing, scalekit: None, resyncs: Resyncs::default() }
    }

    /// The same desk, with Scalekit's Directory API within reach.
    #[must_use]
    pub fn with_scalekit(self, client: Client, resyncs: Resyncs) -> Self {
        Self { scalekit: Some(client), resyncs, ..self }
    }
}
