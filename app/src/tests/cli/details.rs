//! `seatkeeper organization rename`, `external-id`, `manager`, `note`, `archive` and `restore`.

use serde_json::Value;

use crate::support::Workspace;

/// An organization, and the exit code and the last line of `organization …` about it.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    let add = [
        "organization",
        "add",
        "org_1",
        "--name",
        "Acme",
        "--external-id",
        "crm-1",
        "--limit",
        "2",
    ];
    assert_eq!(workspace.run(&add).0, 0);
    workspace
}

fn organization(workspace: &Workspace, arguments: &[&str]) -> (i32, String) {
    let (code, _, says) = workspace.run(&[&["organization"], arguments].concat());
    (code, says.lines().last().unwrap_or_default().to_owned())
}

/// The audit log as `action before → after (reason)`, the oldest entry first.
fn log(workspace: &Workspace) -> Vec<String> {
    let entries: Vec<Value> = serde_json::from_str(&workspace.run(&["audit", "--json"]).1).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("–").to_owned();
    let line = |entry: &Value| {
        let [before, after, reason] = ["before", "after", "reason"].map(|name| text(&entry[name]));
        format!("{} {before} → {after} ({reason})", text(&entry["action"]))
    };
    entries.iter().rev().map(line).collect()
}

#[test]
fn the_details_of_an_organization_are_set_and_kept_in_the_log() {
    let workspace = workspace();
    let create = [
        "account",
        "create",
        "--email",
        "kim@seats.test",
        "--name",
        "Kim Park",
        "--role",
        "staff",
        "--password-stdin",
    ];
    assert_eq!(workspace.run_with_input(&create, "correct horse battery").0, 0);
    let says = |arguments: &[&str]| organization(&workspace, arguments);

    for (arguments, sentence) in [
        (["rename", "org_1", "Acme East"], "org_1 is called “Acme East” now."),
        (["rename", "org_1", "Acme East"], "org_1 is called “Acme East” already."),
        (["external-id", "org_1", "crm-2"], "org_1 has the external id crm-2 now."),
        (["external-id", "org_1", "none"], "org_1 has no external id now."),
        (
            ["manager", "org_1", "Kim@seats.test"],
            "Kim@seats.test is the account manager of org_1 now.",
        ),
        (["manager", "org_1", "none"], "org_1 has no account manager now."),
        (["manager", "org_1", "none"], "org_1 has no account manager already."),
    ] {
        assert_eq!(says(&arguments), (0, sentence.to_owned()));
    }

    let log = log(&workspace);
    assert_eq!(
        log.iter().filter(|line| !line.starts_with("create_account")).collect::<Vec<_>>(),
        [
            "add_organization – → 2 seats, external id crm-1 (–)",
            "rename_organization Acme → Acme East (–)",
            "set_external_id crm-1 → crm-2 (–)",
            "set_external_id crm-2 → – (–)",
            "set_account_manager – → Kim Park (–)",
            "set_account_manager Kim Park → – (–)",
        ]
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing() {
    let workspace = workspace();
    let create = [
        "account",
        "create",
        "--email",
        "ada@acme.test",
        "--name",
        "Ada",
        "--role",
        "tenant-admin",
        "--organization",
        "org_1",
        "--password-stdin",
    ];
    assert_eq!(workspace.run_with_input(&create, "correct horse battery").0, 0);
    let before = log(&workspace);
    let long = "x".repeat(201);

    for (arguments, sentence) in [
        (&["add", "Acme", "--name", "Acme"][..], "looks like org_12345; “Acme” does not"),
        (&["add", "org_1", "--name", "Acme"], "There is an organization org_1 already."),
        (&["add", "org_2", "--name", " "], "A name has 1 to 200 characters."),
        (&["rename", "org_1", ""], "A name has 1 to 200 characters."),
        (&["rename", "org_1", &long], "A name has 1 to 200 characters."),
        (&["rename", "org_404", "Acme"], "There is no such organization."),
        (&["external-id", "org_1", &long], "An external id has at most 200 characters"),
        (&["manager", "org_1", "noor@seats.test"], "There is no account for noor@seats.test."),
        (
            &["manager", "org_1", "ada@acme.test"],
            "An account manager is a staff account that can sign in.",
        ),
        (
            &["archive", "org_1", "--reason", " "],
            "Say in a few words why the organization is archived",
        ),
        (&["archive", "org_404", "--reason", "x"], "There is no such organization."),
        (&["restore", "org_1"], "This organization is not archived."),
        (&["note", "org_404"], "There is no such organization."),
    ] {
        let (code, says) = organization(&workspace, arguments);
        assert!(code == 2 && says.contains(sentence), "{arguments:?}: {code} {says}");
    }
    assert_eq!(log(&workspace), before);
}

#[test]
fn an_organization_is_archived_and_restored() {
    let workspace = workspace();
    workspace.joined(3);
    let archive = ["archive", "org_1", "--reason", "The contract ended"];

    let says = organization(&workspace, &archive);
    let sentence = "org_1 is archived: 2 people lost their seats, 1 person stopped waiting.";
    assert_eq!(says, (0, sentence.to_owned()));
    let (code, again) = organization(&workspace, &archive);
    assert!(code == 2 && again.contains("This organization is archived"), "{again}");
    assert!(workspace.run(&["status", "--json"]).1.contains(r#""used":0"#));

    let (code, says) = organization(&workspace, &["restore", "org_1"]);
    assert!(code == 0 && says.starts_with("org_1 is restored, with no seat limit yet."), "{says}");
    assert_eq!(workspace.run(&["status", "--check"]).0, 0);
    assert_eq!(
        log(&workspace)[1..],
        [
            "archive_organization All 2 seats taken, 1 waiting → – (The contract ended)",
            "restore_organization – → No seat limit set yet, 0 seats taken, 0 waiting (–)",
        ]
    );
}

#[test]
fn notes_are_set_and_printed() {
    let workspace = workspace();
    let printed = || workspace.run(&["organization", "note", "org_1"]).1;
    let set = |notes: &str| organization(&workspace, &["note", "org_1", notes]);
    assert_eq!(printed(), "");

    assert_eq!(
        set("Ask for Noor.\nRenewal in \u{202e}March."),
        (0, "The notes about org_1 were changed.".to_owned())
    );
    assert_eq!(printed(), "Ask for Noor.\nRenewal in \\u202eMarch.\n");
    assert_eq!(set("none"), (0, "The notes about org_1 were changed.".to_owned()));
    assert_eq!(set("none"), (0, "The notes about org_1 are the same already.".to_owned()));
    assert_eq!(printed(), "");
    let (code, says) = set(&"x".repeat(4_001));
    assert!(code == 2 && says.contains("Notes have at most 4,000 characters."), "{says}");
}

#[test]
fn single_sign_on_is_neither_required_nor_given_up_before_a_provider_is_set() {
    let workspace = workspace();

    for word in ["on", "off"] {
        let (code, says) = organization(&workspace, &["sso", "org_1", word]);
        assert_eq!(code, 2);
        assert!(says.contains("No identity provider is set for this organization."), "{says}");
    }
}
