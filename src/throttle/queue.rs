//! Attempts that wait to be counted. Those that arrive during one transaction are counted together
//! by the next one.

use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::Charge;
use crate::domain::time::Timestamp;

/// Whether an attempt is admitted; if not, which limit is reached, and until when.
pub type Outcome = Result<(), (String, Timestamp)>;

#[derive(Debug, Default)]
pub struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    entries: Vec<Entry>,
    has_writer: bool,
}

#[derive(Debug)]
pub enum Entry {
    Reserve(Vec<Charge>, oneshot::Sender<sqlx::Result<Outcome>>),
    GiveBack(Vec<Charge>),
}

impl Entry {
    pub fn charges(&self) -> &[Charge] {
        match self {
            Self::Reserve(charges, _) | Self::GiveBack(charges) => charges,
        }
    }
}

impl Queue {
    /// Adds an entry. True: no writer takes entries now, so the caller starts one.
    #[must_use]
    pub fn add(&self, entry: Entry) -> bool {
        let mut waiting = self.waiting();
        waiting.entries.push(entry);
        !mem::replace(&mut waiting.has_writer, true)
    }

    /// The waiting entries, for the writer. None: the queue is empty, and the writer stops.
    pub fn next(&self) -> Option<Vec<Entry>> {
        let mut waiting = self.waiting();
        waiting.has_writer = !waiting.entries.is_empty();
        waiting.has_writer.then(|| mem::take(&mut waiting.entries))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
