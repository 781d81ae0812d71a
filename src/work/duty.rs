//! What is done now and then by one process at a time, whoever of them comes first.

use std::time::Duration;

use crate::{
    desk::Desk,
    store::duties::{self, LEASE},
};

/// Takes the duty if it was last finished at least `every` ago and nobody is at it; gives its notes.
pub async fn claim(desk: &Desk, name: &str, every: Duration) -> sqlx::Result<Option<String>> {
    let now = desk.clock.now();
    let mut tx = desk.db.write().await?;
    let notes = duties::claim(&mut tx, name, now.minus(every), (now, now.plus(LEASE))).await?;
    tx.commit().await?;
    Ok(notes)
}

/// A sign of life.
pub async fn keep(desk: &Desk, name: &str) -> sqlx::Result<()> {
    let mut tx = desk.db.write().await?;
    duties::keep(&mut tx, name, None, desk.clock.now().plus(LEASE)).await?;
    tx.commit().await
}

/// Done for now.
pub async fn finish(desk: &Desk, name: &str, notes: &str) -> sqlx::Result<()> {
    let mut tx = desk.db.write().await?;
    duties::finish(&mut tx, name, notes, desk.clock.now()).await?;
    tx.commit().await
}
