//! `seatkeeper person show` and `seatkeeper export people`.

use serde_json::Value;

use crate::support::Workspace;

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    workspace.joined(2);
    workspace
}

#[test]
fn a_person_is_shown_with_the_reason_and_the_history() {
    let workspace = workspace();

    let (code, out, says) = workspace.run(&["person", "show", "org_1", "diruser_2", "--json"]);

    assert_eq!(code, 0, "{says}");
    let person: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(person["organization_id"], "org_1");
    assert_eq!(person["state"], "blocked");
    assert_eq!(person["position"], 1);
    assert_eq!(
        person["why"],
        "Found no free seat, as the only seat was taken; is number 1 on the waitlist now and gets \
         in when a seat becomes free or the limit is raised to 2."
    );
    let history = person["history"].as_array().unwrap();
    assert_eq!(history.len(), 2, "{out}");
    assert_eq!(history[0]["why"], "No seat was free: the plan has 1 seat, all taken.");
    assert_eq!(history[1]["what"], "blocked");
    assert!(history[1]["id"].as_str().unwrap().starts_with("dlv_"), "{out}");

    let (code, out, _) = workspace.run(&["person", "show", "org_1", "Person.2@acme.test"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("person.2@acme.test\nFound no free seat"), "{out}");
    assert!(out.contains("\ndirectory-user id         diruser_2\n"), "{out}");
    assert!(out.contains("  decision  blocked  No seat was free"), "{out}");
}

#[test]
fn a_person_or_an_organization_that_is_not_there_is_refused_with_a_sentence() {
    let workspace = workspace();

    for (organization, user, sentence) in [
        ("org_1", "diruser_9", "org_1 has no person “diruser_9”"),
        ("org_1", "person.9@acme.test", "org_1 has no person “person.9@acme.test”"),
        ("org_1", "", "org_1 has no person"),
        ("org_9", "diruser_1", "There is no such organization."),
        ("org 9", "diruser_1", "org 9"),
    ] {
        for json in [&["--json"][..], &[]] {
            let show = [&["person", "show", organization, user], json].concat();
            let (code, out, says) = workspace.run(&show);
            assert_eq!((code, out.as_str()), (2, ""), "{show:?}: {says}");
            assert!(says.contains(sentence), "{show:?}: {says}");
        }
    }
}

#[test]
fn people_are_exported_as_csv() {
    let workspace = workspace();

    let (code, out, says) = workspace.run(&["export", "people", "org_1"]);

    assert_eq!(code, 0, "{says}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[0],
        "user_id,name,email,state,position,since,roles,directory_roles,groups,duplicate_email,attributes"
    );
    assert!(lines[1].starts_with("diruser_1,,person.1@acme.test,provisioned,,2"), "{out}");
    assert!(lines[2].starts_with("diruser_2,,person.2@acme.test,blocked,1,2"), "{out}");
    assert_eq!(lines.len(), 3);

    let (_, out, _) = workspace.run(&["export", "people", "org_1", "--state", "removed"]);
    assert_eq!(out.lines().count(), 1, "{out}");
    for arguments in
        [&["export", "people", "org_9"][..], &["export", "people", "org_1", "--state", "gone"]]
    {
        assert_eq!(workspace.run(arguments).0, 2, "{arguments:?}");
    }
}
