//! The feed of events over HTTP.

use std::{cell::Cell, net::TcpStream, thread, time::Duration};

use domain::outgoing_event::EventType;
use seatkeeper::clock::Stopwatch;
use serde_json::{Value, json};

use super::{
    super::support::{Answer, Server, fresh_postgres, joined},
    bare, call, code,
    document::check_event,
    key, on_the_command_line, people_join, sqlite, started, value,
};

/// A server, and the address of its database.
fn on_each_engine() -> [(Server, String); 2] {
    let on_sqlite = started();
    let url = sqlite(&on_sqlite);
    let postgres = fresh_postgres();
    let on_postgres = Server::new().with("DATABASE_URL", &postgres);
    let on_postgres = on_postgres.organization("org_1").organization("org_2").serving();
    people_join(&on_postgres);
    [(on_sqlite, url), (on_postgres, postgres)]
}

fn read_key(server: &Server, database: &str) -> String {
    let create = ["api-key", "create", "--name", "Product", "--scope", "read"];
    on_the_command_line(server, database, &create)
}

fn begin(server: &Server, what: &str, key: &str) -> TcpStream {
    let (method, path) = what.split_once(' ').unwrap();
    let bearer = format!("authorization: Bearer {key}\r\n");
    server.begin(&format!("{method} /api/v1{path}"), &bearer, "")
}

fn numbers(part: &Value) -> Vec<i64> {
    let items = part["items"].as_array().unwrap_or_else(|| panic!("{part}"));
    items.iter().map(|item| item["sequence"].as_i64().unwrap()).collect()
}

/// Reads until so many events are there.
fn all(server: &Server, key: &str, count: usize) -> Vec<Value> {
    let (mut after, mut events) = ("0".to_owned(), Vec::new());
    while events.len() < count {
        let what = format!("GET /events?after={after}&limit=3&wait=20");
        let part = value(&call(server, &what, key, ""));
        events.extend(part["items"].as_array().unwrap_or_else(|| panic!("{part}")).clone());
        part["next_cursor"].as_str().unwrap().clone_into(&mut after);
    }
    events
}

#[test]
fn a_product_reads_the_feed_part_by_part() {
    for (server, database) in on_each_engine() {
        let read = read_key(&server, &database);
        let events = all(&server, &read, 4);

        assert_eq!(numbers(&json!({ "items": events })), [1, 2, 3, 4]);
        assert_eq!(events[3]["type"], "seat.blocked");
        assert_eq!(events[3]["organization_id"], "org_1");
        assert_eq!(events[3]["data"]["version"], 1);
        assert_eq!(events[3]["data"]["user"]["email"], "person.4@customer.test");
        let get = |query: &str| call(&server, &format!("GET /events?{query}"), &read, "");
        let blocked = value(&get("types=seat.blocked,seat.released"));
        assert_eq!((numbers(&blocked), &blocked["next_cursor"]), (vec![4], &json!("4")));
        let first = value(&get("limit=2"));
        assert_eq!((numbers(&first), &first["next_cursor"]), (vec![1, 2], &json!("2")));
        let other = value(&get("organization=org_2"));
        assert_eq!((numbers(&other), &other["next_cursor"]), (vec![], &json!("4")));
        for (query, said) in [
            ("after=-1", "bad-parameter"),
            ("after=x", "bad-parameter"),
            ("types=seat.sold", "bad-parameter"),
            ("wait=31", "bad-parameter"),
            ("limit=0", "bad-parameter"),
            ("cursor=x", "unknown-parameter"),
        ] {
            assert_eq!(code(&get(query)), (400, said.to_owned()), "{query}");
        }
        assert_eq!(code(&get("after=5")), (422, "event-to-come".to_owned()));
        let missing = get("organization=org_404");
        assert_eq!(code(&missing).0, 404);
        let strange = get("organization=no%20id");
        assert_eq!(bare(strange), bare(missing));
    }
}

