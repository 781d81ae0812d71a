//! A fresh database of either engine.

use anyhow::{Context, Result};
use seatkeeper::clock::Clock;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Where the tables of a measurement are.
pub struct Place {
    pub name: &'static str,
    pub url: String,
    /// Keeps the folder of an embedded database.
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    pub fn sqlite() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}", folder.path().join("bench.db").display());
        Ok(Self { name: "SQLite", url, _folder: Some(folder) })
    }

    pub async fn postgres(server: &str) -> Result<Self> {
        let name = Clock::machine().id::<String>("bench");
        let mut connection = PgConnection::connect(server).await.context("that Postgres is no server that answers")?;
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
        let (server, _) = server.rsplit_once('/').context("the address of a Postgres ends in the name of a database")?;
        Ok(Self { name: "Postgres", url: format!("{server}/{name}"), _folder: None })
    }
}
