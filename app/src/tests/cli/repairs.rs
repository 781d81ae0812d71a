//! `seatkeeper replay` and `seatkeeper resync` when they are refused.

use crate::support::Workspace;

#[test]
fn a_replay_of_nothing_is_no_failure_and_of_an_unknown_delivery_makes_no_sense() {
    let workspace = Workspace::new();
    workspace.run(&["migrate"]);

    assert_eq!(workspace.run(&["replay", "--all"]).0, 0);
    let (code, out, says) = workspace.run(&["replay", "dlv_unknown"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(says.contains("no delivery dlv_unknown"), "{says}");
    let (code, _, says) = workspace.run(&["replay", "--all", "--type", "bogus"]);
    assert!(
        code == 2
            && says.contains("no type “bogus”")
            && says.contains("organization.directory.user_created"),
        "{says}"
    );
    assert_eq!(
        workspace.run(&["replay", "--all", "--type", "organization.directory.user_created"]).0,
        0
    );
    let (code, _, says) = workspace.run(&["replay"]);
    assert!(code == 2 && says.contains("replay --all"), "{says}");
    assert_eq!(workspace.run(&["replay", "dlv_1", "--all"]).0, 2);
    assert_eq!(workspace.run(&["replay", "--organization", "org_1"]).0, 2);
}

#[test]
fn a_resync_without_credentials_is_refused() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme"]);

    let (code, out, says) = workspace.run(&["resync", "org_1", "--json"]);

    assert_eq!((code, out.as_str()), (2, ""));
    assert!(says.contains("no credentials"), "{says}");
}
