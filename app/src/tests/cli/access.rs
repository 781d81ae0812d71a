//! `seatkeeper access`.

use serde_json::Value;

use crate::support::Workspace;

#[test]
fn the_exit_code_says_whether_a_person_is_allowed_in() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    workspace.joined(2);

    for (user, code, says) in [
        ("diruser_1", 0, ""),
        ("PERSON.1@acme.test", 0, ""),
        ("person.2@acme.test", 1, "number 1 on the waitlist"),
        ("diruser_9", 2, "org_1 has no person “diruser_9”."),
    ] {
        let (seen, out, said) = workspace.run(&["access", "org_1", user]);
        assert_eq!((seen, &*out), (code, ""), "{user}: {said}");
        assert!(said.contains(says), "{user}: {said}");
    }
    assert_eq!(workspace.run(&["access", "org_9", "diruser_1"]).0, 2);

    let (code, out, says) = workspace.run(&["access", "org_1", "diruser_2", "--json"]);
    assert_eq!(code, 1, "{says}");
    let access: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&access["allowed"], &access["state"]), (&false.into(), &"blocked".into()));
    assert_eq!((&access["position"], &access["user"]), (&1.into(), &"diruser_2".into()));
}
