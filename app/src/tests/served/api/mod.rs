//! The REST API over HTTP: what the answers say.

mod document;
mod events;
mod imports;
mod once;
mod table;
mod webhook_endpoints;

use std::process::Command;

use serde_json::{Value, json};

use super::support::{Answer, Server, joined};

fn started() -> Server {
    let server = Server::new().organization("org_1").organization("org_2").serving();
    people_join(&server);
    server
}

fn people_join(server: &Server) {
    for person in 1..=4 {
        server.deliver(&format!("msg_{person}"), &joined(person));
    }
}

/// Makes a key on the command line.
fn key(server: &Server, scopes: &[&str]) -> String {
    let made = ["api-key", "create", "--name", "Billing"];
    on_the_command_line(server, &sqlite(server), &[&made, scopes].concat())
}

fn sqlite(server: &Server) -> String {
    format!("sqlite://{}", server.folder().join("seats.db").display())
}

/// What a command prints.
fn on_the_command_line(server: &Server, database: &str, arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_seatkeeper"))
        .args(arguments)
        .current_dir(server.folder())
        .env("DATABASE_URL", database)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn call(server: &Server, what: &str, key: &str, body: &str) -> Answer {
    call_with(server, what, key, ("if-match: *\r\n", body))
}

fn call_with(server: &Server, what: &str, key: &str, (headers, body): (&str, &str)) -> Answer {
    let (method, path) = what.split_once(' ').unwrap();
    let path = path.replace("{user}", "diruser_1").replace("{decision}", "admit");
    let path = path.replace("{resync}", "rsn_404").replace("{endpoint}", "wep_404");
    let path = path.replace("{delivery}", "oev_404").replace("{import}", "imp_404");
    let bearer =
        if key.is_empty() { String::new() } else { format!("authorization: Bearer {key}\r\n") };
    let kind = match body {
        "" => "",
        _ if path.ends_with("/imports") => "content-type: application/x-ndjson\r\n",
        _ => "content-type: application/json\r\n",
    };
    let answer =
        server.ask(&format!("{method} /api/v1{path}"), &format!("{bearer}{kind}{headers}"), body);
    document::check(server, &format!("{method} {path}"), &answer);
    answer
}

fn value(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

fn code(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    let said = value(answer);
    assert_eq!(said["status"], answer.status, "{answer:?}");
    (answer.status, said["code"].as_str().unwrap().to_owned())
}

/// The answer without what differs in every answer.
fn bare(answer: Answer) -> Answer {
    let differs =
        |name: &str| name.starts_with("ratelimit") || name == "x-request-id" || name == "date";
    let headers = answer.headers.into_iter().filter(|(name, _)| !differs(name)).collect();
    Answer { headers, ..answer }
}

#[test]
fn a_call_without_a_working_key_learns_what_to_do() {
    let server = started();
    let read = key(&server, &["--scope", "read"]);
    let there = "GET /organizations";

    let answer = call(&server, there, "", "");
    assert_eq!(code(&answer), (401, "key-missing".to_owned()));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let elsewhere = "sk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh_d4iqI";
    for (text, said) in
        [(&read[..50], "key-mistyped"), ("Ada", "key-mistyped"), (elsewhere, "key-unknown")]
    {
        let answer = call(&server, there, text, "");
        assert_eq!(code(&answer), (401, said.to_owned()), "{text}");
        assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));
    }
    let basic = server.ask("GET /api/v1/organizations", "authorization: Basic YTpi\r\n", "");
    assert_eq!(code(&basic), (401, "key-missing".to_owned()));
    let cookie = server.ask("GET /api/v1/organizations", "cookie: a=b\r\n", "");
    assert_eq!(cookie.status, 401, "no cookie opens the API");
    for (what, said) in [
        ("GET /nothing", (404, "not-found")),
        ("GET /organizations/%FF", (404, "not-found")),
        ("DELETE /organizations", (405, "method-not-allowed")),
        ("GET /organizations?like=a", (400, "unknown-parameter")),
        ("GET /organizations?limit=501", (400, "bad-parameter")),
        ("GET /organizations?cursor=a", (422, "cursor")),
        ("GET /organizations/org_1/access", (400, "bad-parameter")),
        ("GET /organizations/org_1/people?state=happy", (400, "bad-parameter")),
        ("GET /organizations/org_1/people?group=a%20b", (422, "group-id")),
        ("GET /organizations/org_1/alerts?state=happy", (400, "bad-parameter")),
        ("GET /events?after=99", (422, "event-to-come")),
    ] {
        assert_eq!(code(&call(&server, what, &read, "")), (said.0, said.1.to_owned()), "{what}");
    }
    let answer = call(&server, there, &read, "");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("x-request-id").unwrap().starts_with("req_"));
    assert_eq!(answer.header("ratelimit-limit"), Some("1000"));
    assert!(
        answer.header("ratelimit-remaining").is_some() && answer.header("set-cookie").is_none()
    );
}

