//! Takes away what has expired: sessions, and the memory of who tried to sign in.

use std::time::Duration;

use tokio::sync::watch;
use tracing::warn;

use crate::{desk::Desk, store::sessions};

const PAUSE: Duration = Duration::from_mins(10);

pub async fn run(desk: Desk, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        desk.pulse.beat("sweep", desk.clock.now(), PAUSE);
        if let Err(error) = sweep(&desk).await {
            warn!(%error, "expired sessions could not be removed; trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.changed() => {}
        }
    }
}

async fn sweep(desk: &Desk) -> sqlx::Result<()> {
    desk.attempts.sweep();
    let mut tx = desk.db.write().await?;
    sessions::sweep(&mut tx, desk.clock.now()).await?;
    tx.commit().await
}
