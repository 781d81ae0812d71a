//! Seatkeeper is killed in the middle of its work and started again. This happens a few times here;
//! `cargo xtask drill` does it a hundred times, and with twenty thousand people.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{net::TcpListener, process::Command};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// The arguments for kills under load, and for kills in the middle of a resync.
const UNDER_LOAD: [&str; 4] = ["--kills", "3", "--connections", "16"];
const IN_A_RESYNC: [&str; 4] = ["--kills", "3", "--resync", "900"];

fn drilled(database: &str, arguments: &[&str]) -> (i32, String) {
    let migrated = Command::new(env!("CARGO_BIN_EXE_seatkeeper"))
        .arg("migrate")
        .env("DATABASE_URL", database)
        .output()
        .unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatkeeper"));
    command.arg("drill").args(arguments).env("DATABASE_URL", database);
    command.env("SEATKEEPER_LISTEN", format!("127.0.0.1:{port}")).env_remove("SMTP_URL");
    command.env("SCALEKIT_WEBHOOK_SECRET", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=");
    let output = command.current_dir(std::env::temp_dir()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned())
}

fn on_sqlite(arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("drill.db").display());

    let (code, said) = drilled(&database, arguments);

    assert_eq!(code, 0, "{said}");
    assert_eq!(drilled(&database, arguments).0, 2, "a database in use is refused");
}

async fn on_postgres(name: &str, arguments: &[&str]) {
    let server = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL names a Postgres server; `cargo xtask test` starts one");
    let name = format!("{name}_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    connection.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();

    let (code, said) = drilled(&format!("{before}/{name}"), arguments);

    assert_eq!(code, 0, "{said}");
    connection.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it_on_sqlite() {
    on_sqlite(&UNDER_LOAD);
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_after_it_on_postgres() {
    on_postgres("drill", &UNDER_LOAD).await;
}

#[test]
fn a_resync_that_is_killed_goes_on_where_it_was_on_sqlite() {
    on_sqlite(&IN_A_RESYNC);
}

#[tokio::test]
async fn a_resync_that_is_killed_goes_on_where_it_was_on_postgres() {
    on_postgres("resync", &IN_A_RESYNC).await;
}