#[test]
fn a_product_asks_whether_a_person_is_allowed_in() {
    let server = started();
    let read = key(&server, &["--scope", "read", "--organization", "org_1"]);
    let ask = |user: &str, headers: &str| {
        let what = format!("GET /organizations/org_1/access?user={user}");
        call_with(&server, &what, &read, (headers, ""))
    };

    let answer = ask("diruser_1", "");
    assert_eq!(
        value(&answer),
        json!({
            "allowed": true, "state": "provisioned", "reason": "Has a seat.", "position": null,
            "roles": [], "organization_id": "org_1", "user": "diruser_1",
        })
    );
    let tag = answer.header("etag").unwrap().to_owned();
    let known = ask("diruser_1", &format!("if-none-match: {tag}\r\n"));
    assert_eq!((known.status, &*known.body), (304, ""));
    assert_eq!(ask("PERSON.1%40customer.test", "").body, answer.body);
    let waiting = value(&ask("person.4%40customer.test", &format!("if-none-match: {tag}\r\n")));
    assert_eq!((&waiting["allowed"], &waiting["state"]), (&json!(false), &json!("blocked")));
    assert_eq!((&waiting["position"], &waiting["user"]), (&json!(1), &json!("diruser_4")));
    assert!(waiting["reason"].as_str().unwrap().contains("number 1 on the waitlist"), "{waiting}");
    let unknown = value(&ask("another-person", ""));
    assert_eq!((&unknown["allowed"], &unknown["state"]), (&json!(false), &json!("unknown")));
    assert_eq!(unknown["user"], Value::Null);
}

