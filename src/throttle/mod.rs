//! What one process remembers of the use of API keys, and of sign-ins that failed, beside the
//! counters in the database: the attempts that wait to be counted, and the limits that were reached
//! lately.

mod api_keys;
mod queue;
mod quota;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

pub use self::{
    api_keys::{Allowance, Call, KeyUse},
    queue::{Entry, Outcome, Queue},
    quota::Quota,
};
use crate::domain::time::Timestamp;

/// How many refusals are remembered at the same time.
const MOST_REFUSALS: usize = 10_000;

/// The in-memory state of one process, beside the counters in the database.
#[derive(Debug, Default)]
pub struct LoginThrottle {
    pub queue: Queue,
    refused: Mutex<HashMap<String, Reached>>,
}

/// A limit that was reached: attempts are refused until it allows the next one.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    pub at: Timestamp,
    pub until: Timestamp,
}

/// One limit that an attempt is counted under.
#[derive(Clone, Debug)]
pub struct Charge {
    pub key: String,
    pub quota: Quota,
}

impl LoginThrottle {
    /// Forgets the refusals that have expired.
    pub fn remove_expired(&self, now: Timestamp) {
        self.refused().retain(|_, refused| refused.holds(now));
    }

    pub fn refuses(&self, charges: &[Charge], now: Timestamp) -> bool {
        let refused = self.refused();
        charges
            .iter()
            .any(|charge| refused.get(&charge.key).is_some_and(|refused| refused.holds(now)))
    }

    pub fn remember(&self, key: String, reached: Reached) {
        let mut refused = self.refused();
        if refused.len() >= MOST_REFUSALS {
            refused.retain(|_, known| known.holds(reached.at));
        }
        if refused.len() < MOST_REFUSALS {
            refused.insert(key, reached);
        }
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<String, Reached>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reached {
    /// After the clock was set back, a remembered refusal does not hold, and the counters in the
    /// database decide.
    fn holds(self, now: Timestamp) -> bool {
        self.at <= now && now < self.until
    }
}
