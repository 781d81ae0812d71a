//! `seatkeeper invitation`.

use serde_json::Value;

use crate::support::Workspace;

const PLACE: &str = "http://127.0.0.1:3000/invitations/";

#[test]
fn an_invitation_is_made_listed_and_revoked() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "5"]);
    let create = |more: &[&'static str]| {
        workspace.run(&[&["invitation", "create", "kim@acme.test", "--role"], more].concat())
    };

    let (code, out, says) = create(&["tenant-admin", "--organization", "org_1", "--no-email"]);
    assert_eq!(code, 0, "{says}");
    let token = out.trim_end().strip_prefix(PLACE).unwrap_or_else(|| panic!("{out}"));
    assert!(token.len() == 43 && !says.contains(token), "{says}");
    let waiting = workspace.run(&["outbox", "--json"]).1;
    assert_eq!(waiting.trim(), "[]", "no e-mail");

    let again = create(&["tenant-admin", "--organization", "org_1"]);
    assert!(again.0 == 2 && again.2.contains("was invited already"), "{again:?}");
    let list = || -> Value {
        serde_json::from_str(&workspace.run(&["invitation", "list", "--json"]).1).unwrap()
    };
    let listed = list();
    assert_eq!(listed[0]["email"], "kim@acme.test");
    assert_eq!(
        (&listed[0]["organization_id"], &listed[0]["role"]),
        (&"org_1".into(), &"tenant-admin".into())
    );
    assert!(!listed.to_string().contains(token));
    let lines = workspace.run(&["invitation", "list"]).1;
    assert!(lines.contains("kim@acme.test") && lines.contains("org_1  until"), "{lines}");

    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(workspace.run(&["invitation", "revoke", &id]).0, 0);
    assert_eq!(list(), Value::Array(vec![]));
    let none = workspace.run(&["invitation", "revoke", &id]);
    assert!(none.0 == 2 && none.2.contains("no open invitation"), "{none:?}");
}

#[test]
fn a_role_and_an_organization_fit_together() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "5"]);
    for (arguments, why) in [
        (&["staff", "--organization", "org_1"][..], "leave --organization out"),
        (&["tenant-admin"], "needs at least one --organization"),
        (&["tenant-admin", "--organization", "org_404"], "There is no such organization"),
    ] {
        let create = ["invitation", "create", "kim@acme.test", "--role"];
        let (code, out, says) = workspace.run(&[&create, arguments].concat());
        assert!(code == 2 && out.is_empty() && says.contains(why), "{arguments:?}: {says}");
    }
    let (code, _, _) =
        workspace.run(&["invitation", "create", "sam@seats.test", "--role", "staff"]);
    assert_eq!(code, 0);
    let waiting = workspace.run(&["outbox", "--json"]).1;
    assert!(waiting.contains("\"invitation\"") && waiting.contains("sam@seats.test"), "{waiting}");
}
