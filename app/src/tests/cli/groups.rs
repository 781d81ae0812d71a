//! `seatkeeper group list`, `group show` and `export groups`.

use serde_json::Value;

use crate::support::Workspace;

/// One seat. Two people are in Sales; one of them has left Crew, and Old was deleted.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "1"]);
    workspace.joined(2);
    let event = |n: u32, kind: &str, data: &str| {
        format!(
            r#"{{"id":"evt_1{n}","type":"organization.directory.{kind}","occurred_at":"2026-01-02T00:00:0{n}Z","organization_id":"org_1","data":{{{data}}}}}"#
        )
    };
    let with = |n: u32, user: u32, groups: &str| {
        event(n, "user_updated", &format!(r#""id":"diruser_{user}","groups":[{groups}]"#))
    };
    let sales = r#"{"id":"dirgroup_sales","name":"Sales"}"#;
    workspace.deliver([
        with(1, 1, &format!(r#"{sales},{{"id":"dirgroup_crew","name":"Crew"}}"#)),
        with(2, 1, sales),
        with(3, 2, sales),
        event(
            4,
            "group_deleted",
            r#""id":"dirgroup_old","display_name":"Old","directory_id":"dir_1""#,
        ),
    ]);
    workspace
}

#[test]
fn the_groups_are_listed_with_their_numbers() {
    let workspace = workspace();

    let (code, out, says) = workspace.run(&["group", "list", "org_1", "--json"]);

    assert_eq!(code, 0, "{says}");
    let groups: Vec<Value> = serde_json::from_str(&out).unwrap();
    let names: Vec<_> = groups.iter().map(|group| group["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Crew", "Sales", "Old"]);
    let sales = &groups[1];
    assert_eq!((&sales["group_id"], &sales["members"]), (&"dirgroup_sales".into(), &2.into()));
    assert_eq!((&sales["provisioned"], &sales["blocked"]), (&1.into(), &1.into()));
    assert_eq!(
        (&groups[2]["deleted"], &groups[2]["directory_id"]),
        (&true.into(), &"dir_1".into())
    );

    let (_, out, _) = workspace.run(&["group", "list", "org_1"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[1], "Sales  dirgroup_sales  2 members, 1 with a seat, 1 waiting");
    assert_eq!(lines[2], "Old  dirgroup_old  0 members, 0 with a seat, 0 waiting  deleted");
}

#[test]
fn a_group_is_shown_with_who_joined_and_who_left() {
    let workspace = workspace();
    let policy = ["organization", "policy", "org_1", "groups", "dirgroup_crew", "--reason", "x"];
    assert_eq!(workspace.run(&policy).0, 0);

    let (code, out, says) = workspace.run(&["group", "show", "org_1", "dirgroup_crew", "--json"]);

    assert_eq!(code, 0, "{says}");
    let group: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&group["name"], &group["members"]), (&"Crew".into(), &0.into()));
    assert_eq!((&group["rank"], &group["deleted_at"]), (&1.into(), &Value::Null));
    let changes = group["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{out}");
    assert_eq!((&changes[0]["joined"], &changes[1]["joined"]), (&false.into(), &true.into()));
    assert_eq!(changes[0]["at"], "2026-01-02T00:00:02Z");
    assert_eq!(changes[0]["user_id"], "diruser_1");

    let (_, out, _) = workspace.run(&["group", "show", "org_1", "dirgroup_crew"]);
    assert!(out.starts_with("Crew\n\nmembers                   0\n"), "{out}");
    assert!(out.contains("2026-01-02T00:00:02Z  left    person.1@acme.test  diruser_1\n"), "{out}");
}

#[test]
fn a_group_or_an_organization_that_is_not_there_is_refused_with_a_sentence() {
    let workspace = workspace();

    for (arguments, sentence) in [
        (&["group", "show", "org_1", "dirgroup_9"][..], "org_1 has no group “dirgroup_9”."),
        (&["group", "show", "org_1", "a b"], "org_1 has no group “a b”."),
        (&["group", "show", "org_9", "dirgroup_crew"], "There is no such organization."),
        (&["group", "list", "org_9"], "There is no such organization."),
        (&["group", "list", "org 9"], "org 9"),
        (&["export", "groups", "org_9"], "There is no such organization."),
        (&["export", "people", "org_1", "--group", "a b"], "The id of a group is dirgroup_…"),
    ] {
        let (code, _, says) = workspace.run(arguments);
        assert_eq!(code, 2, "{arguments:?}: {says}");
        assert!(says.contains(sentence), "{arguments:?}: {says}");
    }
}

#[test]
fn groups_and_the_members_of_one_are_exported_as_csv() {
    let workspace = workspace();

    let (code, out, says) = workspace.run(&["export", "groups", "org_1"]);

    assert_eq!(code, 0, "{says}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines,
        [
            "group_id,name,directory_id,deleted,members,provisioned,blocked,dismissed,inactive,roles,dashboard_role",
            "dirgroup_crew,Crew,,no,0,0,0,0,0,,",
            "dirgroup_sales,Sales,,no,2,1,1,0,0,,",
            "dirgroup_old,Old,dir_1,yes,0,0,0,0,0,,",
        ]
    );

    let members = ["export", "people", "org_1", "--group", "dirgroup_sales", "--state", "blocked"];
    let (_, out, _) = workspace.run(&members);
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(out.contains("diruser_2,,person.2@acme.test,blocked,1,"), "{out}");
}
