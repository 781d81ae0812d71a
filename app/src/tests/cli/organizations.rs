//! `seatkeeper organization`.

use std::{process::Command, time::UNIX_EPOCH};

use domain::time::Timestamp;

use crate::support::{Workspace, result};

#[test]
fn limits_are_said_in_whole_sentences() {
    let workspace = Workspace::new();
    let says = |arguments: &[&str]| {
        workspace.run(arguments).2.lines().last().unwrap_or_default().to_owned()
    };

    assert_eq!(
        says(&["organization", "add", "org_2", "--name", "Borealis"]),
        "org_2 was added, with no seat limit yet."
    );
    let set = |limit| says(&["organization", "set-limit", "org_2", limit, "--reason", "because"]);
    assert_eq!(set("unlimited"), "org_2 has unlimited seats now.");
    assert_eq!(set("1"), "org_2 has 1 seat now.");
    assert_eq!(set("1"), "org_2 has 1 seat already.");
}

#[test]
fn an_unknown_organization_is_refused_and_changes_nothing() {
    let workspace = Workspace::new();
    workspace.run(&["migrate"]);

    let (code, out, says) =
        workspace.run(&["organization", "set-limit", "org_unknown", "5", "--reason", "because"]);

    assert_eq!((code, out.as_str()), (2, ""));
    assert!(says.contains("no such organization"), "{says}");
    assert_eq!(workspace.run(&["status", "--json"]).1.trim(), "[]");
}

#[test]
fn a_limit_is_set_with_a_reason_and_in_words_that_make_sense() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme"]);

    assert_eq!(
        workspace
            .run(&["organization", "set-limit", "org_1", "unlimited", "--reason", "Enterprise"])
            .0,
        0
    );
    let (code, _, says) =
        workspace.run(&["organization", "set-limit", "org_1", "many", "--reason", "x"]);
    assert_eq!(code, 2);
    assert!(says.contains("whole number"), "{says}");
    assert_eq!(workspace.run(&["organization", "set-limit", "org_1", "5", "--reason", " "]).0, 2);
    assert_eq!(workspace.run(&["organization", "add", "org_1", "--name", "Again"]).0, 2);
}

#[test]
fn the_user_of_a_command_is_named_whatever_a_variable_says() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme"]);
    let mut command =
        workspace.command(&["organization", "set-limit", "org_1", "2", "--reason", "because"]);
    let (code, _, says) =
        result(&command.env("USER", "mallory").env("LOGNAME", "mallory").output().unwrap());
    assert!(code == 0 && says.contains("org_1 has 2 seats now."), "{says}");

    let who = Command::new("id").arg("-un").output().unwrap();
    let who = format!("command line ({})", String::from_utf8(who.stdout).unwrap().trim());
    let file = std::fs::read(workspace.folder().join("data").join("seats.db")).unwrap();
    let wal =
        std::fs::read(workspace.folder().join("data").join("seats.db-wal")).unwrap_or_default();
    let holds = |bytes: &[u8]| bytes.windows(who.len()).any(|part| part == who.as_bytes());
    assert!(holds(&file) || holds(&wal), "no change by {who}");
}

