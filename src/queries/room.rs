//! Whether the database can be written. The check is a real write, because a full disk shows in no
//! other way. Any client may ask, so the result is cached.

use std::time::Duration;

use tokio::{sync::Mutex, time::timeout};

use crate::{
    clock::Stopwatch,
    db::why_unwritable,
    state::AppState,
    store::room::{try_commit, try_delivery},
};

/// How long a successful check is trusted, and how long a failed one.
const TRUSTED: Duration = Duration::from_secs(5);
const TRUSTED_IF_WRONG: Duration = Duration::from_millis(500);
/// How long a check may wait for other writers. A long wait says nothing about the disk.
const PATIENCE: Duration = Duration::from_secs(2);
/// A body larger than one page of either engine.
const BODY: usize = 16 * 1_024;

/// The result of the last check. Each process has one.
#[derive(Debug, Default)]
pub struct Room(Mutex<Option<Found>>);

#[derive(Clone, Copy, Debug)]
struct Found {
    at: Stopwatch,
    wrong: Option<&'static str>,
}

impl Room {
    /// Forgets the last result after a failed write: the next call checks again.
    pub fn forget(&self) {
        if let Ok(mut found) = self.0.try_lock() {
            *found = None;
        }
    }
}

/// The reason why the database cannot be written, if it cannot.
pub(super) async fn unwritable(state: &AppState) -> Option<&'static str> {
    let mut found = state.room.0.lock().await;
    if let Some(Found { at, wrong }) = *found
        && at.elapsed() < if wrong.is_some() { TRUSTED_IF_WRONG } else { TRUSTED }
    {
        return wrong;
    }
    let wrong = match timeout(PATIENCE, try_to_write(state)).await {
        Ok(Err(error)) => why_unwritable(&error),
        Ok(Ok(())) | Err(_) => None,
    };
    *found = Some(Found { at: Stopwatch::start(), wrong });
    wrong
}

async fn try_to_write(state: &AppState) -> sqlx::Result<()> {
    let (now, id) = (state.clock.now(), state.clock.unique_name("room"));
    let mut body = vec![0; BODY];
    state.clock.fill(&mut body); // Postgres would compress zeros to almost nothing
    let mut tx = state.db.write().await?;
    try_delivery(&mut tx, &id, &body, now).await?;
    tx.rollback().await?;
    let mut tx = state.db.write().await?;
    try_commit(&mut tx, now).await?;
    tx.commit().await
}
