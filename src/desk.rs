//! What every act and every read is handed: the database, the clock, and the few settings they look at.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{acts::sign_in::Attempts, clock::Clock, db::Db, domain::organization::SeatLimit};

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
}

#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people find Seatkeeper, without a slash at the end; letters link to it.
    pub public_url: String,
    /// The limit of an organization we hear of for the first time.
    pub default_seat_limit: SeatLimit,
}

impl Desk {
    pub fn new(db: Db, clock: Clock, settings: Settings) -> Self {
        Self { db, clock, settings: Arc::new(settings), attempts: Arc::default(), hashing: Arc::new(Semaphore::new(4)) }
    }
}
