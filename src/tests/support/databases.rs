//! Fresh databases of both engines.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    thread,
};

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
    pub folder: TempDir,
}

impl Database {
    pub async fn fresh(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match engine {
            Engine::Sqlite => fresh_sqlite(folder.path()).await,
            Engine::Postgres => fresh_postgres().await,
        };
        Self { url, engine, folder }
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
    let file = folder.join("seatkeeper.db");
    let url = format!("sqlite://{}", file.display());
    let template = sqlite_template();
    if !template.exists() {
        migrate(&url).await;
        // Another test may make the same template meanwhile: a file appears whole or not at all.
        let beside = template.with_extension(Clock::machine().unique_name("new"));
        fs::copy(&file, &beside).unwrap();
        fs::rename(&beside, &template).unwrap();
    }
    fs::copy(&template, &file).unwrap();
    url
}

fn sqlite_template() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("template-{}.db", version()))
}

/// Makes a new database on the server that `TEST_POSTGRES_URL` names: a copy of one whose tables
/// are up to date.
async fn fresh_postgres() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let admin = admin();
    let template = TEMPLATE.get_or_init(|| postgres_template(&admin)).await;
    let name = Clock::machine().unique_name("story");
    execute_on(&admin, format!("create database {name} template {template}")).await;
    place::beside(&admin, &name).unwrap()
}

/// Makes the template if it is not there yet. Each test may be a process of its own, so they
/// agree on one maker by a lock.
async fn postgres_template(admin: &str) -> String {
    const MAKING: i64 = 5_100_051;
    let name = format!("template_{}", version());
    let mut connection = PgConnection::connect(admin).await.unwrap();
    sqlx::query("select pg_advisory_lock($1)").bind(MAKING).execute(&mut connection).await.unwrap();
    let there: Option<String> =
        sqlx::query_scalar("select datname::text from pg_database where datname = $1")
            .bind(&name)
            .fetch_optional(&mut connection)
            .await
            .unwrap();
    if there.is_none() {
        let unfinished = format!("{name}_unfinished");
        execute_on(admin, format!("drop database if exists {unfinished} with (force)")).await;
        execute_on(admin, format!("create database {unfinished}")).await;
        migrate(&place::beside(admin, &unfinished).unwrap()).await;
        execute_on(admin, format!("alter database {unfinished} rename to {name}")).await;
    }
    connection.close().await.unwrap();
    name
}

/// Names the tables: other migrations, triggers or policies need another template.
fn version() -> String {
    let in_folder = |folder: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path())
    };
    let mut files: Vec<_> = in_folder("migrations").chain(in_folder("src/db")).collect();
    files.extend(in_folder("src/db/row_security"));
    files.retain(|file| file.is_file());
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file).unwrap().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

fn admin() -> String {
    std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL names no Postgres server; `cargo xtask test` starts one. Example: postgres://postgres@127.0.0.1:5432/postgres",
    )
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
