//! `seatkeeper export`, beside people and groups.

use crate::support::Workspace;

/// One seat, which the first of three people has.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "=Acme", "--limit", "1"]);
    workspace.run(&["organization", "add", "org_2", "--name", "Beta"]);
    workspace.joined(3);
    workspace.deliver(vec![
        r#"{"id":"evt_9","type":"organization.directory.user_updated","occurred_at":"2026-02-01T00:00:00Z","organization_id":"org_1","data":{"id":"diruser_1","organization_id":"org_1","email":"person.1@acme.test","active":true,"groups":[{"id":"dirgroup_1","name":"Sales"}]}}"#.to_owned(),
    ]);
    workspace
}

fn exported(workspace: &Workspace, arguments: &[&str]) -> Vec<String> {
    let (code, out, says) = workspace.run(&[&["export"], arguments].concat());
    assert_eq!(code, 0, "{arguments:?}: {says}");
    out.lines().map(str::to_owned).collect()
}

#[test]
fn organizations_are_exported_and_no_name_is_a_formula() {
    let workspace = workspace();

    assert_eq!(
        exported(&workspace, &["organizations"]),
        [
            "organization_id,name,seat_limit,used,waiting,seat_status,account_manager",
            "org_1,'=Acme,1,1,2,waiting,",
            "org_2,Beta,not_set,0,0,not-set,",
        ]
    );
    let not_set = exported(&workspace, &["organizations", "--condition", "not-set"]);
    assert_eq!(not_set[1..], ["org_2,Beta,not_set,0,0,not-set,"]);
    assert_eq!(exported(&workspace, &["organizations", "--condition", "archived"]).len(), 1);
}

#[test]
fn the_waitlist_is_exported_in_its_order() {
    let workspace = workspace();

    let lines = exported(&workspace, &["waitlist", "org_1"]);

    assert_eq!(
        lines[0],
        "position,user_id,name,email,state,since,moved_by_hand,groups,why,duplicate_email"
    );
    assert!(lines[1].starts_with("1,diruser_2,,person.2@acme.test,blocked,20"), "{lines:?}");
    assert!(
        lines[1].ends_with("Z,no,,\"No seat was free: the plan has 1 seat, all taken.\",no"),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("2,diruser_3,"), "{lines:?}");
    let seated = exported(&workspace, &["waitlist", "org_1", "--state", "provisioned"]);
    assert!(seated[1].starts_with(",diruser_1,,person.1@acme.test,provisioned,20"), "{seated:?}");
    assert!(seated[1].ends_with("Z,no,Sales,,no"), "{seated:?}");
}

#[test]
fn the_audit_log_and_the_inbox_are_exported_newest_first() {
    let workspace = workspace();

    let log = exported(&workspace, &["activity", "--organization", "org_1"]);
    assert_eq!(
        log[0],
        "entry_id,at,organization_id,actor,actor_id,action,target_id,target,outcome,before,after,\
         reason,address,request_id"
    );
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(log[1].starts_with("aud_") && log[1].contains("Z,org_1,"), "{log:?}");
    assert!(log[1].contains(",add_organization,,"), "{log:?}");
    assert_eq!(exported(&workspace, &["activity"]).len(), 3);
    assert_eq!(exported(&workspace, &["activity", "--action", "set_policy"]).len(), 1);

    let inbox = exported(&workspace, &["deliveries", "--organization", "org_1"]);
    assert_eq!(
        inbox[0],
        "delivery_id,received_at,type,organization_id,organization,event_id,outcome,suspicious"
    );
    assert_eq!(inbox.len(), 5, "{inbox:?}");
    assert!(inbox[1].starts_with("dlv_"), "{inbox:?}");
    assert!(
        inbox[1].ends_with("Z,organization.directory.user_updated,org_1,'=Acme,evt_9,updated,no"),
        "{inbox:?}"
    );
    assert_eq!(exported(&workspace, &["deliveries", "--show", "blocked"]).len(), 3);
}

#[test]
fn who_joined_a_group_is_exported() {
    let workspace = workspace();

    let lines = exported(&workspace, &["changes", "org_1", "dirgroup_1"]);

    assert_eq!(lines[0], "at,change,user_id,name,email,state_now,recorded_at");
    assert_eq!(lines.len(), 2, "{lines:?}");
    let joined = "2026-02-01T00:00:00Z,joined,diruser_1,,person.1@acme.test,provisioned,20";
    assert!(lines[1].starts_with(joined), "{lines:?}");
}

#[test]
fn what_is_not_there_is_refused_with_a_sentence() {
    let workspace = workspace();

    for (arguments, sentence) in [
        (&["organizations", "--condition", "empty"][..], "A condition is waiting, over,"),
        (&["waitlist", "org_9"], "There is no such organization."),
        (&["waitlist", "org_1", "--state", "inactive"], "A state is blocked, dismissed or"),
        (&["activity", "--organization", "org_9"], "There is no such organization."),
        (&["activity", "--action", "dance"], "There is no such action"),
        (&["deliveries", "--show", "lost"], "There is no such outcome"),
        (&["changes", "org_1", "dirgroup_9"], "org_1 has no group “dirgroup_9”."),
        (&["resyncs", "org_9"], "There is no such organization."),
        (&["plan", "org_1", "rsn_9"], "org_1 has no resync “rsn_9”."),
        (&["plan", "org_1", "rsn_9", "--only", "some"], "A part of a plan is created,"),
        (&["plan", "org 1", "rsn_9"], "org 1"),
    ] {
        let (code, out, says) = workspace.run(&[&["export"], arguments].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {says}");
        assert!(says.contains(sentence), "{arguments:?}: {says}");
    }
}
