//! `seatkeeper audit`.

use std::process::Stdio;

use serde_json::Value;

use crate::support::{Workspace, result};

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    for (id, name) in [("org_1", "Acme"), ("org_2", "Borealis")] {
        workspace.run(&["organization", "add", id, "--name", name, "--limit", "5"]);
    }
    workspace.run(&["organization", "set-limit", "org_1", "7", "--reason", "Two more, as agreed"]);
    workspace
}

#[test]
fn what_was_done_is_printed_with_the_newest_first() {
    let workspace = workspace();

    let (code, out, _) = workspace.run(&["audit", "--json"]);

    let entries: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["set_seat_limit", "add_organization", "add_organization"]);
    let set = &entries[0];
    assert_eq!(set["organization_id"], "org_1");
    assert_eq!([&set["before"], &set["after"]], ["5 seats", "7 seats"]);
    assert_eq!(set["reason"], "Two more, as agreed");
    assert_eq!(set["outcome"], "done");
    assert!(set["actor"].as_str().unwrap().starts_with("command line ("), "{set}");
    assert_eq!([&set["actor_id"], &set["address"], &set["request_id"]], [&Value::Null; 3]);

    let (_, out, _) = workspace.run(&["audit", "--organization", "org_2"]);
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.contains("  Organization added  org_2  5 seats"), "{out}");
}

#[test]
fn an_organization_that_is_not_there_is_refused() {
    let workspace = workspace();

    for id in ["org_unknown", "", "a b"] {
        let (code, out, says) = workspace.run(&["audit", "--organization", id, "--json"]);
        assert_eq!((code, out.trim_start_matches('[').trim()), (2, ""), "{id:?}: {says}");
    }
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let workspace = workspace();

    for arguments in
        [["audit"].as_slice(), &["audit", "--json"], &["status"], &["status", "--json"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = workspace.command(arguments);
        let output = command.stdout(Stdio::from(writer)).stderr(Stdio::piped()).spawn().unwrap();
        let (code, _, says) = result(&output.wait_with_output().unwrap());

        assert_eq!(code, 0, "{arguments:?}: {says}");
        assert!(!says.contains("panicked"), "{arguments:?}: {says}");
    }
}
