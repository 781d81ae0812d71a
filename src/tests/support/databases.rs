//! Fresh databases of both engines.

use std::{fs, path::Path};

use seatkeeper::{clock::Clock, db::Db};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::place;

/// Makes a new database file in a folder: a copy of one whose tables are up to date.
pub async fn fresh_sqlite(folder: &Path) -> String {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let file = folder.join("seatkeeper.db");
    let url = format!("sqlite://{}", file.display());
    let template = TEMPLATE.get_or_init(|| async {
        migrate(&url).await;
        fs::read(&file).unwrap()
    });
    fs::write(&file, template.await).unwrap();
    url
}

/// Makes a new database on the server that `TEST_POSTGRES_URL` names: a copy of one whose tables
/// are up to date.
pub async fn fresh_postgres() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let admin = std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL names no Postgres server; `cargo xtask test` starts one. Example: postgres://postgres@127.0.0.1:5432/postgres",
    );
    let (name, url) = postgres_database(&admin, "story");
    let template = TEMPLATE.get_or_init(|| async {
        let (template, url) = postgres_database(&admin, "template");
        execute_on(&admin, format!("create database {template}")).await;
        migrate(&url).await;
        template
    });
    execute_on(&admin, format!("create database {name} template {}", template.await)).await;
    url
}

/// A new name for a database, and its address.
fn postgres_database(admin: &str, prefix: &'static str) -> (String, String) {
    let name = Clock::machine().unique_name(prefix);
    let url = place::beside(admin, &name).unwrap();
    (name, url)
}

async fn execute_on(admin: &str, statement: String) {
    let mut connection = PgConnection::connect(admin).await.unwrap();
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Creates the tables and leaves no connection behind.
async fn migrate(url: &str) {
    Db::open(&url.parse().unwrap(), Clock::machine()).await.unwrap().close().await;
}