#[test]
fn a_policy_is_set_with_a_reason_and_shown_in_the_status() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    let policy = |arguments: &[&str]| {
        let all = [&["organization", "policy", "org_1"], arguments, &["--reason", "because"]];
        let (code, _, says) = workspace.run(&all.concat());
        (code, says.lines().last().unwrap_or_default().to_owned())
    };

    let set = policy(&["groups", "dirgroup_2,dirgroup_1"]);
    assert_eq!(set, (0, "org_1 admits groups first: dirgroup_2, dirgroup_1 now.".to_owned()));
    let status = workspace.run(&["status", "--json"]).1;
    assert!(status.contains(r#""policy":"groups""#), "{status}");
    assert_eq!(policy(&["by-hand"]), (0, "org_1 admits by hand now.".to_owned()));
    assert_eq!(policy(&["by-hand"]), (0, "org_1 admits by hand already.".to_owned()));
    assert_eq!(
        policy(&["first-come"]),
        (0, "org_1 admits first come, first served now.".to_owned())
    );
    assert_eq!(workspace.run(&["status", "--check"]).0, 0);
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_and_changes_nothing() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme"]);

    for (arguments, sentence) in [
        (&["groups", "dirgroup_1,dirgroup_1", "--reason", "x"][..], "each of them once"),
        (&["groups", "dirgroup 1", "--reason", "x"], "“dirgroup 1” does not"),
        (&["by-hand", "--reason", " "], "why the policy changes"),
        (&["by-hand"], "--reason"),
    ] {
        let all = [&["organization", "policy", "org_1"], arguments].concat();
        let (code, _, says) = workspace.run(&all);
        assert!(code == 2 && says.contains(sentence), "{says}");
    }
    let unknown = ["organization", "policy", "org_2", "by-hand", "--reason", "x"];
    assert_eq!(workspace.run(&unknown).0, 2);
    assert!(workspace.run(&["status", "--json"]).1.contains(r#""policy":"first-come""#));
}

#[test]
fn an_organization_is_shown_as_it_was_at_a_moment() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "7"]);
    let since_1970 = UNIX_EPOCH.elapsed().unwrap();
    let now = Timestamp::from_nanos(i64::try_from(since_1970.as_nanos()).unwrap());
    let as_of = |time: &str, json: bool| {
        let json: &[&str] = if json { &["--json"] } else { &[] };
        workspace.run(&[&["organization", "as-of", "org_1", time], json].concat())
    };

    let (code, out, _) = as_of(&now.rfc3339(), true);
    assert_eq!(
        (code, out.as_str()),
        (0, "{\"used\":0,\"limit\":7,\"waiting\":[],\"holders\":[]}\n")
    );
    let (_, out, _) = as_of(&now.rfc3339(), false);
    assert_eq!(out, format!("{}: 0 of 7 seats taken, 7 free, 0 waiting\n", now.exact()));
    for (time, why) in [
        ("2001-01-01T00:00:00Z", "knows this organization since"),
        ("2200-01-01T00:00:00Z", "still to come"),
        ("yesterday", "looks like 2026-11-22T05:48:00Z"),
    ] {
        let (code, out, says) = as_of(time, true);
        assert!(code == 2 && out.is_empty() && says.contains(why), "{says}");
    }
    let unknown = workspace.run(&["organization", "as-of", "org_2", "2001-01-01T00:00:00Z"]);
    assert!(unknown.0 == 2 && unknown.2.contains("no such organization"), "{}", unknown.2);
}

#[test]
fn the_history_of_an_organization_is_told_with_its_forecast() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    workspace.joined(3);

    let (code, out, says) = workspace.run(&["history", "org_1", "--json"]);
    assert_eq!(code, 0, "{says}");
    let history: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&history["used"], &history["waiting"]), (&1.into(), &2.into()));
    assert_eq!(history["forecast"]["reason"], "full");
    assert_eq!(history["forecast"]["earliest"], serde_json::Value::Null);
    let day = history["days"].as_array().unwrap().last().unwrap();
    assert_eq!((&day["most_used"], &day["most_waiting"]), (&1.into(), &2.into()));

    let (_, out, _) = workspace.run(&["history", "org_1"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "All 1 seat taken, 2 waiting");
    assert_eq!(lines[1], "No forecast: every seat is taken.");
    assert!(
        lines[2].ends_with("at most 1 used, 2 waiting, 0 over; limit: 1 seat; 2 people blocked"),
        "{out}"
    );

    let (_, out, _) = workspace.run(&["export", "history", "org_1"]);
    let header = "day,used,seat_limit,waiting,most_used,most_waiting,most_over,blocked,admitted";
    assert_eq!(out.lines().next(), Some(header));
    assert!(out.lines().nth(1).unwrap().ends_with(",1,1,2,1,2,0,2,1"), "{out}");
    let (code, _, says) = workspace.run(&["history", "org_2"]);
    assert!(code == 2 && says.contains("no such organization"), "{says}");
}
