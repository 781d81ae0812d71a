//! `seatkeeper usage-signals` and `seatkeeper reclaim`: from a file of the product to the people
//! who seem not to use their seats.

use serde_json::Value;

use crate::support::Workspace;

/// Person 1 to 3 hold seats since long ago.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "5"]);
    workspace.joined(3);
    workspace.tamper("update directory_users set since = 1700000000000000000");
    workspace
}

fn import(workspace: &Workspace, lines: &str) -> (i32, String, String) {
    workspace.run_with_input(&["usage-signals", "import", "org_1", "-"], lines)
}

fn now() -> String {
    seatkeeper::clock::Clock::machine().now().rfc3339()
}

#[test]
fn an_import_tells_of_each_line_that_it_left_out() {
    let workspace = workspace();
    let lines = format!(
        "user,last_used_at\ndiruser_1,{now}\nperson.2@acme.test,yesterday\n\nzoe@acme.test,{now}\n",
        now = now()
    );

    let (code, out, says) = import(&workspace, &lines);

    assert_eq!((code, out.as_str()), (1, ""), "{says}");
    let told: Vec<&str> = says.lines().filter(|line| !line.contains("no database")).collect();
    assert_eq!(
        told,
        [
            "Line 3: A time looks like 2026-11-22T05:48:00Z, with its time zone.",
            "Line 5: No person of this organization has this id, external id or e-mail address.",
            "seatkeeper: 1 recorded, 0 known already, 2 refused.",
        ]
    );
    let (code, _, says) = import(&workspace, &format!("diruser_1,{}\n", now()));
    assert_eq!((code, says.as_str()), (0, "1 recorded, 0 known already, 0 refused.\n"));
    assert_eq!(workspace.run(&["usage-signals", "import", "org_9", "-"]).0, 0, "an empty file");
    assert_eq!(workspace.run(&["usage-signals", "import", "org_1", "missing.csv"]).0, 2);
}

#[test]
fn the_people_are_printed_for_people_and_for_scripts() {
    let workspace = workspace();
    assert_eq!(
        workspace.run(&["reclaim", "org_1"]),
        (0, String::new(), "No person is suggested.\n".to_owned())
    );
    let lines = format!(
        "diruser_1,{}\n{{\"user\":\"diruser_2\",\"last_used_at\":\"2024-01-22T05:48:00Z\"}}\n",
        now()
    );
    assert_eq!(import(&workspace, &lines).0, 0);

    let (code, out, says) = workspace.run(&["reclaim", "org_1"]);

    assert_eq!((code, says.as_str()), (0, ""));
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(rows.len(), 2, "{out}");
    assert!(
        rows[0].starts_with(
            "person.3@acme.test  diruser_3  seat since 2023-11-14T22:13:20Z  Never used"
        ),
        "{out}"
    );
    assert!(rows[1].contains("  Last used on 22 Jan 2024, "), "{out}");
    let (_, json, _) = workspace.run(&["reclaim", "org_1", "--json"]);
    let people: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(
        [&people[0]["user"], &people[1]["last_used_at"]],
        ["diruser_3", "2024-01-22T05:48:00Z"]
    );
    let (_, csv, _) = workspace.run(&["export", "reclaim", "org_1"]);
    assert!(
        csv.starts_with(
            "user_id,name,email,seat_since,last_used_at,reasons,kept_at,kept_by\ndiruser_3,"
        ),
        "{csv}"
    );
    let kept = workspace.run(&["reclaim", "org_1", "--kept"]);
    assert_eq!((kept.0, kept.2.as_str()), (0, "No suggestion is ignored.\n"));
    assert_eq!(workspace.run(&["reclaim", "org_9"]).0, 2);
}
