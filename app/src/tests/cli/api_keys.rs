//! `seatkeeper api-key`.

use serde_json::Value;

use crate::support::Workspace;

fn list(workspace: &Workspace) -> Vec<Value> {
    let (code, out, says) = workspace.run(&["api-key", "list", "--json"]);
    assert_eq!(code, 0, "{says}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_key_is_printed_once_and_listed_without_its_text() {
    let workspace = Workspace::new();
    workspace.run(&["organization", "add", "org_1", "--name", "Acme", "--limit", "5"]);

    let create = ["api-key", "create", "--name", "Billing", "--scope", "write", "--days", "30"];
    let (code, billing, says) = workspace.run(&create);
    assert_eq!(code, 0, "{says}");
    let create = ["api-key", "create", "--name", "Product", "--organization", "org_1"];
    let scopes = ["--scope", "read", "--scope", "import"];
    let (code, product, says) = workspace.run(&[&create[..], &scopes].concat());
    assert_eq!(code, 0, "{says}");

    for key in [&billing, &product] {
        assert!(key.starts_with("sk_") && key.lines().count() == 1, "{key}");
    }
    let keys = list(&workspace);
    let names: Vec<_> = keys.iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Product", "Billing"]);
    assert_eq!(keys[0]["organization_id"], "org_1");
    assert_eq!(keys[0]["scopes"], serde_json::json!(["read", "import"]));
    assert_eq!((&keys[1]["organization_id"], &keys[1]["state"]), (&Value::Null, &"works".into()));
    assert!(keys[1]["expires_at"].is_string() && keys[0]["expires_at"].is_null());
    let (_, out, _) = workspace.run(&["api-key", "list"]);
    assert!(
        out.contains("Billing                  write        all organizations  works"),
        "{out}"
    );
    assert!(!out.contains(billing.trim()) && !out.contains(product.trim()));
}

#[test]
fn a_key_is_replaced_and_revoked() {
    let workspace = Workspace::new();
    let create = ["api-key", "create", "--name", "Billing", "--scope", "read"];
    assert_eq!(workspace.run(&create).0, 0);
    let id = list(&workspace)[0]["id"].as_str().unwrap().to_owned();

    let (code, key, says) = workspace.run(&["api-key", "rotate", &id, "--hours", "2"]);
    assert_eq!(code, 0, "{says}");
    assert!(key.starts_with("sk_") && key.lines().count() == 1, "{key}");
    let keys = list(&workspace);
    assert_eq!((&keys[0]["state"], &keys[1]["state"]), (&"works".into(), &"replaced".into()));
    assert_eq!(keys[1]["replaced_by"], keys[0]["id"]);

    let (code, out, says) = workspace.run(&["api-key", "revoke", &id]);
    assert_eq!((code, &*out), (0, ""), "{says}");
    assert!(says.contains(&format!("The key {id} is revoked.")), "{says}");
    assert!(workspace.run(&["api-key", "revoke", &id]).2.contains("was revoked already"));
    assert_eq!(list(&workspace)[1]["state"], "revoked");
}

#[test]
fn a_key_that_makes_no_sense_is_refused_with_a_sentence() {
    let workspace = Workspace::new();
    workspace.run(&["migrate"]);
    let create = |rest: &[&'static str]| [&["api-key", "create", "--name", "B"], rest].concat();

    for (arguments, sentence) in [
        (create(&["--scope", "admin"]), "Choose what the key may do"),
        (create(&["--scope", "read", "--days", "0"]), "A key works for 1 to 3650 days"),
        (create(&["--scope", "read", "--organization", "org_9"]), "There is no such organization."),
        (vec!["api-key", "revoke", "key_9"], "There is no API key key_9."),
        (vec!["api-key", "rotate", "key_9"], "There is no API key key_9."),
    ] {
        let (code, out, says) = workspace.run(&arguments);
        assert_eq!((code, &*out), (2, ""), "{arguments:?}: {says}");
        assert!(says.contains(sentence), "{arguments:?}: {says}");
    }
}
