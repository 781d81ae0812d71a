//! The last check whether the database can be written. The check is a real write and any client may
//! ask for it, so the result is kept for a while.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::clock::Stopwatch;

/// How long a successful check is trusted, and how long a failed one.
const TRUSTED: Duration = Duration::from_secs(5);
const TRUSTED_IF_WRONG: Duration = Duration::from_millis(500);

/// One for each process.
#[derive(Debug, Default)]
pub struct WriteCheck(Mutex<Option<Found>>);

#[derive(Clone, Copy, Debug)]
struct Found {
    at: Stopwatch,
    wrong: Option<&'static str>,
}

impl WriteCheck {
    /// Forgets the last result after a failed write: the next call checks again.
    pub fn forget(&self) {
        if let Ok(mut found) = self.0.try_lock() {
            *found = None;
        }
    }

    /// What is wrong by the last check, or by `check` if the last one is too old. Calls at the same
    /// time share one check.
    pub async fn last_or(
        &self,
        check: impl Future<Output = Option<&'static str>>,
    ) -> Option<&'static str> {
        let mut found = self.0.lock().await;
        if let Some(Found { at, wrong }) = *found
            && at.elapsed() < if wrong.is_some() { TRUSTED_IF_WRONG } else { TRUSTED }
        {
            return wrong;
        }
        let wrong = check.await;
        *found = Some(Found { at: Stopwatch::start(), wrong });
        wrong
    }
}
