//! What the operators see: whether Seatkeeper is ready, and the metrics.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{access::Role, organization::SeatLimit};
use seatkeeper::{
    channels::email::{mailer::Mailer, server::SmtpServer},
    db::{checkpoint, count_new_tables},
    jobs::send_messages::{self, Mail},
};

use crate::support::{
    smtp::MailServer,
    world::{ACME, Engine, TestApp, stories},
};

stories! {
    it_is_ready_while_there_is_no_problem,
    it_is_not_ready_with_the_tables_of_another_program,
    a_worker_that_is_late_makes_it_unready_until_it_comes_round,
    a_batch_that_does_not_end_makes_it_unready,
    a_slow_mail_server_keeps_no_webhook_out,
    the_metrics_count_what_became_of_deliveries,
    the_public_port_has_no_metrics,
}

/// PostgreSQL's planner has no statistics of a new table. Until it has some, it may choose any
/// index that begins with the same columns as the key.
#[tokio::test]
async fn a_table_that_begins_to_fill_is_counted_on_postgres() {
    let world = TestApp::open(Engine::Postgres).await;
    let counting = tokio::spawn(count_new_tables(world.state.db.clone()));
    let counted = "select relname::text from pg_stat_user_tables where last_analyze is not null or last_autoanalyze is not null";
    assert_eq!(world.texts(counted).await, [""; 0]);

    world
        .tamper(
            "insert into jobs (name, notes) select 'job ' || n, '' from generate_series(1, 600) n",
        )
        .await;

    let is_counted = async {
        while world.texts(counted).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), is_counted).await.unwrap();
    assert_eq!(world.texts(counted).await, ["jobs"]);
    counting.abort();
}

/// No delivery waits while SQLite copies its write-ahead log into the database file.
#[tokio::test]
async fn what_was_written_is_carried_over_beside_the_writer_on_sqlite() {
    let world = TestApp::open(Engine::Sqlite).await;
    let file = world.url.strip_prefix("sqlite://").unwrap().to_owned();
    let is_in_the_file =
        || std::fs::read(&file).unwrap().windows(ACME.len()).any(|bytes| bytes == ACME.as_bytes());
    world.organization(ACME, SeatLimit::Seats(3)).await;
    assert!(!is_in_the_file(), "it is in the log alone");

    let carrying = tokio::spawn(checkpoint(world.state.db.clone()));

    let is_carried_over = async {
        while !is_in_the_file() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), is_carried_over).await.unwrap();
    world.close().await;
    carrying.await.unwrap();
}

async fn ready(world: &TestApp) -> (StatusCode, String) {
    world.get("/readyz").await
}

async fn it_is_ready_while_there_is_no_problem(world: TestApp) {
    world.state.health.heartbeat(
        "remove_expired",
        world.clock.monotonic(),
        Duration::from_secs(30),
    );
    world.clock.pass(Duration::from_mins(1));

    assert_eq!(ready(&world).await, (StatusCode::OK, "ready\n".to_owned()));
}

async fn it_is_not_ready_with_the_tables_of_another_program(world: TestApp) {
    world.tamper("update _sqlx_migrations set version = 9001 where version = 2").await;
    assert_eq!(
        ready(&world).await,
        (StatusCode::SERVICE_UNAVAILABLE, "Migration 0002 has not been run.\n".to_owned())
    );

    world.tamper("insert into _sqlx_migrations (version, description, success, checksum, execution_time) select 2, description, success, checksum, execution_time from _sqlx_migrations where version = 9001").await;
    assert_eq!(ready(&world).await.1, "Migration 9001 is newer than this program.\n");
}

async fn a_worker_that_is_late_makes_it_unready_until_it_comes_round(world: TestApp) {
    world.state.health.heartbeat(
        "remove_expired",
        world.clock.monotonic(),
        Duration::from_mins(10),
    );

    world.clock.pass(Duration::from_secs(661));
    assert_eq!(
        ready(&world).await,
        (StatusCode::SERVICE_UNAVAILABLE, "The worker “remove_expired” is 61 s late.\n".to_owned())
    );

    world.state.health.heartbeat(
        "remove_expired",
        world.clock.monotonic(),
        Duration::from_mins(10),
    );
    assert_eq!(ready(&world).await.0, StatusCode::OK);
}

async fn a_batch_that_does_not_end_makes_it_unready(world: TestApp) {
    let batch = world.state.health.batch_begins(world.clock.monotonic());
    world.clock.pass(Duration::from_secs(75));

    assert_eq!(
        ready(&world).await.1,
        "The intake has been processing one batch for 75 s; 0 deliveries wait.\n"
    );
    world.state.health.batch_ends(batch);
    assert_eq!(ready(&world).await.0, StatusCode::OK);
}

async fn a_slow_mail_server_keeps_no_webhook_out(world: TestApp) {
    let mut server = MailServer::start().await;
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    world.state.health.heartbeat("outbox", world.clock.monotonic(), Duration::from_hours(1));

    world.clock.pass(Duration::from_secs(10 + 62));
    assert_eq!(
        ready(&world).await.1,
        "An e-mail has been due for 62 s, and none has been sent since.\n"
    );

    let mailer = Mailer::smtp(SmtpServer::parse(&server.url()).unwrap());
    let mail = Mail { mailer, from: "Seatkeeper <seats@seats.example>".parse().unwrap() };
    server.close().await;
    send_messages::work_off(&world.state, &mail).await.unwrap();
    world.clock.pass(Duration::from_secs(30));
    assert_eq!(ready(&world).await.0, StatusCode::OK, "the outbox works; the server does not");
}

async fn the_metrics_count_what_became_of_deliveries(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    world.post("no JSON at all").await;
    world.forged().await;

    let text = world.metrics().await;

    let line = |line: &str| assert!(text.lines().any(|found| found == line), "{line} in {text}");
    line("seatkeeper_deliveries_total{outcome=\"admitted\"} 1");
    line("seatkeeper_deliveries_total{outcome=\"blocked\"} 1");
    line("seatkeeper_deliveries_total{outcome=\"dead\"} 1");
    line("seatkeeper_deliveries_total{outcome=\"stale\"} 0");
    line("seatkeeper_deliveries_refused_total{reason=\"wrong_signature\"} 1");
    line("seatkeeper_deliveries_refused_total{reason=\"busy\"} 0");
    line("seatkeeper_delivery_seconds_count 3");
    line("seatkeeper_intake_batch_seconds_count 3");
    line("seatkeeper_intake_batch_deliveries_sum 3.0");
    line("seatkeeper_intake_waiting 0");
    line("seatkeeper_dead_letters 1");
    line("seatkeeper_outbox_waiting 0");
    line("seatkeeper_database_up 1");
    line(&format!("seatkeeper_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")));
    assert!(!text.contains(ACME), "no label names a customer");
}

async fn the_public_port_has_no_metrics(world: TestApp) {
    assert_eq!(world.get("/metrics").await.0, StatusCode::NOT_FOUND);
}
