//! Spoils one entry of a list, each time in another way.

use serde_json::{Value, json};

/// Stands for half of a surrogate pair until the page is written: a Rust string cannot contain one.
pub(super) const HALF: &str = "(half a character)";
/// The number of ways to spoil an entry.
const WAYS: u64 = 9;

/// Spoils the first entry in the way that this number selects.
pub(super) fn inject_fault(entries: &mut Vec<Value>, number: u64) {
    let Some(first) = entries.first_mut() else { return };
    match number % WAYS {
        0 => *first = Value::Null,
        1 => drop(first.as_object_mut().map(|entry| entry.remove("id"))),
        2 => first["id"] = json!("x".repeat(10_000)),
        3 => first["id"] = json!(true),
        4 => first["user_detail"]["organization_id"] = json!("org_another"),
        5 => first["display_name"] = json!(HALF),
        6 => drop(first.as_object_mut().map(|entry| entry.remove("user_detail"))),
        7 => *first = json!("a text"),
        _ => {
            let mut twice = first.clone();
            twice["user_detail"]["active"] = json!(false);
            twice["display_name"] = json!("Twice");
            entries.push(twice);
        }
    }
}

/// Replaces each `HALF` by a real half of a surrogate pair.
pub(super) fn halved(page: &str) -> String {
    page.replace(HALF, "\\ud83d")
}
