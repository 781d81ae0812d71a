//! `seatkeeper status` as scripts read it.

use serde_json::{Value, json};

use crate::support::{Workspace, result};

#[test]
fn status_is_json_and_nothing_else() {
    let workspace = Workspace::new();
    workspace.run(&["migrate"]);
    assert_eq!(workspace.run(&["status", "--json"]).1.trim(), "[]");

    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "50"]);
    workspace.run(&["organization", "add", "org_2", "--name", "Borealis"]);
    workspace.run(&["organization", "add", "org_3", "--name", "Cobalt", "--limit", "unlimited"]);

    let (code, out, _) = workspace.run(&["status", "--json"]);
    let row = |id: &str, name: &str, limit: Value| {
        let policy = "first-come";
        json!({"organization_id": id, "name": name, "seat_limit": limit, "used": 0, "waiting": 0, "policy": policy})
    };
    let expected = json!([
        row("org_1", "Acme", json!(50)),
        row("org_2", "Borealis", Value::Null),
        row("org_3", "Cobalt", json!("unlimited"))
    ]);
    assert_eq!((code, serde_json::from_str::<Value>(&out).unwrap()), (0, expected));
}

#[test]
fn the_numbers_of_people_are_json_and_nothing_else_however_much_is_logged() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "2"]);
    workspace.joined(3);

    let output =
        workspace.command(&["status", "--json"]).env("RUST_LOG", "debug").output().unwrap();
    let (code, out, says) = result(&output);

    let row = json!([{"organization_id": "org_1", "name": "Acme", "seat_limit": 2, "used": 2, "waiting": 1, "policy": "first-come"}]);
    assert_eq!((code, serde_json::from_str::<Value>(&out).unwrap()), (0, row));
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(says.contains("DEBUG"), "there was something to log: {says}");
}

#[test]
fn a_check_that_finds_nothing_ends_well() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);

    assert_eq!(workspace.run(&["status", "--check"]).0, 0);
}

#[test]
fn a_check_after_a_row_was_changed_by_hand_fails_and_says_what_does_not_hold() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "2"]);
    workspace.joined(3);
    assert_eq!(workspace.run(&["status", "--check"]).0, 0);

    workspace.tamper("update organizations set used = 1 where id = 'org_1'");
    let (code, out, says) = workspace.run(&["status", "--check"]);

    assert_eq!((code, out.as_str()), (1, ""));
    let broken: Vec<_> = says.lines().filter(|line| line.starts_with("seatkeeper: ")).collect();
    assert_eq!(
        broken,
        [
            "seatkeeper: org_1: the stored counts are 1 used and 1 waiting, its people say 2 and 1",
            "seatkeeper: org_1: a seat is free and a person waits, although the waitlist is admitted automatically",
        ]
    );
    assert!(!says.contains("Every invariant holds"), "{says}");
}
