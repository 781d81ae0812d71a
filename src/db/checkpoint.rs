//! SQLite's checkpoints, made in a task beside the writer. Without this task a commit makes the
//! checkpoint, and its deliveries wait for the disk two more times.

use std::time::Duration;

use sqlx::SqlitePool;
use tracing::warn;

use super::{Db, Engine};

/// How often to check whether there were writes. The writes of one interval are checkpointed in
/// some milliseconds.
const INTERVAL: Duration = Duration::from_millis(100);

/// Makes checkpoints until the database is closed. One task for a process that serves; without it
/// the writer makes them now and then. Postgres has a process of its own for this.
pub async fn checkpoint(db: Db) {
    let Engine::Sqlite { checkpoint, .. } = &db.engine else { return };
    while !checkpoint.is_closed() {
        if let Err(error) = carry_over(checkpoint).await {
            warn!(%error, "the checkpoint failed; the writer makes one later");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// `data_version` belongs to one connection, so the same connection is used as long as it works.
async fn carry_over(pool: &SqlitePool) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    let mut seen = 0;
    while !pool.is_closed() {
        let version: i64 =
            sqlx::query_scalar("pragma data_version").fetch_one(&mut *connection).await?;
        if version != seen {
            seen = version;
            // a passive checkpoint waits for no connection and delays none
            sqlx::query("pragma wal_checkpoint(passive)").execute(&mut *connection).await?;
        }
        tokio::time::sleep(INTERVAL).await;
    }
    Ok(())
}
