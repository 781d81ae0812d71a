//! Killed in the middle of its work and started again: a few times here; `cargo xtask drill` does it a hundred times.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{net::TcpListener, process::Command};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// How often it is killed.
const KILLS: &str = "3";

fn drilled(database: &str) -> (i32, String) {
    let migrated = Command::new(env!("CARGO_BIN_EXE_seatkeeper")).arg("migrate").env("DATABASE_URL", database).output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatkeeper"));
    command.args(["drill", "--kills", KILLS, "--connections", "16"]).env("DATABASE_URL", database);
    command.env("SEATKEEPER_LISTEN", format!("127.0.0.1:{port}")).env_remove("SMTP_URL");
    command.env("SCALEKIT_WEBHOOK_SECRET", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=");
    let output = command.current_dir(std::env::temp_dir()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("drill.db").display());

    let (code, said) = drilled(&database);

    assert_eq!(code, 0, "{said}");
    assert_eq!(drilled(&database).0, 2, "a database in use is refused");
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_after_it_on_postgres() {
    let server = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a Postgres server; `cargo xtask test` starts one");
    let name = format!("drill_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    connection.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();

    let (code, said) = drilled(&format!("{before}/{name}"));

    assert_eq!(code, 0, "{said}");
    connection.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
}
