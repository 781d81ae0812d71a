//! Imports over HTTP: a program sends a file, follows the job, and reads what became of each row.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use super::{Answer, Server, call_with, code, key, on_the_command_line, sqlite, started, value};

fn send(server: &Server, key: &str, (query, headers): (&str, &str), file: &str) -> Answer {
    let headers = format!("authorization: Bearer {key}\r\n{headers}");
    let what = format!("POST /api/v1/organizations/org_1/imports{query}");
    server.ask(&what, &headers, file)
}

fn get(server: &Server, key: &str, path: &str) -> Answer {
    let bearer = format!("authorization: Bearer {key}\r\n");
    server.ask(&format!("GET /api/v1/organizations/org_1/imports/{path}"), &bearer, "")
}

/// The import once it ends.
fn ended(server: &Server, key: &str, id: &str) -> Value {
    for _ in 0..600 {
        let import = value(&get(server, key, id));
        if !["queued", "planning", "applying"].contains(&import["state"].as_str().unwrap()) {
            return import;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("the import does not end");
}

const CSV: &str = "content-type: text/csv\r\n";

#[test]
fn a_program_imports_people_and_reads_what_became_of_each_row() {
    let server = started();
    let key = key(&server, &["--scope", "import", "--organization", "org_1"]);
    // three seats are used by the people of the directory, and one of them waits
    let file = "external_id,email\ne-1,ada@acme.test\n,person.1@customer.test\nx,y\n";

    let sent = send(&server, &key, ("", CSV), file);

    assert_eq!(sent.status, 202, "{sent:?}");
    let id = value(&sent)["id"].as_str().unwrap().to_owned();
    let import = ended(&server, &key, &id);
    assert_eq!(import["state"], "done", "{import}");
    assert_eq!(
        [&import["rows"], &import["refused"], &import["left_to_directory"], &import["created"]],
        [&json!(3), &json!(1), &json!(1), &json!(1)]
    );
    assert_eq!(import["no_free_seat"], 1);
    assert!(import["page"].as_str().unwrap().contains("/organizations/org_1/resyncs/rsn_"));
    let result = get(&server, &key, &format!("{id}/result"));
    assert_eq!(result.header("content-type"), Some("text/csv; charset=utf-8"));
    let lines: Vec<&str> = result.body.lines().collect();
    assert_eq!(
        lines,
        [
            "line,external_id,email,user_id,change,no_free_seat,outcome,column,reason",
            "2,e-1,ada@acme.test,email:ada@acme.test,created,yes,blocked,,",
            "3,,person.1@customer.test,,left_to_directory,no,,,",
            "4,,,,refused,no,,email,This is no e-mail address.",
        ]
    );
}

/// A program without a person at the dashboard.
#[test]
fn a_program_confirms_its_plan_or_cancels_it() {
    let server = started();
    let key = key(&server, &["--scope", "import", "--organization", "org_1"]);
    let id = |sent: &Answer| value(sent)["id"].as_str().unwrap().to_owned();
    let six =
        "email\na@acme.test\nb@acme.test\nc@acme.test\nd@acme.test\ne@acme.test\nf@acme.test\n";
    ended(&server, &key, &id(&send(&server, &key, ("", CSV), six)));
    let whole = || send(&server, &key, ("?whole=true", CSV), "email\na@acme.test\n");
    let post = |id: &str, verb: &str, headers: &str, body: &str| {
        let what = format!("POST /organizations/org_1/imports/{id}/{verb}");
        call_with(&server, &what, &key, (headers, body))
    };

    let first = id(&whole());
    let plan = ended(&server, &key, &first);
    assert_eq!((&plan["state"], &plan["removed"]), (&json!("waiting"), &json!(5)), "{plan}");
    assert_eq!(plan["people_to_confirm"], 5);
    assert_eq!(plan["warning"], "It takes away more people than usual.");
    let cancelled = post(&first, "cancel", "", "{}");
    assert_eq!((cancelled.status, &value(&cancelled)["state"]), (200, &json!("cancelled")));
    assert_eq!(code(&post(&first, "cancel", "", "{}")), (409, "resync-over".to_owned()));
    let over = post(&first, "confirm", "", r#"{"people":5}"#);
    assert_eq!(code(&over), (409, "plan-not-open".to_owned()));

    let second = id(&whole());
    ended(&server, &key, &second);
    for wrong in ["{}", r#"{"people":4}"#] {
        let refused = post(&second, "confirm", "", wrong);
        assert_eq!(code(&refused), (422, "people".to_owned()), "{wrong}");
        assert_eq!(value(&refused)["field"], "people");
    }
    let name = "idempotency-key: confirm-1\r\n";
    let confirmed = post(&second, "confirm", name, r#"{"people":5}"#);
    assert_eq!(confirmed.status, 202, "{confirmed:?}");
    let again = post(&second, "confirm", name, r#"{"people":5}"#);
    assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")));
    let done = ended(&server, &key, &second);
    assert_eq!((&done["state"], &done["applied"]), (&json!("done"), &json!(5)), "{done}");
    let log = on_the_command_line(&server, &sqlite(&server), &["audit"]);
    for verb in ["confirm", "cancel"] {
        let by_key = |line: &&str| line.contains("Billing") && line.contains(verb);
        assert_eq!(log.lines().filter(by_key).count(), 1, "{verb}: {log}");
    }
}

#[test]
fn a_result_may_be_compressed() {
    let server = started();
    let key = key(&server, &["--scope", "import"]);
    let sent = send(&server, &key, ("", CSV), "email\nada@acme.test\n");
    let id = value(&sent)["id"].as_str().unwrap().to_owned();
    ended(&server, &key, &id);

    let headers = format!("authorization: Bearer {key}\r\naccept-encoding: gzip\r\n");
    let what = format!("GET /api/v1/organizations/org_1/imports/{id}/result");
    let result = server.ask(&what, &headers, "");

    assert_eq!((result.status, result.header("content-encoding")), (200, Some("gzip")));
    assert!(!result.body.is_empty() && !server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_file_that_is_sent_twice_under_one_name_is_imported_once() {
    let server = started();
    let key = key(&server, &["--scope", "import"]);
    let ndjson = "content-type: application/x-ndjson\r\nidempotency-key: monday\r\n";
    let file = "{\"email\":\"ada@acme.test\"}\n";

    let first = send(&server, &key, ("", ndjson), file);
    let again = send(&server, &key, ("", ndjson), file);

    assert_eq!((first.status, again.status), (202, 202), "{first:?} {again:?}");
    assert_eq!(value(&first)["id"], value(&again)["id"]);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = send(&server, &key, ("", ndjson), "{\"email\":\"bob@acme.test\"}\n");
    assert_eq!((other.status, &value(&other)["code"]), (422, &json!("idempotency-key-reused")));
    ended(&server, &key, value(&first)["id"].as_str().unwrap());
    let dry = send(&server, &key, ("?dry_run=true&whole=true", CSV), "email\nada@acme.test\n");
    let dry = ended(&server, &key, value(&dry)["id"].as_str().unwrap());
    assert_eq!(
        (&dry["dry_run"], &dry["whole"], &dry["created"]),
        (&json!(true), &json!(true), &json!(0))
    );
}

#[test]
fn a_file_that_cannot_be_taken_is_refused_with_a_code() {
    let server = started();
    let key = key(&server, &["--scope", "import"]);
    let json = "content-type: application/json\r\n";
    for (how, file, expected) in [
        (("", CSV), "", (422, "import-empty")),
        (("", CSV), "name\nAda\n", (422, "import-no-emails")),
        (("", CSV), "email,colour\n", (422, "import-column")),
        (("", CSV), "email\n\"a\n", (422, "import-quote")),
        (("", json), "{}", (415, "content-type")),
        (("?whole=yes", CSV), "email\n", (400, "bad-parameter")),
        (("?all=true", CSV), "email\n", (400, "unknown-parameter")),
    ] {
        let refused = send(&server, &key, how, file);
        let code = value(&refused)["code"].as_str().unwrap().to_owned();
        assert_eq!((refused.status, code.as_str()), expected, "{how:?} {file}");
    }
    let long = format!("email\n{}\n", "x".repeat(20_000));
    let refused = send(&server, &key, ("", CSV), &long);
    assert_eq!(value(&refused)["code"], "import-line-too-long");
}
