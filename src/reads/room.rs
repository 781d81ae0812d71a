//! Whether the database can be written: tried, because a full disk shows in nothing else. Not for each time that this is
//! asked, which any client may do.

use std::time::Duration;

use tokio::{sync::Mutex, time::timeout};

use crate::{
    clock::Stopwatch,
    db::why_unwritable,
    desk::Desk,
    store::room::{try_commit, try_delivery},
};

/// How long it is trusted that the database can be written, and how long that it cannot.
const TRUSTED: Duration = Duration::from_secs(5);
const DOUBTED: Duration = Duration::from_millis(500);
/// How long a try may wait for other writers. That they take long says nothing about the disk.
const PATIENCE: Duration = Duration::from_secs(2);
/// A body larger than one page of either engine.
const BODY: usize = 16 * 1_024;

/// What the last try found. One for each process.
#[derive(Debug, Default)]
pub struct Room(Mutex<Option<Found>>);

#[derive(Clone, Copy, Debug)]
struct Found {
    at: Stopwatch,
    wrong: Option<&'static str>,
}

impl Room {
    /// Writing failed somewhere: the next question is answered by a new try.
    pub fn doubt(&self) {
        if let Ok(mut found) = self.0.try_lock() {
            *found = None;
        }
    }
}

/// Why the database cannot be written, if it cannot.
pub(super) async fn unwritable(desk: &Desk) -> Option<&'static str> {
    let mut found = desk.room.0.lock().await;
    if let Some(Found { at, wrong }) = *found
        && at.elapsed() < if wrong.is_some() { DOUBTED } else { TRUSTED }
    {
        return wrong;
    }
    let wrong = match timeout(PATIENCE, try_to_write(desk)).await {
        Ok(Err(error)) => why_unwritable(&error),
        Ok(Ok(())) | Err(_) => None,
    };
    *found = Some(Found { at: Stopwatch::start(), wrong });
    wrong
}

async fn try_to_write(desk: &Desk) -> sqlx::Result<()> {
    let (now, id) = (desk.clock.now(), desk.clock.id::<String>("room"));
    let mut body = vec![0; BODY];
    desk.clock.fill(&mut body); // Postgres would make nothing of zeros
    let mut tx = desk.db.write().await?;
    try_delivery(&mut tx, &id, &body, now).await?;
    tx.rollback().await?;
    let mut tx = desk.db.write().await?;
    try_commit(&mut tx, now).await?;
    tx.commit().await
}
