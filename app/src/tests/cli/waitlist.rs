//! `seatkeeper waitlist`.

use serde_json::Value;

use crate::support::Workspace;

/// One seat; the first of four people has it.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    workspace.joined(4);
    workspace
}

fn waiting(workspace: &Workspace) -> Vec<String> {
    let (code, out, says) = workspace.run(&["waitlist", "list", "org_1", "--json"]);
    assert_eq!(code, 0, "{says}");
    let people: Vec<Value> = serde_json::from_str(&out).unwrap();
    people.iter().map(|person| person["user"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_waitlist_is_printed_in_its_order() {
    let workspace = workspace();

    let (code, out, _) = workspace.run(&["waitlist", "list", "org_1", "--json"]);

    let people: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!((code, people.len()), (0, 3));
    let first = &people[0];
    assert_eq!(first["position"], 1);
    assert_eq!(first["user"], "diruser_2");
    assert_eq!(first["name"], Value::Null);
    assert_eq!(first["email"], "person.2@acme.test");
    assert!(first["since"].as_str().unwrap().ends_with('Z'));
    assert_eq!(first["why"], "No seat was free: the plan has 1 seat, all taken.");

    let (_, out, _) = workspace.run(&["waitlist", "list", "org_1"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3, "{out}");
    assert!(lines[2].starts_with("3  person.4@acme.test  diruser_4  since 20"), "{out}");
}

#[test]
fn a_person_is_moved_dismissed_and_back() {
    let workspace = workspace();
    let note = ["--note", "agreed with them"];

    let moved = [&["waitlist", "move", "org_1", "diruser_4", "1"][..], &note].concat();
    let (code, out, says) = workspace.run(&moved);
    assert_eq!((code, out.as_str()), (0, ""), "{says}");
    assert_eq!(waiting(&workspace), ["diruser_4", "diruser_2", "diruser_3"]);

    let (code, _, says) = workspace.run(&["waitlist", "dismiss", "org_1", "diruser_1"]);
    assert_eq!(code, 0, "{says}");
    assert!(says.contains("1 other person got in."), "{says}");
    assert_eq!(waiting(&workspace), ["diruser_2", "diruser_3"]);

    let (code, _, says) = workspace.run(&["waitlist", "undo", "org_1", "diruser_1"]);
    assert_eq!(code, 0, "{says}");
    assert_eq!(waiting(&workspace), ["diruser_2", "diruser_3", "diruser_1"]);

    let (_, out, _) = workspace.run(&["audit", "--json"]);
    let entries: Vec<Value> = serde_json::from_str(&out).unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..3], ["undo_dismissal", "dismiss_person", "move_person"]);
    assert_eq!(entries[2]["reason"], "agreed with them");
    assert_eq!(entries[2]["target_id"], "diruser_4");
}

#[test]
fn a_refusal_says_why_and_changes_nothing() {
    let workspace = workspace();

    for (arguments, why) in [
        (["admit", "org_1", "diruser_2"].as_slice(), "All seats are taken."),
        (&["undo", "org_1", "diruser_2"], "This person was not dismissed."),
        (&["move", "org_1", "diruser_2", "4"], "a number from 1 to 3"),
        (&["move", "org_1", "diruser_1", "1"], "not waiting for a seat"),
        (&["dismiss", "org_1", "diruser_9"], "There is no person diruser_9"),
        (&["dismiss", "org_2", "diruser_1"], "There is no such organization."),
        (&["list", "org_2"], "There is no such organization."),
    ] {
        let (code, out, says) = workspace.run(&[&["waitlist"], arguments].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {says}");
        assert!(says.contains(why), "{arguments:?}: {says}");
    }
    assert_eq!(waiting(&workspace), ["diruser_2", "diruser_3", "diruser_4"]);
}
