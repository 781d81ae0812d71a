//! `seatkeeper import` and `seatkeeper export import`.

use serde_json::Value;

use crate::support::Workspace;

fn acme() -> Workspace {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "2"]);
    workspace
}

#[test]
fn people_of_a_file_go_through_the_seat_rules() {
    let workspace = acme();
    let file =
        "email,external_id,name\nada@acme.test,e-1,Ada\nbob@acme.test,,Bob\ncy@acme.test,,\n";
    std::fs::write(workspace.folder().join("people.csv"), file).unwrap();

    let (code, out, says) = workspace.run(&["import", "org_1", "people.csv", "--dry-run"]);
    assert_eq!((code, out.as_str()), (0, ""), "{says}");
    assert!(says.contains("The plan: 3 created, 1 without a free seat."), "{says}");
    let (code, out, says) = workspace.run(&["import", "org_1", "people.csv", "--json"]);
    assert_eq!(code, 0, "{says}");
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&printed["rows"], &printed["run"]["state"]), (&3.into(), &"done".into()));
    let (code, _, says) =
        workspace.run_with_input(&["import", "org_1", "-", "--format", "csv"], file);
    assert_eq!(code, 0, "{says}");
    assert!(says.contains("Nothing differs: 3 people compared."), "{says}");

    let id = printed["id"].as_str().unwrap();
    let (code, out, _) = workspace.run(&["export", "import", "org_1", id]);
    assert_eq!(code, 0);
    assert_eq!(
        out.lines().collect::<Vec<_>>(),
        [
            "line,external_id,email,user_id,change,no_free_seat,outcome,column,reason",
            "2,e-1,ada@acme.test,email:ada@acme.test,created,no,admitted,,",
            "3,,bob@acme.test,email:bob@acme.test,created,no,admitted,,",
            "4,,cy@acme.test,email:cy@acme.test,created,yes,blocked,,",
        ]
    );
}

#[test]
fn a_row_that_is_refused_is_told_and_a_large_plan_waits() {
    let workspace = acme();
    let people = |range: std::ops::Range<u32>| {
        let lines: Vec<String> =
            range.map(|n| format!("{{\"email\":\"p{n}@acme.test\"}}\n")).collect();
        lines.concat()
    };
    let file = format!("{}{{\"email\":\"no address\"}}\n", people(0..5));
    let import = |whole: bool, file: &str| {
        let mut arguments = vec!["import", "org_1", "-", "--format", "ndjson"];
        arguments.extend(whole.then_some("--whole"));
        workspace.run_with_input(&arguments, file)
    };

    let (code, _, says) = import(false, &file);
    assert_eq!(code, 1, "{says}");
    assert!(says.contains("Line 6, email: This is no e-mail address."), "{says}");
    assert!(says.contains("export import org_1 imp_"), "{says}");
    let (code, _, says) = import(true, &people(0..1));
    assert_eq!(code, 3, "{says}");
    assert!(says.contains("seatkeeper resync org_1 --confirm 4"), "{says}");
    let (code, _, says) = import(true, &people(0..1));
    assert!(code == 2 && says.contains("is under way"), "{says}");
    let (code, _, says) = workspace.run(&["resync", "org_1", "--confirm", "4"]);
    assert!(code == 0 && says.contains("4 removed"), "{says}");
}

#[test]
fn what_is_no_import_makes_no_sense() {
    let workspace = acme();
    for (arguments, expected) in [
        (vec!["import", "org_1", "-"], "CSV or NDJSON"),
        (vec!["import", "org_1", "nothing.csv"], "cannot be read"),
        (vec!["import", "org_2", "-", "--format", "csv"], "no such organization"),
        (vec!["export", "import", "org_1", "imp_404"], "has no import"),
    ] {
        let (code, out, says) = workspace.run_with_input(&arguments, "email\nada@acme.test\n");
        assert_eq!((code, out.lines().count() < 2), (2, true), "{arguments:?} {says}");
        assert!(says.contains(expected), "{arguments:?} {says}");
    }
}
