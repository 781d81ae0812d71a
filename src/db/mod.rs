//! One SQL text, two engines. `Db` and `Tx` are SQLite or Postgres; the macros `sql!` and `bulk!` run a statement on
//! whichever is open. The engines' differences (opening, beginning, announcing, locking in order) stay in this folder.

mod announce;
mod checkpoint;
mod error;
mod full;
mod open;
mod page;
mod private;
mod statement;
mod statistics;
mod tables;

use sqlx::{AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use tokio::sync::broadcast;

use crate::{
    clock::Clock,
    domain::id::{AccountId, OrganizationId},
};

pub use announce::listen;
pub use checkpoint::checkpoint;
pub use error::{is_transient, why_unwritable};
pub use open::{OpenError, missing_file};
pub use page::is_time_limit;
pub(crate) use statement::{arrays, bulk, chunks, listed, listing, sql};
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
    /// Readers beside one writer: SQLite has one writer anyway, and a queue in front of it is fairer than its lock.
    Sqlite { read: SqlitePool, pages: SqlitePool, write: SqlitePool, checkpoint: SqlitePool },
    /// Apart from each other, so that slow pages never keep deliveries waiting.
    Postgres { read: PgPool, pages: PgPool, write: PgPool },
}

/// Told to everybody who looks, after the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// An organization has a new revision.
    Changed { organization: OrganizationId, revision: i64 },
    /// The sessions or the rights of an account changed.
    AccessChanged(AccountId),
    /// Listening was interrupted; anything may have changed meanwhile.
    Anything,
}

/// An open transaction. Dropped without `commit`, it changes nothing.
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
    /// For reading what work needs, however long it takes: one consistent view, and the engine refuses to write. What a page
    /// shows is read with [`Db::read_for_page`].
    pub async fn read(&self) -> sqlx::Result<Tx> {
        let connection = match &self.engine {
            Engine::Sqlite { read, .. } => Connection::Sqlite(read.begin().await?),
            Engine::Postgres { read, .. } => Connection::Postgres(begun(read, "begin isolation level repeatable read read only").await?),
        };
        Ok(self.transaction(connection))
    }

    /// For changing. On SQLite `immediate`: a plain `begin` that reads first and writes later fails when another wrote in between.
    pub async fn write(&self) -> sqlx::Result<Tx> {
        let connection = match &self.engine {
            Engine::Sqlite { write, .. } => Connection::Sqlite(write.begin_with("begin immediate").await?),
            Engine::Postgres { write, .. } => Connection::Postgres(begun(write, "begin").await?),
        };
        Ok(self.transaction(connection))
    }

    /// Hears of every organization that changes, whoever changed it. Needs [`listen`] to run.
    pub fn announcements(&self) -> broadcast::Receiver<Announcement> {
        self.announcements.subscribe()
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres { .. })
    }

    /// Waits for what is under way, then closes.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { read, pages, write, checkpoint } => {
                checkpoint.close().await;
                read.close().await;
                pages.close().await;
                write.close().await;
            }
            Engine::Postgres { read, pages, write } => {
                read.close().await;
                pages.close().await;
                write.close().await;
            }
        }
    }

    fn transaction(&self, connection: Connection) -> Tx {
        Tx { connection, announcements: Vec::new(), sender: self.announcements.clone() }
    }
}

/// Begins to the end, even if whoever asked goes away meanwhile, as browsers do. Broken off, sqlx 0.9.0 gives the connection
/// back to the pool with the transaction open (its issue 4385), and somebody else's work runs inside it.
async fn begun(pool: &PgPool, how: impl Into<String>) -> sqlx::Result<Transaction<'static, Postgres>> {
    let (pool, how) = (pool.clone(), AssertSqlSafe(how.into())); // made of nothing but the program's own text
    tokio::spawn(async move { pool.begin_with(how).await }).await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

impl Tx {
    /// Makes everything durable, then tells who listens. On Postgres the telling is part of the transaction.
    pub async fn commit(mut self) -> sqlx::Result<()> {
        announce::notify(&mut self).await?;
        match self.connection {
            Connection::Sqlite(tx) => {
                tx.commit().await?;
                for announcement in self.announcements {
                    let _ = self.sender.send(announcement); // nobody listens: nothing to tell
                }
            }
            Connection::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Gives up at once what was locked, before something else is begun.
    pub async fn rollback(self) -> sqlx::Result<()> {
        match self.connection {
            Connection::Sqlite(tx) => tx.rollback().await,
            Connection::Postgres(tx) => tx.rollback().await,
        }
    }

    /// Waits for everybody else who calls this, until the transaction ends: for what no row puts in order. To be called
    /// before anything is locked. SQLite has one writer anyway.
    pub(crate) async fn take_turns(&mut self) -> sqlx::Result<()> {
        self.take_turn(0x5ea7).await // any number that nobody else takes
    }

    /// The same for counting failed sign-ins, which waits for no delivery.
    pub(crate) async fn take_sign_in_turn(&mut self) -> sqlx::Result<()> {
        self.take_turn(0x5ea8).await
    }

    async fn take_turn(&mut self, turn: i64) -> sqlx::Result<()> {
        if let Connection::Postgres(tx) = &mut self.connection {
            sqlx::query("select pg_advisory_xact_lock($1)").bind(turn).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// To be told after the commit.
    pub(crate) fn announce(&mut self, organization: OrganizationId, revision: i64) {
        self.announcements.push(Announcement::Changed { organization, revision });
    }

    /// To be told after the commit.
    pub(crate) fn announce_access_change(&mut self, account: AccountId) {
        self.announcements.push(Announcement::AccessChanged(account));
    }

    /// What a reading statement that ends in `order by` adds to lock its rows in that order. SQLite has one writer anyway.
    pub(crate) fn for_update(&self) -> &'static str {
        if matches!(self.connection, Connection::Postgres(_)) { "for update" } else { "" }
    }
}
