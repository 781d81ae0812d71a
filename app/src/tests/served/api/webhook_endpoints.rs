//! Endpoints of outgoing webhooks over HTTP.

use serde_json::{Value, json};

use super::{bare, call, call_with, code, key, started, value};

const THERE: &str = r#"{"url":"https://product.example/events?token=a"}"#;

#[test]
fn a_program_adds_an_endpoint_and_gets_its_secret_once() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    let body = r#"{"url":"https://product.example/events","note":" Seats ","organization_id":"org_1","types":["seat.released","seat.admitted","seat.released"]}"#;
    let add = || {
        let header = "idempotency-key: add-1\r\n";
        call_with(&server, "POST /webhook-endpoints", &write, (header, body))
    };

    let added = add();

    assert_eq!(added.status, 201, "{added:?}");
    let mut endpoint = value(&added);
    let secret = endpoint.as_object_mut().unwrap().remove("secret").unwrap();
    assert!(secret.as_str().unwrap().starts_with("whsec_"), "{secret}");
    assert_eq!((&endpoint["note"], &endpoint["state"]), (&json!("Seats"), &json!("enabled")));
    assert_eq!(endpoint["types"], json!(["seat.admitted", "seat.released"]));
    assert_eq!(endpoint["created_by"], "API key Billing");
    assert_eq!(add().body, added.body, "the same call again adds no second one");
    let id = endpoint["id"].as_str().unwrap();
    let read = key(&server, &["--scope", "read"]);
    let shown = |key| value(&call(&server, &format!("GET /webhook-endpoints/{id}"), key, ""));
    assert_eq!(shown(&write), endpoint, "the secret is not there any more");
    let host_alone = json!("https://product.example/…");
    assert_eq!(shown(&read)["url"], host_alone);
    let rotated =
        call(&server, &format!("POST /webhook-endpoints/{id}/rotate-secret"), &write, "{}");
    assert_eq!((rotated.status, &value(&rotated)["id"]), (200, &endpoint["id"]));
    assert_ne!(value(&rotated)["secret"], secret);

    assert_eq!(call(&server, "POST /webhook-endpoints", &write, THERE).status, 201);
    let list_of = |key, query: &str| {
        value(&call(&server, &format!("GET /webhook-endpoints{query}"), key, ""))
    };
    let list = |query: &str| list_of(&write, query);
    let urls = |part: &Value| -> Vec<String> {
        let items = part["items"].as_array().unwrap();
        items.iter().map(|item| item["url"].as_str().unwrap().to_owned()).collect()
    };
    let first = list("?limit=1");
    assert_eq!(urls(&first), ["https://product.example/events"]);
    let second = list(&format!("?cursor={}", first["next_cursor"].as_str().unwrap()));
    assert_eq!(urls(&second), ["https://product.example/events?token=a"]);
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(urls(&list_of(&read, "")), [host_alone.as_str().unwrap(); 2]);
}

#[test]
fn what_makes_no_endpoint_is_refused_with_its_member() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    let long = "n".repeat(201);

    for (body, said, member) in [
        (json!({"url": "http://product.example"}), "webhook-url", "url"),
        (json!({"url": "https://127.0.0.1/"}), "webhook-url", "url"),
        (json!({"url": "https://a.example", "note": long}), "endpoint-note", "note"),
        (json!({"url": "https://a.example", "types": ["seat.sold"]}), "event-type", "types"),
        (
            json!({"url": "https://a.example", "organization_id": "org_404"}),
            "organization-unknown",
            "organization_id",
        ),
    ] {
        let answer = call(&server, "POST /webhook-endpoints", &write, &body.to_string());
        assert_eq!(code(&answer), (422, said.to_owned()), "{body}");
        assert_eq!(value(&answer)["field"], member, "{body}");
    }
    for body in ["{}", r#"{"url":1}"#, r#"{"url":"https://a.example","on":true}"#] {
        assert_eq!(code(&call(&server, "POST /webhook-endpoints", &write, body)).0, 400, "{body}");
    }
    let nul = r#"{"url":"https://a.example","note":"\u0000"}"#;
    assert_eq!(code(&call(&server, "POST /webhook-endpoints", &write, nul)).0, 400);
    let none = value(&call(&server, "GET /webhook-endpoints", &write, ""));
    assert_eq!(none, json!({"items": [], "next_cursor": null}));
}

#[test]
fn an_endpoint_is_changed_tested_and_removed() {
    let server = started();
    let write = key(&server, &["--scope", "write"]);
    let id = value(&call(&server, "POST /webhook-endpoints", &write, THERE))["id"].clone();
    let at = format!("/webhook-endpoints/{}", id.as_str().unwrap());
    let change = |body: &str| call(&server, &format!("PATCH {at}"), &write, body);
    let post = |rest: &str, body: &str| call(&server, &format!("POST {at}/{rest}"), &write, body);

    let changed = value(&change(r#"{"note":"New","types":["seat.admitted"],"state":"disabled"}"#));
    assert_eq!((&changed["note"], &changed["state"]), (&json!("New"), &json!("disabled")));
    assert_eq!(changed["types"], json!(["seat.admitted"]));
    assert_eq!(changed["url"], "https://product.example/events?token=a", "it stays");
    assert_eq!(value(&change("{}")), changed);
    assert_eq!(code(&change(r#"{"url":"ftp://a.example"}"#)), (422, "webhook-url".to_owned()));
    assert_eq!(code(&change(r#"{"state":"failing"}"#)), (400, "bad-body".to_owned()));
    assert_eq!(code(&post("test", "{}")), (409, "endpoint-disabled".to_owned()));
    assert_eq!(value(&change(r#"{"state":"enabled","types":[]}"#))["types"], json!([]));

    let test = post("test", "{}");
    assert_eq!(test.status, 202, "{test:?}");
    let log = value(&call(&server, &format!("GET {at}/deliveries?limit=1"), &write, ""));
    assert_eq!((&log["items"][0]["type"], &log["next_cursor"]), (&json!("test"), &Value::Null));
    let event = value(&test)["event_id"].clone();
    assert_eq!(log["items"][0]["event_id"], event);
    let again = post(&format!("deliveries/{}/resend", event.as_str().unwrap()), "{}");
    assert_eq!((again.status, &value(&again)["event_id"]), (202, &event));
    assert_eq!(code(&post("deliveries/oev_404/resend", "{}")), (404, "not-found".to_owned()));
    let since = post("recover", r#"{"since":"2026-01-01T00:00:00Z"}"#);
    assert_eq!((since.status, value(&since)), (202, json!({"sending": true})));
    let future = post("recover", r#"{"since":"2126-01-01T00:00:00Z"}"#);
    assert_eq!(value(&future), json!({"sending": false}));
    let never = post("recover", r#"{"since":"yesterday"}"#);
    assert_eq!(
        (code(&never), &value(&never)["field"]),
        ((422, "time".to_owned()), &json!("since"))
    );

    let of_organization = key(&server, &["--scope", "write", "--organization", "org_1"]);
    let theirs = call(&server, &format!("GET {at}"), &of_organization, "");
    let missing = call(&server, "GET /webhook-endpoints/wep_404", &of_organization, "");
    assert_eq!((code(&theirs).1, bare(theirs)), ("installation-only".to_owned(), bare(missing)));
    let removed = call(&server, &format!("DELETE {at}"), &write, "");
    assert_eq!((removed.status, &*removed.body), (204, ""));
    for what in [format!("GET {at}"), format!("DELETE {at}"), format!("GET {at}/deliveries")] {
        assert_eq!(code(&call(&server, &what, &write, "")).0, 404, "{what}");
    }
}
