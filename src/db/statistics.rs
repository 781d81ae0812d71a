//! What Postgres' planner knows of the tables. Its autovacuum looks every minute; until then it knows nothing of a table that
//! has just begun to fill, and any index that begins like the key is as good to it as the key.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool};
use tracing::warn;

use super::{Db, Engine};

/// How often to look whether a table has begun to fill.
const INTERVAL: Duration = Duration::from_secs(2);
/// A table with fewer rows is read as quickly in any way.
const ROWS: i64 = 500;

/// Counts each table once when it has begun to fill, until it is dropped; statements kept prepared are then planned anew.
/// SQLite needs nothing of this.
pub async fn count_new_tables(db: Db) {
    let Engine::Postgres { read, .. } = &db.engine else { return };
    loop {
        tokio::time::sleep(INTERVAL).await;
        if let Err(error) = count(read).await {
            warn!(%error, "the planner could not be told how large the new tables are");
        }
    }
}

async fn count(pool: &PgPool) -> sqlx::Result<()> {
    let new: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, relname) from pg_stat_user_tables \
         where last_analyze is null and last_autoanalyze is null and n_live_tup >= $1 order by relid",
    )
    .bind(ROWS)
    .fetch_all(pool)
    .await?;
    for table in new {
        sqlx::query(AssertSqlSafe(format!("analyze {table}"))).execute(pool).await?;
    }
    Ok(())
}
