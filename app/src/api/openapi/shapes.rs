//! The shapes of bodies and answers, and the sentences about the calls, as a reader expects them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

const SCHEMAS: &str = "#/components/schemas/";
/// Answers of which a part is left out at times.
const LOOSE: [&str; 1] = ["Problem"];

/// Gives lists plain names, and says which members an answer always has: all of them. What a
/// caller sends has members that may be left out.
pub fn tidy(document: &mut Value) {
    rename(document);
    link_items(&mut document["components"]["schemas"]);
    let mut sent = BTreeSet::new();
    if let Some(paths) = document["paths"].as_object() {
        let calls = paths.values().filter_map(Value::as_object).flat_map(|item| item.values());
        for body in calls.filter_map(|call| call.get("requestBody")) {
            collect(body, document, &mut sent);
        }
    }
    for (name, schema) in super::members(&mut document["components"]["schemas"]) {
        if !sent.contains(name) && !LOOSE.contains(&name) {
            require_all(schema);
        }
    }
}

/// `List_Alert` becomes `AlertList`.
fn rename(value: &mut Value) {
    let plain = |name: &str| name.strip_prefix("List_").map(|item| format!("{item}List"));
    match value {
        Value::Object(members) => {
            let names: Vec<String> = members.keys().cloned().collect();
            for name in names {
                if let Some(plain) = plain(&name)
                    && let Some(schema) = members.remove(&name)
                {
                    members.insert(plain, schema);
                }
            }
            for (name, value) in members {
                match value {
                    Value::String(link) if name == "$ref" => {
                        if let Some(plain) = link.strip_prefix(SCHEMAS).and_then(plain) {
                            *link = format!("{SCHEMAS}{plain}");
                        }
                    }
                    value => rename(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rename),
        _ => {}
    }
}

/// A list names the shape of its items in place of repeating it.
fn link_items(schemas: &mut Value) {
    let names: BTreeSet<String> =
        super::members(schemas).map(|(name, _)| name.to_owned()).collect();
    for (name, schema) in super::members(schemas) {
        let item = name.strip_suffix("List").filter(|item| names.contains(*item));
        if let Some(item) = item {
            schema["properties"]["items"]["items"] = json!({ "$ref": format!("{SCHEMAS}{item}") });
        }
    }
}

/// The names of the schemas that a part of the document uses, directly or not.
fn collect(part: &Value, document: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(members) => {
            let link = members.get("$ref").and_then(Value::as_str);
            if let Some(name) = link.and_then(|link| link.strip_prefix(SCHEMAS))
                && found.insert(name.to_owned())
            {
                collect(&document["components"]["schemas"][name], document, found);
            }
            members.values().for_each(|value| collect(value, document, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, document, found)),
        _ => {}
    }
}

fn require_all(schema: &mut Value) {
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        parts.iter_mut().for_each(require_all);
    }
    let Some(members) = schema.get("properties").and_then(Value::as_object) else { return };
    let names: Vec<&String> = members.keys().collect();
    schema["required"] = json!(names);
}

/// The first sentence of an operation is its summary, without the full stop. A note about the key
/// that it needs ends its description.
pub fn split_summary(operation: &mut Value) {
    let plain = |text: &Value| text.as_str().unwrap_or_default().replace('\n', " ");
    let summary = plain(&operation["summary"]);
    operation["summary"] = summary.trim_end_matches('.').into();
    let description = plain(&operation["description"]);
    let scope = operation["x-scope"].as_str().unwrap_or_default();
    let whose = if operation["x-installation"] == true { " of the installation" } else { "" };
    let needs = format!("Needs a key{whose} with the scope `{scope}`.");
    operation["description"] = [description, needs].join("\n\n").trim_start().into();
}
