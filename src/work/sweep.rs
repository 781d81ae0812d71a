//! Takes away what has expired: sessions, the memory of who tried to sign in, and what resyncs leave behind; that a few rows at a
//! time, resting longer than it works, so that deliveries hardly notice.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use super::search_keys;
use crate::{
    acts::{
        self, login_throttle,
        resync::{find_leftovers, sweep_part},
    },
    clock::Stopwatch,
    desk::Desk,
    store::sessions,
};

const PAUSE: Duration = Duration::from_mins(10);
/// It rests four times as long as it worked, and at least so long.
const REST: Duration = Duration::from_millis(50);
const LONGEST_REST: Duration = Duration::from_secs(30);

pub async fn run(desk: Desk, mut stopping: watch::Receiver<bool>) {
    let refolded = tokio::select! {
        refolded = search_keys::work_off(&desk, true) => refolded,
        _ = stopping.changed() => return,
    };
    if let Err(error) = refolded {
        warn!(%error, "search keys could not be made anew; the next start tries again");
    }
    while !*stopping.borrow() {
        desk.pulse.beat("sweep", desk.clock.monotonic(), PAUSE);
        if let Err(error) = sweep(&desk).await {
            warn!(%error, "expired sessions could not be removed; trying again later");
        }
        let swept = tokio::select! {
            swept = sweep_resyncs(&desk, true) => swept,
            _ = stopping.changed() => break,
        };
        if let Err(error) = swept {
            warn!(%error, "what resyncs left behind could not be removed; trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Takes away whatever resyncs have left behind; gives of how many runs.
pub async fn work_off(desk: &Desk) -> Result<u64, acts::Error> {
    sweep_resyncs(desk, false).await
}

async fn sweep_resyncs(desk: &Desk, gently: bool) -> Result<u64, acts::Error> {
    let mut runs = 0;
    while let Some(mut leftovers) = find_leftovers(desk).await? {
        loop {
            let began = Stopwatch::start();
            let is_more = sweep_part(desk, &mut leftovers).await?;
            if gently {
                desk.pulse.beat("sweep", desk.clock.monotonic(), PAUSE);
                tokio::time::sleep((began.elapsed() * 4).clamp(REST, LONGEST_REST)).await;
            }
            if !is_more {
                break;
            }
        }
        runs += 1;
    }
    if runs > 0 {
        info!(runs, "what resyncs left behind was removed");
    }
    Ok(runs)
}

async fn sweep(desk: &Desk) -> sqlx::Result<()> {
    let mut tx = desk.db.write().await?;
    sessions::sweep(&mut tx, &desk.settings.operations.sessions, desk.clock.now()).await?;
    tx.commit().await?;
    login_throttle::sweep(desk).await
}