#[test]
fn a_limit_is_set_only_on_the_version_that_was_read() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    let organization = call(&server, "GET /organizations/org_1", &write, "");
    let (tag, before) = (organization.header("etag").unwrap(), value(&organization));
    assert_eq!((&before["seat_limit"], &before["used_seats"]), (&json!(3), &json!(3)));
    assert_eq!((&before["waiting"], &before["free_seats"]), (&json!(1), &json!(0)));
    let set = |condition: &str, limit: &str| {
        let body = format!(r#"{{"seat_limit":{limit},"reason":"Contract 7"}}"#);
        let what = "PUT /organizations/org_1/seat-limit";
        call_with(&server, what, &write, (condition, &body))
    };

    assert_eq!(code(&set("", "4")), (428, "if-match-missing".to_owned()));
    assert_eq!(code(&set("if-match: \"99\"\r\n", "4")), (412, "changed".to_owned()));
    assert_eq!(code(&set("if-match: 1\r\n", "4")), (400, "if-match".to_owned()));
    let changed = set(&format!("if-match: {tag}\r\n"), "4");
    assert_eq!(changed.status, 200, "{changed:?}");
    let after = value(&changed);
    assert_eq!((&after["seat_limit"], &after["admitted"]), (&json!(4), &json!(1)));
    assert_ne!(changed.header("etag"), Some(tag));
    assert_eq!(code(&set(&format!("if-match: {tag}\r\n"), "5")), (412, "changed".to_owned()));
    for (limit, shown) in
        [("\"unlimited\"", json!("unlimited")), ("4", json!(4)), ("4.0", json!(4))]
    {
        let answer = set("if-match: *\r\n", limit);
        assert_eq!((answer.status, &value(&answer)["seat_limit"]), (200, &shown));
    }
    for limit in ["-1", "\"four\"", "10000001"] {
        let answer = set("if-match: *\r\n", limit);
        assert_eq!(code(&answer), (422, "limit".to_owned()), "{limit}");
        assert_eq!(value(&answer)["field"], "seat_limit");
    }
    for body in ["", "{}", "[1]", r#"{"seat_limit":4,"reason":"x","more":1}"#, "{\"seat_limit\":4"]
    {
        let what = "PUT /organizations/org_1/seat-limit";
        let answer = call(&server, what, &write, body);
        assert!([400, 415].contains(&answer.status), "{body}: {answer:?}");
        code(&answer);
    }
}

#[test]
fn a_list_is_read_part_by_part_while_people_come_and_go() {
    let server = started();
    let read = key(&server, &["--scope", "read"]);
    let mut seen = Vec::new();
    let mut next = String::new();

    loop {
        let what = format!("GET /organizations/org_1/people?limit=1{next}");
        let part = value(&call(&server, &what, &read, ""));
        let items = part["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["user"].as_str().unwrap().to_owned()));
        assert!(items.len() <= 1, "{part}");
        if seen.len() == 2 {
            server.deliver("msg_9", &joined(9)); // behind
            let left = joined(1).replace("user_created", "user_deleted").replace("evt_1", "evt_8");
            server.deliver("msg_8", &left); // before
        }
        let Some(cursor) = part["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }

    assert_eq!(seen, ["diruser_1", "diruser_2", "diruser_3", "diruser_4", "diruser_9"]);
    let waitlist = value(&call(&server, "GET /organizations/org_1/waitlist?limit=1", &read, ""));
    assert_eq!(waitlist["items"][0]["user"], "diruser_9");
    let what = "GET /organizations/org_1/decisions?limit=2";
    let decisions = value(&call(&server, what, &read, ""));
    assert_eq!(decisions["items"].as_array().unwrap().len(), 2);
    let cursor = decisions["next_cursor"].as_str().unwrap();
    let older = value(&call(&server, &format!("{what}&cursor={cursor}"), &read, ""));
    assert_ne!(older["items"][0], decisions["items"][1]);
}

#[test]
fn a_call_that_names_itself_is_done_once() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    let named = |name: &str, body: &str| {
        let header = format!("idempotency-key: {name}\r\n");
        call_with(&server, "POST /organizations/org_1/requests", &write, (&header, body))
    };
    let ask = r#"{"seats":5,"reason":"A new team"}"#;

    let first = named("ask-1", ask);
    assert_eq!(first.status, 201, "{first:?}");
    let again = named("ask-1", ask);
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(code(&named("ask-1", r#"{"seats":6,"reason":"x"}"#)).1, "idempotency-key-reused");
    assert_eq!(code(&named("ask-2", ask)), (409, "request-waits".to_owned()));
    assert_eq!(code(&named("ask-2", ask)), (409, "request-waits".to_owned()), "kept, too");
    assert_eq!(code(&named("a b", ask)), (400, "idempotency-key".to_owned()));
    let other = key(&server, &["--scope", "write"]);
    let header = "idempotency-key: ask-1\r\n";
    let what = "POST /organizations/org_1/requests";
    let answer = call_with(&server, what, &other, (header, r#"{"seats":6,"reason":"x"}"#));
    assert_eq!(answer.status, 409, "each key has names of its own");
    let open = value(&call(&server, "GET /organizations/org_1/requests", &write, ""));
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    assert_eq!(open["items"][0]["asked_by"], "API key Billing");
}

#[test]
fn a_program_decides_about_the_waitlist_and_tells_of_use() {
    let server = started();
    let write = key(&server, &["--scope", "write", "--organization", "org_1"]);
    let decide = |user: &str, decision: &str, body: &str| {
        let what = format!("POST /organizations/org_1/waitlist/{user}/{decision}");
        call_with(&server, &what, &write, ("", body))
    };
    server.deliver("msg_5", &joined(5));

    assert_eq!(code(&decide("diruser_4", "admit", "{}")), (409, "no-free-seat".to_owned()));
    let moved = value(&decide("person.5%40customer.test", "move", r#"{"position":1.0}"#));
    assert_eq!((&moved["user"], &moved["position"]), (&json!("diruser_5"), &json!(1)));
    let dismissed = value(&decide("diruser_1", "dismiss", r#"{"note":"On leave"}"#));
    assert_eq!(
        (&dismissed["from"], &dismissed["to"]),
        (&json!("provisioned"), &json!("dismissed"))
    );
    assert_eq!(dismissed["admitted"], json!(["diruser_5"]));
    assert_eq!(value(&decide("diruser_1", "undo", "{}"))["to"], "blocked");
    for (user, decision, body, status) in [
        ("diruser_404", "admit", "{}", 404),
        ("diruser_1", "praise", "{}", 404),
        ("diruser_1", "move", "{}", 422),
        ("diruser_1", "admit", r#"{"position":1}"#, 422),
        ("diruser_1", "move", r#"{"position":0}"#, 422),
    ] {
        assert_eq!(decide(user, decision, body).status, status, "{user} {decision} {body}");
    }

    let signals = r#"{"signals":[{"user":"diruser_1","last_used_at":"2026-01-01T00:00:00Z"},{"user":"x","last_used_at":"2026-01-01T00:00:00Z"},{"user":"diruser_2","last_used_at":"soon"}]}"#;
    let told = value(&call(&server, "POST /organizations/org_1/activity", &write, signals));
    assert_eq!((&told["recorded"], &told["known"]), (&json!(1), &json!(0)));
    let refused: Vec<_> =
        told["refused"].as_array().unwrap().iter().map(|one| one["index"].clone()).collect();
    assert_eq!(refused, [json!(1), json!(2)]);
}
