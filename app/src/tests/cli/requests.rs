//! `seatkeeper requests`: the list, and the answers of staff.

use serde_json::Value;

use crate::support::Workspace;

/// One seat, for which two people wait, and a request for two more.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    workspace.joined(3);
    asked(&workspace);
    workspace
}

fn asked(workspace: &Workspace) {
    workspace.tamper(
        "insert into seat_requests (organization_id, id, state, seats, reason, asked_by, \
            account_id, asked_at, changed_at, version) \
         values ('org_1', 'srq_' || (select count(*) from seat_requests), 'open', 2, \
            'We hire.', 'Kim Park', 'acc_1', 1, 1, 1)",
    );
}

fn json(workspace: &Workspace, arguments: &[&str]) -> Vec<Value> {
    let (code, out, says) = workspace.run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {says}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn requests_are_printed_for_people_and_for_scripts() {
    let workspace = workspace();

    let (code, out, says) = workspace.run(&["requests"]);
    assert_eq!((code, says.as_str()), (0, ""));
    assert_eq!(
        out,
        "1970-01-01T00:00:00.000000001Z  srq_0  org_1  2 more seats  open  Kim Park: We hire.\n"
    );
    let requests = json(&workspace, &["requests", "--organization", "org_1", "--json"]);
    assert_eq!([&requests[0]["id"], &requests[0]["state"]], ["srq_0", "open"]);
    assert_eq!(requests[0]["seats"], 2);
    let (_, csv, _) = workspace.run(&["export", "requests"]);
    assert!(csv.contains("srq_0,org_1,open,2,We hire.,Kim Park,1970"), "{csv}");
    assert_eq!(workspace.run(&["requests", "--organization", "org_9"]).0, 2);
}

#[test]
fn an_approval_admits_the_waitlist() {
    let workspace = workspace();

    let (code, out, says) = workspace.run(&["requests", "approve", "srq_0", "--text", "Welcome."]);

    assert_eq!((code, out.as_str()), (0, ""), "{says}");
    assert!(says.ends_with("Approved; 2 people got in.\n"), "{says}");
    assert_eq!(json(&workspace, &["requests", "--json"]), [] as [Value; 0]);
    let all = json(&workspace, &["requests", "--all", "--json"]);
    assert_eq!([&all[0]["id"], &all[0]["state"]], ["srq_0", "approved"]);
    let (code, _, says) = workspace.run(&["requests", "decline", "srq_0", "No."]);
    assert_eq!(code, 2);
    assert!(says.contains("answered or withdrawn already"), "{says}");
}

#[test]
fn a_question_and_a_decline_need_words_and_a_request() {
    let workspace = workspace();

    let (code, _, says) = workspace.run(&["requests", "ask", "srq_0", "From when on?"]);
    assert!(code == 0 && says.contains("Asked"), "{says}");
    for arguments in [
        ["requests", "ask", "srq_0", "And until when?"].as_slice(),
        &["requests", "decline", "srq_0", " "],
        &["requests", "decline", "srq_9", "No."],
        &["requests", "decline", "a b", "No."],
        &["requests", "approve", "srq_0", "--limit", "many"],
        &["requests", "approve", "srq_0", "--limit", "0"],
        &["requests", "decline", "srq_0"],
    ] {
        assert_eq!(workspace.run(arguments).0, 2, "{arguments:?}");
    }
    let (code, _, says) = workspace.run(&["requests", "decline", "srq_0", "No."]);
    assert!(code == 0 && says.contains("Declined"), "{says}");
    asked(&workspace);
    let (_, out, _) = workspace.run(&["requests"]);
    assert!(out.contains("  srq_1  "), "{out}");
}
