//! `Idempotency-Key`: what is kept of a call, and what a lost answer means.

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use super::{Answer, Server, call_with, code, key, sqlite, started};

const ASK: &str = r#"{"seats":5,"reason":"x"}"#;
const NAMED: &str = "idempotency-key: ask-1\r\n";

fn ask(server: &Server, key: &str) -> Answer {
    call_with(server, "POST /organizations/org_1/requests", key, (NAMED, ASK))
}

async fn number(server: &Server, statement: &str) -> i64 {
    let mut db = SqliteConnection::connect(&sqlite(server)).await.unwrap();
    sqlx::query(AssertSqlSafe(statement)).fetch_one(&mut db).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_answer_was_lost_is_not_done_again() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    assert_eq!(ask(&server, &write).status, 201);
    // the process has ended before it kept the answer
    let lost = "update idempotency_keys set status = null, body = null, \
                begun_at = begun_at - 180000000000 returning 1";
    assert_eq!(number(&server, lost).await, 1);

    for _ in 0..2 {
        assert_eq!(code(&ask(&server, &write)), (409, "in-doubt".to_owned()));
    }

    assert_eq!(number(&server, "select count(*) from seat_requests").await, 1);
    let another = call_with(&server, "POST /organizations/org_2/requests", &write, ("", ASK));
    assert_eq!(another.status, 201, "{another:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_of_a_key_that_only_reads_and_of_a_path_that_is_none() {
    let server = started();
    let read = key(&server, &["--scope", "read"]);
    let write = key(&server, &["--scope", "write"]);

    assert_eq!(code(&ask(&server, &read)), (403, "scope-missing".to_owned()));
    let nowhere = call_with(&server, "POST /nowhere/access", &write, (NAMED, ASK));
    assert_eq!(code(&nowhere), (404, "not-found".to_owned()));
    assert_eq!(nowhere.header("ratelimit-limit"), Some("1000"), "only a sign-in may ask so often");

    assert_eq!(number(&server, "select count(*) from idempotency_keys").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_body_was_not_read_leaves_nothing_behind() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    let headers = format!("authorization: Bearer {write}\r\ncontent-type: text/plain\r\n{NAMED}");

    let answer = server.ask("POST /api/v1/organizations/org_1/requests", &headers, ASK);

    assert_eq!(code(&answer), (415, "content-type".to_owned()));
    assert_eq!(number(&server, "select count(*) from idempotency_keys").await, 0);
    assert_eq!(ask(&server, &write).status, 201, "the same name, and the right kind");
}

#[test]
fn a_repeated_answer_has_the_version_of_the_first_one() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    let body = r#"{"id":"org_77","name":"New"}"#;
    let add = || call_with(&server, "POST /organizations", &write, (NAMED, body));

    let (first, again) = (add(), add());

    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((&again.body, again.header("etag")), (&first.body, first.header("etag")));
    assert!(first.header("etag").is_some());
}
