//! `seatkeeper proposal list`.

use serde_json::Value;

use crate::support::Workspace;

#[test]
fn proposals_are_printed_for_people_and_for_scripts() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "50"]);
    let (code, out, says) = workspace.run(&["proposal", "list"]);
    assert_eq!((code, out.as_str(), says.as_str()), (0, "", "No proposal waits.\n"));
    workspace.tamper(
        "insert into limit_proposals (organization_id, id, state, before_value, limit_version, \
            limit_kind, limit_seats, reason, text, proposed_by, account_id, proposed_at, expires_at) \
         values ('org_1', 'lpr_0', 'open', '50 seats', 1, 'seats', 500, 'Contract.', '', 'Sam', \
            'acc_1', 1, 1999999999000000000)",
    );

    let (code, out, _) = workspace.run(&["proposal", "list"]);
    assert_eq!(code, 0);
    let line = "1970-01-01T00:00:00.000000001Z  lpr_0  org_1  50 seats -> 500  Sam: Contract.\n";
    assert_eq!(out, line);
    let (_, out, _) = workspace.run(&["proposal", "list", "--json"]);
    let proposals: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!([&proposals[0]["from"], &proposals[0]["to"]], ["50 seats", "500"]);
    assert_eq!(proposals[0]["until"], Value::Null);
}

#[test]
fn the_command_line_needs_no_second_person_and_the_audit_log_says_so() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "50"]);
    workspace.run(&["setting", "set", "approval_above", "100"]);

    let urgent = ["organization", "set-limit", "org_1", "500", "--reason", "No colleague is awake"];
    let (code, _, says) = workspace.run(&urgent);

    assert_eq!(code, 0, "{says}");
    let (_, log, _) = workspace.run(&["audit", "--json"]);
    assert!(log.contains("\"skip_approval\""), "{log}");
}
