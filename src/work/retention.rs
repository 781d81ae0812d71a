//! Removes raw bodies and e-mails that are old enough, a few at a time by index, and rests longer than it works, so that deliveries hardly
//! notice.

use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use super::duty;
use crate::{
    acts::{self, remove_bodies, remove_old_emails},
    clock::Stopwatch,
    desk::Desk,
    domain::{invariant::Removed, time::Timestamp},
    store::duties::RETENTION,
};

/// How often it looks whether something is old enough.
const EVERY: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_secs(30);
/// It rests four times as long as it worked, and at least so long.
const REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(30);

pub async fn run(desk: Desk, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        desk.pulse.beat(RETENTION, desk.clock.monotonic(), PAUSE);
        let removed = tokio::select! {
            removed = remove_if_due(&desk, true) => removed,
            _ = stopping.changed() => break,
        };
        if let Err(error) = removed {
            warn!(%error, "old raw bodies could not be removed; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Removes everything that is old enough, if it is time; gives how many bodies went.
pub async fn work_off(desk: &Desk) -> Result<u64, acts::Error> {
    remove_if_due(desk, false).await
}

async fn remove_if_due(desk: &Desk, gently: bool) -> Result<u64, acts::Error> {
    let Some(keep) = desk.settings.operations.keep_bodies else { return Ok(0) };
    let Some(notes) = duty::claim(desk, RETENTION, EVERY).await? else { return Ok(0) };
    let before: Removed = serde_json::from_str(&notes).unwrap_or_default();
    let cutoff = desk.clock.now().minus(keep);
    let mut removed = before;
    loop {
        let began = Stopwatch::start();
        let Some(further) = remove_bodies(desk, removed, cutoff).await? else { break };
        removed = further;
        if gently {
            rest(desk, began).await;
        }
    }
    remove_emails(desk, cutoff, gently).await?;
    let bodies = removed.bodies - before.bodies;
    if bodies > 0 {
        info!(bodies, until = removed.until.rfc3339(), "old raw bodies were removed");
    }
    duty::finish(desk, RETENTION, &serde_json::to_string(&removed).unwrap_or_default()).await?;
    Ok(bodies)
}

/// Removes e-mails that have left, or never will: they hold names and addresses as the bodies do.
async fn remove_emails(desk: &Desk, cutoff: Timestamp, gently: bool) -> Result<(), acts::Error> {
    let mut emails = 0;
    loop {
        let began = Stopwatch::start();
        let removed = remove_old_emails(desk, cutoff).await?;
        if removed == 0 {
            break;
        }
        emails += removed;
        if gently {
            rest(desk, began).await;
        }
    }
    if emails > 0 {
        info!(emails, "old e-mails were removed");
    }
    Ok(())
}

async fn rest(desk: &Desk, began: Stopwatch) {
    let rest = (began.elapsed() * 4).clamp(REST, LONGEST_REST);
    desk.pulse.beat(RETENTION, desk.clock.monotonic(), rest);
    tokio::time::sleep(rest).await;
}
