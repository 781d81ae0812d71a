//! `seatkeeper webhook-endpoint`.

use serde_json::Value;

use crate::support::Workspace;

const URL: &str = "https://product.example/events?token=t1";

#[test]
fn an_endpoint_is_added_listed_changed_and_removed() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "5"]);
    let endpoint = |more: &[&str]| workspace.run(&[&["webhook-endpoint"], more].concat());

    let (code, secret, says) = endpoint(&[
        "add",
        URL,
        "--organization",
        "org_1",
        "--event",
        "seat.admitted",
        "--event",
        "seat.released",
        "--note",
        "Staging",
    ]);
    assert_eq!(code, 0, "{says}");
    assert!(secret.starts_with("whsec_") && secret.trim_end().len() == 50, "{secret}");
    assert!(!says.contains(secret.trim_end()), "{says}");
    let list = || -> Value { serde_json::from_str(&endpoint(&["list", "--json"]).1).unwrap() };
    let listed = list();
    assert_eq!((&listed[0]["url"], &listed[0]["note"]), (&URL.into(), &"Staging".into()));
    assert_eq!(listed[0]["types"], serde_json::json!(["seat.admitted", "seat.released"]));
    assert_eq!(
        (&listed[0]["organization_id"], &listed[0]["state"]),
        (&"org_1".into(), &"enabled".into())
    );
    let line = endpoint(&["list"]).1;
    assert!(line.contains("org_1  seat.admitted,seat.released  Staging"), "{line}");

    let id = listed[0]["id"].as_str().unwrap().to_owned();
    let (code, new, _) = endpoint(&["rotate", &id]);
    assert!(code == 0 && new.starts_with("whsec_") && new != secret, "{new}");
    let test = endpoint(&["test", &id]);
    assert!(test.0 == 0 && test.2.contains("oev_"), "{test:?}");
    let deliveries: Value =
        serde_json::from_str(&endpoint(&["deliveries", &id, "--json"]).1).unwrap();
    assert_eq!(
        (&deliveries[0]["type"], &deliveries[0]["state"]),
        (&"test".into(), &"waiting".into())
    );
    let event = deliveries[0]["event_id"].as_str().unwrap();
    assert_eq!(endpoint(&["resend", &id, event]).0, 0);
    let none = endpoint(&["resend", &id, "--since", "2026-01-01T00:00:00Z"]);
    assert!(none.0 == 0 && none.2.contains("There is no event since then"), "{none:?}");
    assert!(endpoint(&["disable", &id]).2.contains("is disabled"));
    let refused = endpoint(&["test", &id]);
    assert!(refused.0 == 2 && refused.2.contains("Enable it first"), "{refused:?}");
    assert!(endpoint(&["enable", &id]).2.contains("is enabled"));
    assert_eq!(endpoint(&["remove", &id]).0, 0);
    assert_eq!(list(), Value::Array(vec![]));
    let unknown = endpoint(&["remove", &id]);
    assert!(unknown.0 == 2 && unknown.2.contains("is no endpoint"), "{unknown:?}");
}

#[test]
fn what_makes_no_endpoint_is_refused() {
    let workspace = Workspace::new();
    workspace.run(&["migrate"]);
    for (arguments, why) in [
        (&["http://product.example/events"][..], "an https address"),
        (&["https://127.0.0.1/events"], "an https address"),
        (&[URL, "--event", "seat.taken"], "is no type of event"),
        (&[URL, "--organization", "org 1"], "org 1"),
        (&[URL, "--organization", "org_404"], "There is no such organization"),
    ] {
        let (code, out, says) = workspace.run(&[&["webhook-endpoint", "add"], arguments].concat());
        assert!(code == 2 && out.is_empty() && says.contains(why), "{arguments:?}: {says}");
    }
}
