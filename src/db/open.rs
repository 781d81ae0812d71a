//! Opens either engine and brings its tables up to date.

use std::{fmt::Display, path::Path, time::Duration};

use futures_util::TryFutureExt;
use sqlx::{
    Connection, PgConnection,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::broadcast;

use super::{
    Db, Engine,
    append_only::{protect_postgres, protect_sqlite},
    database_url::{DatabaseUrl, Place},
    page::TimeLimit,
    private, row_security,
};
use crate::clock::Clock;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a request waits for a connection before it fails and the client has to retry.
const PATIENCE: Duration = Duration::from_secs(5);
/// Announcements kept for a slow listener; a listener that falls behind reloads everything.
const ANNOUNCEMENTS: usize = 4_096;
/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 512;

/// The connections that write find rows by their keys, however many keys there are and however
/// small the tables were when the statement was planned: a plan made on an empty table would scan
/// the whole table from then on. No such statement is worth several processes.
///
/// This is for speed alone. A statement gives the same rows with any plan, rows are locked in the
/// order that the statement names, and a deadlock is tried again. A database that refuses these
/// settings can do without them: Citus, for example, routes no statement with a generic plan.
const BY_KEY: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("max_parallel_workers_per_gather", "0"),
];

/// SQLite's writer checkpoints its write-ahead log by itself after this many pages (32 MiB), if
/// [`super::checkpoint()`] has not done it yet, and begins the log again. The usual 1,000 pages are
/// reached in a few batches, and each checkpoint costs two more waits for the disk.
const LOG_PAGES: &str = "8192";
/// The writer's page cache, in KiB; for SQLite a negative number means KiB.
const WRITER_CACHE: &str = "-65536";

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the folder for the database cannot be made: {0}")]
    Folder(std::io::Error),
    #[error("the database {name} cannot be made: {error}")]
    File { name: String, error: std::io::Error },
    /// `place` is shown without the password.
    #[error("the database {name} cannot be opened: {error}")]
    Open { name: String, error: sqlx::Error },
    #[error("the tables cannot be brought up to date: {0}")]
    Migrate(#[from] MigrateError),
}

impl OpenError {
    /// Whether the server answers but has no database of this name.
    pub fn is_missing(&self) -> bool {
        const INVALID_CATALOG_NAME: &str = "3D000";
        let Self::Open { error, .. } = self else { return false };
        error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| code == INVALID_CATALOG_NAME)
    }
}

impl Db {
    /// Opens a database and brings its tables up to date. A missing file of SQLite is created.
    pub async fn open(url: &DatabaseUrl, clock: Clock) -> Result<Self, OpenError> {
        let page_time = TimeLimit::default();
        let opening = opening(url);
        let engine = match &url.0 {
            Place::Postgres(options) => postgres(options, &opening).await?,
            Place::Sqlite { options, is_in_memory } => {
                if !is_in_memory {
                    make_privately(options.get_filename())?;
                }
                sqlite(options, &page_time, &opening).await?
            }
        };
        let (announcements, _) = broadcast::channel(ANNOUNCEMENTS);
        Ok(Self { engine, announcements, clock, page_time })
    }
}

/// Creates the folder and the file, before SQLite creates them readable for every user of the
/// machine.
fn make_privately(file: &Path) -> Result<(), OpenError> {
    if let Some(folder) = file.parent().filter(|folder| *folder != Path::new("")) {
        private::make_folder(folder).map_err(OpenError::Folder)?;
    }
    private::make_file(file)
        .map_err(|error| OpenError::File { name: file.display().to_string(), error })
}

fn opening(name: impl Display) -> impl Fn(sqlx::Error) -> OpenError {
    move |error| OpenError::Open { name: name.to_string(), error }
}

async fn postgres(
    options: &PgConnectOptions,
    opening: impl Fn(sqlx::Error) -> OpenError,
) -> Result<Engine, OpenError> {
    let options = options.clone().application_name("seatkeeper");
    // may take as long as it needs
    let mut migrating = PgConnection::connect_with(&options).await.map_err(&opening)?;
    MIGRATIONS.run(&mut migrating).await?;
    protect_postgres(&mut migrating).await.map_err(&opening)?;
    let reader = row_security::protect(&mut migrating).await.map_err(&opening)?;
    migrating.close().await.map_err(&opening)?;
    // A locked row must not block a shard: a statement that waits longer fails and is retried. No
    // statement runs long enough to be worth compiling.
    let options =
        options.options([("lock_timeout", "5s"), ("statement_timeout", "30s"), ("jit", "off")]);
    let options = options.statement_cache_capacity(STATEMENTS);
    let pool = |most, options| {
        PgPoolOptions::new().max_connections(most).acquire_timeout(PATIENCE).connect_with(options)
    };
    let read = pool(8, options.clone()).await.map_err(&opening)?;
    let as_reader = match reader {
        Some(role) => options.clone().options([("role", role)]),
        None => options.clone(),
    };
    let pages = pool(12, as_reader).await.map_err(&opening)?;
    let wide_pages = pool(6, options.clone()).await.map_err(&opening)?;
    let write = pool(10, options.options(BY_KEY)).await.map_err(&opening)?;
    Ok(Engine::Postgres { read, pages, wide_pages, write })
}

async fn sqlite(
    options: &SqliteConnectOptions,
    page_time: &TimeLimit,
    opening: impl Fn(sqlx::Error) -> OpenError,
) -> Result<Engine, OpenError> {
    let options = options
        .clone()
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // an acknowledged delivery survives a power cut
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .statement_cache_capacity(STATEMENTS);
    let pool = |most: u32| {
        SqlitePoolOptions::new()
            .max_connections(most)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
    };
    // What SQLite needs to undo a failed statement stays in memory, not in a file for each
    // statement.
    let writer = options
        .clone()
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .pragma("cache_size", WRITER_CACHE)
        .pragma("temp_store", "memory");
    // SQLite may roll back a whole transaction by itself (for example when the disk is full); sqlx
    // 0.9.0 still counts it as open then, and would begin no other one on this connection.
    let unused = pool(1).before_acquire(|connection, _| {
        let is_unused = !connection.is_in_transaction();
        Box::pin(std::future::ready(Ok(is_unused)))
    });
    let write = unused.connect_with(writer).await.map_err(&opening)?;
    let checkpoint = pool(1).connect_lazy_with(options.clone().pragma("wal_autocheckpoint", "0"));
    MIGRATIONS.run(&write).await?;
    protect_sqlite(&write).await.map_err(&opening)?;
    let reader = options.read_only(true).create_if_missing(false);
    let read = pool(8).connect_with(reader.clone()).await.map_err(&opening)?;
    let (first, again) = (page_time.clone(), page_time.clone());
    let timed = pool(8)
        .after_connect(move |connection, _| Box::pin(first.clone().begins(connection)))
        .before_acquire(move |connection, _| {
            Box::pin(again.clone().begins(connection).map_ok(|()| true))
        });
    let pages = timed.connect_with(reader).await.map_err(&opening)?;
    Ok(Engine::Sqlite { read, pages, write, checkpoint })
}
