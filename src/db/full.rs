//! Simulates a full disk, for tests.

use sqlx::AssertSqlSafe;

use super::{Db, Engine};

impl Db {
    /// Limits SQLite's file to this many pages, until another number is set. On Postgres it does
    /// nothing.
    pub async fn grow_to(&self, pages: u32) -> sqlx::Result<()> {
        if let Engine::Sqlite { write, .. } = &self.engine {
            sqlx::query(AssertSqlSafe(format!("pragma max_page_count = {pages}")))
                .execute(write)
                .await?;
        }
        Ok(())
    }
}
