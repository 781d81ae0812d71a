//! A fresh database of either engine.

use anyhow::{Context, Result, ensure};
use seatkeeper::clock::Clock;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

/// The database of a measurement.
pub struct Place {
    pub name: &'static str,
    pub url: String,
    /// Keeps the folder of a SQLite database.
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    pub fn sqlite() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}", folder.path().join("bench.db").display());
        Ok(Self { name: "SQLite", url, _folder: Some(folder) })
    }

    pub async fn postgres(server: &str) -> Result<Self> {
        let name = Clock::machine().unique_name("bench");
        // Without a database name PostgreSQL uses the user's name, and a database of that name may
        // not exist.
        let is_named = Url::parse(server).is_ok_and(|url| url.path().len() > 1);
        let administered = if is_named { server.to_owned() } else { beside(server, "postgres")? };
        let mut connection = PgConnection::connect(&administered)
            .await
            .context("that Postgres is no server that answers")?;
        sqlx::query(AssertSqlSafe(format!("create database {name}")))
            .execute(&mut connection)
            .await?;
        Ok(Self { name: "Postgres", url: beside(server, &name)?, _folder: None })
    }
}

/// The address of another database on the same server; `server` may name a database or none.
pub fn beside(server: &str, database: &str) -> Result<String> {
    let mut url = Url::parse(server)
        .context("the address of a Postgres looks like postgres://user@host:5432")?;
    ensure!(url.has_host(), "the address of a Postgres names its host: postgres://user@host:5432");
    url.set_path(database);
    Ok(url.into())
}
