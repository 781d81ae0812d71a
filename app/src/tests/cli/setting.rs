//! `seatkeeper setting`.

use serde_json::Value;

use crate::support::Workspace;

fn row(workspace: &Workspace, name: &str) -> Value {
    let (code, out, says) = workspace.run(&["setting", "list", "--json"]);
    assert_eq!(code, 0, "{says}");
    let rows: Vec<Value> = serde_json::from_str(&out).unwrap();
    rows.into_iter().find(|row| row["name"] == name).unwrap()
}

#[test]
fn a_setting_is_listed_changed_and_in_the_audit_log() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["migrate"]).0, 0);
    assert_eq!(row(&workspace, "raw_body_days")["value"], "90");

    let (code, out, says) = workspace.run(&["setting", "set", "raw_body_days", "30"]);

    assert_eq!((code, out.as_str()), (0, ""), "{says}");
    assert!(says.contains("raw_body_days is 30 now."), "{says}");
    let row = row(&workspace, "raw_body_days");
    assert_eq!((row["value"].as_str(), row["default"].as_str()), (Some("30"), Some("90")));
    assert_eq!(row["takes"], "a whole number from 1 to 3,650, or “forever”");
    assert_eq!(row["fixed_by"], Value::Null);
    let (_, out, _) = workspace.run(&["audit", "--json"]);
    let entries: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(entries[0]["action"], "change_setting");
    assert_eq!((&entries[0]["before"], &entries[0]["after"]), (&"90".into(), &"30".into()));
    let (code, _, says) = workspace.run(&["setting", "set", "raw_body_days", "30"]);
    assert!(code == 0 && says.contains("raw_body_days is 30 already."), "{says}");
}

#[test]
fn a_wrong_name_or_value_is_refused() {
    let workspace = Workspace::new();

    for (arguments, why) in [
        (["raw_body_day", "30"], "There is no setting “raw_body_day”."),
        (["raw_body_days", "soon"], "takes a whole number from 1 to 3,650, or “forever”."),
    ] {
        let (code, out, says) = workspace.run(&["setting", "set", arguments[0], arguments[1]]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(says.contains(why), "{says}");
    }
}
