//! `seatkeeper alerts` and `seatkeeper outbox`.

use serde_json::Value;

use crate::support::Workspace;

/// One seat, for which two people wait; its admin is notified.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    let kim = ["--email", "kim@acme.test", "--name", "Kim", "--role", "tenant-admin"];
    let add =
        [&["account", "create", "--password-stdin"], kim.as_slice(), &["--organization", "org_1"]]
            .concat();
    let (code, _, says) = workspace.run_with_input(&add, "correct horse battery\n");
    assert_eq!(code, 0, "{says}");
    workspace.joined(3);
    workspace
}

fn json(workspace: &Workspace, arguments: &[&str]) -> Vec<Value> {
    let (code, out, says) = workspace.run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {says}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn open_alerts_are_printed_for_people_and_for_scripts() {
    let workspace = workspace();

    let alerts = json(&workspace, &["alerts", "--json"]);

    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["organization_id"], "org_1");
    assert_eq!([&alerts[0]["kind"], &alerts[0]["notice"]], ["seat_limit_reached", "sent"]);
    assert_eq!([&alerts[0]["target"], &alerts[0]["resolved_at"]], [&Value::Null; 2]);
    let (_, out, _) = workspace.run(&["alerts", "--organization", "org_1"]);
    assert!(out.ends_with("  People are waiting  org_1  open\n"), "{out}");

    workspace.run(&["organization", "set-limit", "org_1", "50", "--reason", "All of them"]);
    assert_eq!(json(&workspace, &["alerts", "--json"]), [] as [Value; 0]);
    let all = json(&workspace, &["alerts", "--all", "--json"]);
    assert!(all[0]["resolved_at"].is_string(), "{all:?}");
    let (_, csv, _) = workspace.run(&["export", "alerts"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "alert_id,organization_id,kind,target,opened_at,resolved_at,notice");
    assert!(lines[1].contains(",org_1,seat_limit_reached,,20"), "{csv}");
}

#[test]
fn the_outbox_is_printed_and_only_what_was_given_up_is_sent_again() {
    let workspace = workspace();

    let messages = json(&workspace, &["outbox", "--json"]);

    assert_eq!(messages.len(), 1);
    assert_eq!([&messages[0]["recipient"], &messages[0]["state"]], ["kim@acme.test", "waiting"]);
    assert_eq!([&messages[0]["channel"], &messages[0]["message"]], ["email", "seat_limit_reached"]);
    assert_eq!(json(&workspace, &["outbox", "--failed", "--json"]), [] as [Value; 0]);
    let id = messages[0]["id"].as_str().unwrap();
    for arguments in [&["outbox", "send-again", id], &["outbox", "send-again", "--all"]] {
        let (code, out, says) = workspace.run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(says.contains("No such message was given up"), "{says}");
    }
    for arguments in [
        ["outbox", "send-again"].as_slice(),
        &["outbox", "send-again", id, "--all"],
        &["outbox", "send-again", "a b"],
        &["alerts", "--organization", "org_9", "--json"],
        &["alerts", "--organization", "", "--json"],
    ] {
        assert_eq!(workspace.run(arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn a_slack_address_is_set_removed_and_never_printed_whole() {
    let workspace = workspace();
    let secret = "https://hooks.slack.com/services/T0/B0/secret";

    let (code, out, says) = workspace.run(&["organization", "slack", "org_1", secret]);
    assert_eq!((code, out.as_str()), (0, ""), "{says}");
    assert!(says.contains("posted to https://hooks.slack.com/… now") && !says.contains("secret"));
    let (_, out, _) = workspace.run(&["audit", "--json"]);
    assert!(out.contains("set_slack") && !out.contains("secret"), "{out}");

    for bad in ["http://hooks.slack.com/x", "https://10.0.0.1/x", "hooks"] {
        let (code, _, says) = workspace.run(&["organization", "slack", "org_1", bad]);
        assert_eq!(code, 2, "{bad}");
        assert!(says.contains("A Slack address is the https address"), "{says}");
    }
    let (code, _, says) = workspace.run(&["organization", "slack", "org_1", "none"]);
    assert!(code == 0 && says.contains("posted nowhere now"), "{says}");
    assert_eq!(workspace.run(&["organization", "slack", "org_9", secret]).0, 2);
}
