//! Reads for pages: on connections of their own, so that no delivery waits for a page, and with a
//! time limit, so that no page keeps a connection for long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::SqliteConnection;

use super::{Connection, Db, Engine, Reach, Tx, begun, row_security};
use crate::clock::Stopwatch;

/// How many of SQLite's steps pass between two checks of the time: a millisecond at most.
const STEPS: i32 = 10_000;
const USUALLY: Duration = Duration::from_secs(5);

/// How long the reads of a page may take. Clones share the limit.
#[derive(Clone, Debug)]
pub(super) struct TimeLimit(Arc<AtomicU64>);

impl Default for TimeLimit {
    fn default() -> Self {
        let limit = Self(Arc::default());
        limit.set(USUALLY);
        limit
    }
}

impl TimeLimit {
    fn set(&self, limit: Duration) {
        self.0
            .store(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1), Ordering::Relaxed);
    }

    fn millis(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Starts the limit: SQLite checks the time while it reads, until the connection is taken from
    /// the pool again.
    pub(super) async fn begins(self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        let (began, limit) = (Stopwatch::start(), Duration::from_millis(self.millis()));
        connection
            .lock_handle()
            .await?
            .set_progress_handler(STEPS, move || began.elapsed() < limit);
        Ok(())
    }
}

impl Db {
    /// Like [`Db::read`], for what a page shows: the rows within its reach.
    pub async fn read_for_page(&self, reach: Reach<'_>) -> sqlx::Result<Tx> {
        let connection = match &self.engine {
            Engine::Sqlite { pages, .. } => Connection::Sqlite(pages.begin().await?),
            Engine::Postgres { pages, wide_pages, .. } => {
                let limit = self.page_time.millis();
                let begin = format!(
                    "begin isolation level repeatable read read only; set local statement_timeout = {limit}"
                );
                let tx = match reach.organization() {
                    Some(organization) => {
                        let mut tx = begun(pages, begin).await?;
                        row_security::name(&mut tx, organization).await?;
                        tx
                    }
                    None => begun(wide_pages, begin).await?,
                };
                Connection::Postgres(tx)
            }
        };
        Ok(self.transaction(connection))
    }

    /// Sets how long the reads of a page may take: on SQLite all of them together, on Postgres each
    /// statement.
    pub fn limit_page_time(&self, limit: Duration) {
        self.page_time.set(limit);
    }
}

/// Whether the read failed because of the time limit, or because no connection was free in time.
pub fn is_time_limit(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return matches!(error, sqlx::Error::PoolTimedOut);
    };
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        code == "57014"
    } else {
        code.parse::<u32>().is_ok_and(|code| code & 0xff == 9) // SQLITE_INTERRUPT
    }
}
