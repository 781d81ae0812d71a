//! What is done now and then by one process at a time, whoever of them comes first.

use std::time::Duration;

use crate::{
    desk::Desk,
    domain::time::Timestamp,
    store::duties::{self, LEASE},
};

/// Takes the duty if it was last finished at least `every` ago and no worker is at it; gives its notes. Both are judged by the time
/// that passes in this process: only what was finished before it started is judged by the wall clock.
pub async fn claim(desk: &Desk, name: &'static str, every: Duration) -> sqlx::Result<Option<String>> {
    let (now, passed) = (desk.clock.now(), desk.clock.monotonic());
    let mut tx = desk.db.write().await?;
    let standing = duties::standing(&mut tx, name).await?;
    let silence = desk.leases.unchanged(name, (standing.claim, standing.signs), passed);
    let is_held = standing.is_held && silence < LEASE;
    let by_the_wall = standing.finished_at.map_or(Duration::MAX, |finished_at| now.since(Timestamp::from_nanos(finished_at)));
    let is_due = desk.pulse.since_finished((name, standing.finished), by_the_wall, passed) >= every;
    let notes = if is_held || !is_due { None } else { duties::claim(&mut tx, name, &standing, now).await? };
    tx.commit().await?;
    if notes.is_some() {
        desk.leases.unchanged(name, (standing.claim + 1, standing.signs), passed);
    }
    Ok(notes)
}

/// A sign of life.
pub async fn keep(desk: &Desk, name: &str) -> sqlx::Result<()> {
    let mut tx = desk.db.write().await?;
    duties::keep(&mut tx, name, None).await?;
    tx.commit().await
}

/// Done for now.
pub async fn finish(desk: &Desk, name: &str, notes: &str) -> sqlx::Result<()> {
    let mut tx = desk.db.write().await?;
    duties::finish(&mut tx, name, notes, desk.clock.now()).await?;
    tx.commit().await
}
