//! One SQL text, two engines. `Db` and `Tx` are SQLite or Postgres; the macros `sql!`, `bulk!` and
//! `listed!` run a statement on the engine that is open. The differences of the engines (opening,
//! beginning, announcing, locking in order) stay in this folder.

mod announce;
mod append_only;
mod checkpoint;
mod database_url;
mod error;
mod full;
mod open;
mod page;
mod private;
mod row_security;
mod statement;
mod statistics;
mod tables;

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use tokio::sync::broadcast;

use crate::{
    clock::Clock,
    domain::id::{AccountId, OrganizationId},
};

pub use announce::listen;
pub use checkpoint::checkpoint;
pub use database_url::{BadDatabaseUrl, DatabaseUrl};
pub use error::{is_transient, why_unwritable};
pub use open::OpenError;
pub use page::is_time_limit;
pub use private::write_secret;
pub use row_security::Reach;
#[cfg(test)]
pub(crate) use statement::Statement;
pub(crate) use statement::{List, asked, bound, bulk, chunks, collect, listed, sql, without_lock};
pub use statistics::count_new_tables;
pub use tables::{Tables, tables};

/// The open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
    announcements: broadcast::Sender<Announcement>,
    clock: Clock,
    page_time: page::TimeLimit,
}

#[derive(Clone, Debug)]
enum Engine {
    /// Readers beside one writer: SQLite allows only one writer, and a queue in front of it is
    /// fairer than its lock.
    Sqlite { read: SqlitePool, pages: SqlitePool, write: SqlitePool, checkpoint: SqlitePool },
    /// Separate pools, so that slow pages never keep deliveries waiting. `pages` reads one
    /// organization at a time, and the server holds it to that; `wide_pages` reads the rest.
    Postgres { read: PgPool, pages: PgPool, wide_pages: PgPool, write: PgPool },
}

/// The tasks that an open database needs in a process that serves it, with their names. They run
/// until they are dropped.
pub fn upkeep(db: &Db) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    let for_engine = if db.is_postgres() {
        ("planner statistics", count_new_tables(db.clone()).boxed())
    } else {
        ("checkpoints", checkpoint(db.clone()).boxed())
    };
    vec![("change feed", listen(db.clone()).boxed()), for_engine]
}

/// Sent to all listeners after the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// An organization has a new revision.
    Changed { organization: OrganizationId, revision: i64 },
    /// The sessions or the rights of an account changed.
    AccessChanged(AccountId),
    /// The outgoing events up to this number are there.
    EventsNumbered(i64),
    /// Listening was interrupted; anything may have changed in the meantime.
    Anything,
}

/// An open transaction. If it is dropped without `commit`, it changes nothing.
#[derive(Debug)]
pub struct Tx {
    pub(crate) connection: Connection,
    announcements: Vec<Announcement>,
    sender: broadcast::Sender<Announcement>,
}

#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Begins a read without the time limit of a page: one consistent view, and the engine refuses
    /// to write. What a page shows is read with [`Db::read_for_page`].
    pub async fn read(&self) -> sqlx::Result<Tx> {
        let connection = match &self.engine {
            Engine::Sqlite { read, .. } => Connection::Sqlite(read.begin().await?),
            Engine::Postgres { read, .. } => Connection::Postgres(
                begun(read, "begin isolation level repeatable read read only").await?,
            ),
        };
        Ok(self.transaction(connection))
    }

    /// Begins a write. On SQLite it is `immediate`: a plain `begin` that reads first and writes
    /// later fails if another writer wrote in between.
    pub async fn write(&self) -> sqlx::Result<Tx> {
        let connection = match &self.engine {
            Engine::Sqlite { write, .. } => {
                Connection::Sqlite(write.begin_with("begin immediate").await?)
            }
            Engine::Postgres { write, .. } => Connection::Postgres(begun(write, "begin").await?),
        };
        Ok(self.transaction(connection))
    }

    /// Receives all announcements. The changes of other processes, and on Postgres all changes,
    /// arrive only while [`listen`] runs.
    pub fn announcements(&self) -> broadcast::Receiver<Announcement> {
        self.announcements.subscribe()
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres { .. })
    }

    /// Waits for the transactions in progress, then closes all connections.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { read, pages, write, checkpoint } => {
                checkpoint.close().await;
                read.close().await;
                pages.close().await;
                write.close().await;
            }
            Engine::Postgres { read, pages, wide_pages, write } => {
                read.close().await;
                pages.close().await;
                wide_pages.close().await;
                write.close().await;
            }
        }
    }

    fn transaction(&self, connection: Connection) -> Tx {
        Tx { connection, announcements: Vec::new(), sender: self.announcements.clone() }
    }
}

/// Begins a transaction in a task of its own, which runs to its end even if the caller goes away,
/// as browsers do. If the beginning is interrupted, sqlx 0.9.0 returns the connection to the pool
/// with the transaction open (its issue 4385), and other work runs inside it.
async fn begun(
    pool: &PgPool,
    how: impl Into<String>,
) -> sqlx::Result<Transaction<'static, Postgres>> {
    // consists of the program's own text only
    let (pool, how) = (pool.clone(), AssertSqlSafe(how.into()));
    tokio::spawn(async move { pool.begin_with(how).await })
        .await
        .map_err(|_| sqlx::Error::WorkerCrashed)?
}

impl Tx {
    /// Makes all changes durable, then notifies the listeners. On Postgres the notification is part
    /// of the transaction.
    pub async fn commit(mut self) -> sqlx::Result<()> {
        announce::notify(&mut self).await?;
        match self.connection {
            Connection::Sqlite(tx) => {
                tx.commit().await?;
                for announcement in self.announcements {
                    let _ = self.sender.send(announcement); // an error means that no page listens
                }
            }
            Connection::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Releases all locks at once, before other work begins.
    pub async fn rollback(self) -> sqlx::Result<()> {
        match self.connection {
            Connection::Sqlite(tx) => tx.rollback().await,
            Connection::Postgres(tx) => tx.rollback().await,
        }
    }

    /// Waits until no other transaction holds this lock, and holds it until this transaction ends:
    /// for work that no row lock puts in order. It must be called before any row is locked. SQLite
    /// has only one writer, so nothing is locked there.
    pub(crate) async fn advisory_lock(&mut self) -> sqlx::Result<()> {
        self.take_turn(0x5ea7).await // any number that no other code uses
    }

    /// The same for counting failed sign-ins, which must not wait for deliveries.
    pub(crate) async fn take_sign_in_turn(&mut self) -> sqlx::Result<()> {
        self.take_turn(0x5ea8).await
    }

    async fn take_turn(&mut self, turn: i64) -> sqlx::Result<()> {
        if let Connection::Postgres(tx) = &mut self.connection {
            sqlx::query("select pg_advisory_xact_lock($1)").bind(turn).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Announces a new revision after the commit.
    pub(crate) fn announce(&mut self, organization: OrganizationId, revision: i64) {
        self.announcements.push(Announcement::Changed { organization, revision });
    }

    /// Announces numbered events after the commit.
    pub(crate) fn announce_events(&mut self, newest: i64) {
        self.announcements.push(Announcement::EventsNumbered(newest));
    }

    /// Announces a change of access after the commit.
    pub(crate) fn announce_access_change(&mut self, account: AccountId) {
        self.announcements.push(Announcement::AccessChanged(account));
    }
}