/// What a directory says about a person of the organization.
fn said(n: usize, kind: &str, fields: &str) -> String {
    let body = joined(n).replace("user_created", kind).replace(r#""active":true"#, fields);
    body.replace(&format!("evt_{n}"), &format!("evt_{kind}_{n}"))
}

#[test]
fn each_type_of_event_is_as_the_document_says() {
    for (server, database) in on_each_engine() {
        let read = read_key(&server, &database);
        let command = |words: &[&str]| on_the_command_line(&server, &database, words);
        command(&["setting", "set", "kept_attributes", "department"]);
        let with = r#""active":true,"raw_attributes":{"department":"Sales"}"#;
        server.deliver("msg_11", &said(2, "user_updated", with));
        server.deliver("msg_12", &said(4, "user_updated", r#""active":false"#));
        server.deliver("msg_13", &said(1, "user_deleted", r#""active":false"#));
        command(&["organization", "set-limit", "org_1", "1", "--reason", "Less"]);
        command(&["setting", "set", "application_roles", "reader"]);
        command(&["setting", "set", "default_role", "reader"]);
        command(&["organization", "archive", "org_2", "--reason", "They left"]);
        command(&["organization", "restore", "org_2"]);

        let events = || value(&call(&server, "GET /events?limit=500", &read, ""))["items"].clone();
        let is_there = |kind: EventType| {
            let events = events();
            let is_it = |event: &Value| event["type"] == kind.as_str();
            events.as_array().unwrap().iter().any(is_it)
        };
        for kind in EventType::ALL {
            server.wait_for(kind.as_str(), || is_there(kind));
        }

        let events = events();
        let events = events.as_array().unwrap();
        for event in events {
            check_event(&server, event);
        }
        let updated = events.iter().filter(|event| event["type"] == "user.updated");
        let updated: Vec<&Value> = updated.map(|event| &event["data"]).collect();
        assert_eq!(updated[0]["changed"], json!(["attributes"]));
        assert_eq!(updated[0]["user"]["attributes"], json!({"department": "Sales"}));
        assert_eq!(updated[1]["after"], "inactive");
    }
}

#[test]
fn a_key_of_an_organization_reads_its_own_events_alone() {
    let server = started();
    let own = key(&server, &["--scope", "read", "--organization", "org_1"]);
    let other = key(&server, &["--scope", "write", "--organization", "org_2"]);
    assert_eq!(all(&server, &own, 4).len(), 4);

    let nothing = value(&call(&server, "GET /events", &other, ""));
    assert_eq!((numbers(&nothing), &nothing["next_cursor"]), (vec![], &json!("4")));
    let theirs = call(&server, "GET /events?organization=org_1", &other, "");
    let missing = call(&server, "GET /events?organization=org_404", &other, "");
    assert_eq!((code(&theirs).0, bare(theirs)), (404, bare(missing)));
}

#[test]
fn a_call_that_waits_gets_the_next_event_at_once() {
    for (server, database) in on_each_engine() {
        let read = read_key(&server, &database);
        all(&server, &read, 4);
        let began = Stopwatch::start();
        let nothing = value(&call(&server, "GET /events?after=4&wait=1", &read, ""));
        assert_eq!((numbers(&nothing), &nothing["next_cursor"]), (vec![], &json!("4")));
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());

        let waiting = begin(&server, "GET /events?after=4&wait=30", &read);
        server.deliver("msg_5", &joined(5));

        let answer = Answer::read(waiting);
        assert_eq!(numbers(&value(&answer)), [5], "{answer:?}");
        assert!(answer.header("ratelimit-remaining").is_some());
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    }
}

#[test]
fn a_product_that_waits_misses_nothing_while_much_commits() {
    for (server, database) in on_each_engine() {
        let read = read_key(&server, &database);
        let events = thread::scope(|scope| {
            for part in 0..3 {
                let server = &server;
                scope.spawn(move || {
                    for person in 0..10 {
                        let person = 100 + part * 10 + person;
                        server.deliver(&format!("msg_{person}"), &joined(person));
                    }
                });
            }
            scope.spawn(|| all(&server, &read, 34)).join().unwrap()
        });

        let expected: Vec<i64> = (1..=34).collect();
        assert_eq!(numbers(&json!({ "items": events })), expected);
    }
}

fn is_answered(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let is_answered = stream.peek(&mut [0]).is_ok();
    stream.set_nonblocking(false).unwrap();
    is_answered
}

#[test]
fn a_reader_that_begins_now_reads_no_history() {
    for (server, database) in on_each_engine() {
        let read = read_key(&server, &database);
        all(&server, &read, 4);

        let now = value(&call(&server, "GET /events?after=latest", &read, ""));

        assert_eq!((numbers(&now), &now["next_cursor"]), (vec![], &json!("4")));
        let waiting = begin(&server, "GET /events?after=latest&wait=30", &read);
        let next = Cell::new(5);
        // until the call waits, what happens is over for it
        server.wait_for("the call is answered", || {
            let is_over = is_answered(&waiting);
            if !is_over {
                server.deliver(&format!("msg_{}", next.get()), &joined(next.get()));
                next.set(next.get() + 1);
            }
            is_over
        });
        let first = numbers(&value(&Answer::read(waiting)))[0];
        assert!(first >= 5, "{first}");
        let own = ["api-key", "create", "--name", "Of one", "--scope", "read", "--organization"];
        let own = on_the_command_line(&server, &database, &[&own[..], &["org_2"]].concat());
        let theirs = value(&call(&server, "GET /events?after=latest&wait=0", &own, ""));
        assert_eq!(numbers(&theirs), [0; 0]);
        let wrong = call(&server, "GET /events?after=now", &read, "");
        assert_eq!(code(&wrong), (400, "bad-parameter".to_owned()));
    }
}

/// Ten calls that wait: of eleven one is refused.
fn ten_waiting(server: &Server, read: &str) -> Vec<TcpStream> {
    let what = "GET /events?after=4&wait=30";
    let mut waiting: Vec<_> = (0..11).map(|_| begin(server, what, read)).collect();
    server.wait_for("one is refused", || waiting.iter().any(is_answered));
    let refused = waiting.iter().position(is_answered).unwrap();
    let refused = Answer::read(waiting.swap_remove(refused));
    assert_eq!(code(&refused), (429, "too-many-waiting".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    waiting
}

#[test]
fn few_calls_of_a_key_wait_at_the_same_time() {
    let server = started();
    let read = key(&server, &["--scope", "read"]);
    all(&server, &read, 4);

    let waiting = ten_waiting(&server, &read);

    let refused = call(&server, "GET /events?after=4&wait=1", &read, "");
    assert_eq!(refused.status, 429);
    assert_eq!(call(&server, "GET /events?after=4", &read, "").status, 200, "it does not wait");
    let another = key(&server, &["--scope", "read"]);
    assert_eq!(call(&server, "GET /events?after=4&wait=1", &another, "").status, 200);
    drop(waiting);
    server.wait_for("a client that goes away leaves its place", || {
        call(&server, "GET /events?after=4&wait=1", &read, "").status == 200
    });
}

#[test]
fn a_key_that_is_revoked_while_a_call_waits_reads_nothing() {
    let server = started();
    let read = key(&server, &["--scope", "read"]);
    all(&server, &read, 4);
    let waiting = ten_waiting(&server, &read);
    let listed = on_the_command_line(&server, &sqlite(&server), &["api-key", "list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let id = listed[0]["id"].as_str().unwrap();
    on_the_command_line(&server, &sqlite(&server), &["api-key", "revoke", id]);

    server.deliver("msg_5", &joined(5));

    for waiting in waiting {
        assert_eq!(code(&Answer::read(waiting)), (401, "key-revoked".to_owned()));
    }
}

#[test]
fn a_call_that_waits_is_answered_when_the_server_stops() {
    let mut server = started();
    let read = key(&server, &["--scope", "read"]);
    all(&server, &read, 4);
    let waiting = ten_waiting(&server, &read);

    let (took, ended_well) = server.terminated();

    assert!(ended_well && took < Duration::from_secs(3), "{took:?}");
    for waiting in waiting {
        let part = value(&Answer::read(waiting));
        assert_eq!((numbers(&part), &part["next_cursor"]), (vec![], &json!("4")));
    }
}

#[test]
fn a_reader_that_was_away_for_too_long_is_told_where_to_go_on() {
    use sqlx::Connection;

    let server = started();
    let read = key(&server, &["--scope", "read"]);
    all(&server, &read, 4);
    let url = sqlite(&server);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let delete = "delete from outgoing_events where sequence <= 2";
        sqlx::query(delete).execute(&mut database).await.unwrap();
    });

    let answer = call(&server, "GET /events?after=1", &read, "");

    assert_eq!(code(&answer), (410, "events-removed".to_owned()));
    assert_eq!(value(&answer)["field"], "after");
    assert!(value(&answer)["detail"].as_str().unwrap().contains("“after=2”"), "{answer:?}");
    assert_eq!(numbers(&value(&call(&server, "GET /events?after=2", &read, ""))), [3, 4]);
    assert_eq!(numbers(&value(&call(&server, "GET /events", &read, ""))), [3, 4]);
    let waits = call(&server, "GET /events?after=1&wait=30", &read, "");
    assert_eq!(code(&waits).0, 410, "it does not wait for what will not come");
}
