//! SQLite's checkpoints, made beside whoever writes. Left to itself, SQLite makes the one that commits carry its log over into
//! the database, and its deliveries wait for two more turns of the disk.

use std::time::Duration;

use sqlx::SqlitePool;
use tracing::warn;

use super::{Db, Engine};

/// How often it is looked whether something was written. What is written in between is carried over in some milliseconds.
const INTERVAL: Duration = Duration::from_millis(100);

/// Carries over what was written, until the database is closed. One task for a process that serves; without it the writer does
/// it now and then. Postgres has a process of its own for this.
pub async fn checkpoint(db: Db) {
    let Engine::Sqlite { checkpoint, .. } = &db.engine else { return };
    while !checkpoint.is_closed() {
        if let Err(error) = carry_over(checkpoint).await {
            warn!(%error, "the log could not be carried over; the writer will");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// `data_version` speaks of one connection, so one is kept for as long as it works.
async fn carry_over(pool: &SqlitePool) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    let mut seen = 0;
    while !pool.is_closed() {
        let version: i64 = sqlx::query_scalar("pragma data_version").fetch_one(&mut *connection).await?;
        if version != seen {
            seen = version;
            // passive: waits for nobody, and nobody waits for it
            sqlx::query("pragma wal_checkpoint(passive)").execute(&mut *connection).await?;
        }
        tokio::time::sleep(INTERVAL).await;
    }
    Ok(())
}
