//! A disk that is full, without filling one: for drills.

use sqlx::AssertSqlSafe;

use super::{Db, Engine};

impl Db {
    /// SQLite's file grows to this many pages and no further, until another number is given. A Postgres server's disk is not
    /// ours to limit.
    pub async fn grow_to(&self, pages: u32) -> sqlx::Result<()> {
        if let Engine::Sqlite { write, .. } = &self.engine {
            sqlx::query(AssertSqlSafe(format!("pragma max_page_count = {pages}"))).execute(write).await?;
        }
        Ok(())
    }
}
