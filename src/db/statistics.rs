//! Table statistics for Postgres' planner. Autovacuum runs every minute; until then the planner
//! knows nothing about a table that has just begun to fill, and any index that begins like the key
//! looks as good as the key.

use std::{collections::HashSet, time::Duration};

use sqlx::{AssertSqlSafe, PgPool};
use tracing::warn;

use super::{Db, Engine};

/// How often to check whether a table has begun to fill.
const INTERVAL: Duration = Duration::from_secs(2);
/// A table with fewer rows is read equally fast with any plan.
const ROWS: i64 = 500;

/// Analyzes each table once when it has begun to fill, until the task is dropped; prepared
/// statements are then planned again. SQLite needs none of this.
pub async fn count_new_tables(db: Db) {
    let Engine::Postgres { read, .. } = &db.engine else { return };
    let mut tried = HashSet::new();
    loop {
        tokio::time::sleep(INTERVAL).await;
        if let Err(error) = count(read, &mut tried).await {
            warn!(%error, "the query planner's statistics about new tables could not be updated");
        }
    }
}

/// Analyzes our own tables that have rows and were never analyzed; each is tried once.
async fn count(pool: &PgPool, tried: &mut HashSet<String>) -> sqlx::Result<()> {
    let new: Vec<String> = sqlx::query_scalar(
        r"
        select format('%I.%I', s.schemaname, s.relname)
        from pg_stat_user_tables s
        join pg_class c on c.oid = s.relid
        where s.schemaname = current_schema() and pg_get_userbyid(c.relowner) = current_user
          and s.last_analyze is null and s.last_autoanalyze is null and s.n_live_tup >= $1
        order by s.relid
        ",
    )
    .bind(ROWS)
    .fetch_all(pool)
    .await?;
    for table in new {
        if tried.insert(table.clone()) {
            sqlx::query(AssertSqlSafe(format!("analyze {table}"))).execute(pool).await?;
        }
    }
    Ok(())
}
