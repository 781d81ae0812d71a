//! Fresh databases of both engines.

use std::{fs, path::Path, thread};

use seatkeeper::{clock::Clock, db::Db};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tokio::{runtime, sync::OnceCell};

use super::world::Engine;
use crate::place;

/// A database of its own for one test. It is removed at the end; a test that fails leaves a
/// Postgres database as it is.
pub struct Database {
    pub url: String,
    engine: Engine,
    /// The file of a SQLite database is in it.
    _folder: TempDir,
}

impl Database {
    pub async fn fresh(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match engine {
            Engine::Sqlite => fresh_sqlite(folder.path()).await,
            Engine::Postgres => fresh_postgres().await,
        };
        Self { url, engine, _folder: folder }
    }
}

impl Drop for Database {
    /// A Postgres database has some three hundred files: those of a whole run take minutes to
    /// remove at once.
    fn drop(&mut self) {
        if self.engine == Engine::Sqlite || thread::panicking() {
            return;
        }
        let name = self.url.rsplit('/').next().unwrap_or_default();
        let statement = format!("drop database {name} with (force)");
        // This thread belongs to the runtime of the test, so it cannot wait for another future.
        let removing = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute_on(&admin(), statement));
        });
        removing.join().unwrap();
    }
}

/// Makes a new database file in a folder: a copy of one whose tables are up to date.
async fn fresh_sqlite(folder: &Path) -> String {
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
async fn fresh_postgres() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let admin = admin();
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

fn admin() -> String {
    std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL names no Postgres server; `cargo xtask test` starts one. Example: postgres://postgres@127.0.0.1:5432/postgres",
    )
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
    Db::open(url, Clock::machine()).await.unwrap().close().await;
}
