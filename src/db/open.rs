//! Opening either engine, and bringing its tables up to date.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sqlx::{
    Connection, PgConnection,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::broadcast;

use super::{Db, Engine};
use crate::clock::Clock;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a request waits for a connection before it is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);
/// Announcements kept for a listener that is slow; one that falls behind refreshes everything.
const ANNOUNCEMENTS: usize = 4_096;
/// Statements a connection keeps prepared.
const STATEMENTS: usize = 512;

/// Whoever writes finds rows by their keys, however many are asked for and however small the tables were when the statement
/// was planned: a plan made on an empty table would read the whole of it for ever after. Nothing of this is worth several
/// processes.
const BY_KEY: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("max_parallel_workers_per_gather", "0"),
];

/// SQLite's writer carries its write-ahead log over by itself once it has so many pages (32 MiB), as far as [`super::checkpoint`]
/// has not done it yet, and begins it anew. The usual 1,000 come together in a few batches, and each time two more waits for the disk.
const LOG_PAGES: &str = "8192";
/// The writer's page cache, in KiB (negative: that is SQLite's way of saying KiB).
const WRITER_CACHE: &str = "-65536";

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the folder for the database cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    #[error("DATABASE_URL cannot be read: {0}")]
    Url(sqlx::Error),
    /// Where it is, without the password.
    #[error("the database {place} cannot be opened: {error}")]
    Open { place: String, error: sqlx::Error },
    #[error("the tables cannot be brought up to date: {0}")]
    Migrate(#[from] MigrateError),
}

impl Db {
    /// Opens `sqlite://path` (made if it is not there) or `postgres://…`, and brings the tables up to date.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, OpenError> {
        let engine =
            if url.starts_with("postgres://") || url.starts_with("postgresql://") { postgres(url).await? } else { sqlite(url).await? };
        let (announcements, _) = broadcast::channel(ANNOUNCEMENTS);
        Ok(Self { engine, announcements, clock })
    }
}

/// The file that a command would make, were it to open a database that is not there yet.
pub fn missing_file(url: &str) -> Option<PathBuf> {
    let options = SqliteConnectOptions::from_str(url).ok().filter(|_| url.starts_with("sqlite:") && !url.contains("memory"))?;
    let file = options.get_filename();
    (!file.exists()).then(|| file.to_owned())
}

fn opening(place: impl Display) -> impl Fn(sqlx::Error) -> OpenError {
    move |error| OpenError::Open { place: place.to_string(), error }
}

async fn postgres(url: &str) -> Result<Engine, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(OpenError::Url)?.application_name("seatkeeper");
    let database = options.get_database().unwrap_or(options.get_username());
    let opening = opening(format!("{database} at {}:{}", options.get_host(), options.get_port()));
    let mut migrating = PgConnection::connect_with(&options).await.map_err(&opening)?; // may take as long as it takes
    MIGRATIONS.run(&mut migrating).await?;
    migrating.close().await.map_err(&opening)?;
    // One stuck row must not hold a lane: whoever waits longer is told to come again. And no statement runs long enough for it
    // to be worth compiling.
    let options = options.options([("lock_timeout", "5s"), ("statement_timeout", "30s"), ("jit", "off")]);
    let options = options.statement_cache_capacity(STATEMENTS);
    let pool = |most, options| PgPoolOptions::new().max_connections(most).acquire_timeout(PATIENCE).connect_with(options);
    let read = pool(16, options.clone()).await.map_err(&opening)?;
    let write = pool(10, options.options(BY_KEY)).await.map_err(&opening)?;
    Ok(Engine::Postgres { read, write })
}

async fn sqlite(url: &str) -> Result<Engine, OpenError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(OpenError::Url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // an acknowledged delivery survives a power cut
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .statement_cache_capacity(STATEMENTS);
    let opening = opening(options.get_filename().display().to_string());
    if let Some(folder) = options.get_filename().parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder)?;
    }
    let pool = |most: u32| SqlitePoolOptions::new().max_connections(most).idle_timeout(None).max_lifetime(None).acquire_timeout(PATIENCE);
    // What a statement would put back if it failed half way is kept in memory, not in a file made and deleted each time.
    let writer = options.clone().pragma("wal_autocheckpoint", LOG_PAGES).pragma("cache_size", WRITER_CACHE).pragma("temp_store", "memory");
    // SQLite may give up a whole transaction by itself (the disk is full); sqlx 0.9.0 still counts it as open then, and would
    // begin no other on this connection.
    let unused = pool(1).before_acquire(|connection, _| {
        let is_unused = !connection.is_in_transaction();
        Box::pin(std::future::ready(Ok(is_unused)))
    });
    let write = unused.connect_with(writer).await.map_err(&opening)?;
    let checkpoint = pool(1).connect_lazy_with(options.clone().pragma("wal_autocheckpoint", "0"));
    MIGRATIONS.run(&write).await?;
    let read = pool(8).connect_with(options.read_only(true).create_if_missing(false)).await.map_err(&opening)?;
    Ok(Engine::Sqlite { read, write, checkpoint })
}
