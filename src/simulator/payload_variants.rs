//! Webhook bodies in other shapes: the same change is written differently, and a receiver must
//! still read it.

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::{
    event::{self, Body},
    fault::{Fault, Faults},
};

const SHAPES: [Fault; 7] = [
    Fault::DeactivateByDelete,
    Fault::GroupsNull,
    Fault::GroupsAbsent,
    Fault::SimplifiedShape,
    Fault::LegacyShape,
    Fault::PrettyBody,
    Fault::EscapedBody,
];

/// The body of the message with this number, in every shape whose fault hits it.
pub(super) fn disguised(mut body: Body, faults: &Faults, number: u64) -> Body {
    let wanted: Vec<_> = SHAPES.into_iter().filter(|shape| faults.hits(*shape, number)).collect();
    if wanted.is_empty() {
        return body;
    }
    let Ok(Value::Object(mut event)) = serde_json::from_slice(&body.json) else { return body };
    for shape in &wanted {
        match shape {
            Fault::DeactivateByDelete => delete_the_inactive(&mut event),
            Fault::GroupsNull => {
                with_groups(&mut event, |data| drop(data.insert("groups".to_owned(), Value::Null)));
            }
            Fault::GroupsAbsent => with_groups(&mut event, |data| drop(data.remove("groups"))),
            Fault::SimplifiedShape => simplify(&mut event),
            Fault::LegacyShape => rename(&mut event),
            _ => {}
        }
    }
    body.json =
        written(event, wanted.contains(&Fault::PrettyBody), wanted.contains(&Fault::EscapedBody));
    body
}

/// Turns the update of an inactive user into a deletion with four fields.
fn delete_the_inactive(event: &mut Map<String, Value>) {
    const UPDATED: &str = "organization.directory.user_updated";
    let is_off = event.get("data").is_some_and(|data| data["active"] == json!(false));
    if !is_off || event.get("type").is_none_or(|kind| kind != UPDATED) {
        return;
    }
    event.insert("type".to_owned(), json!("organization.directory.user_deleted"));
    event.insert("display_name".to_owned(), json!("Directory User Deleted"));
    if let Some(data) = data(event) {
        data.retain(|name, _| ["id", "organization_id", "dp_id", "email"].contains(&name.as_str()));
    }
}

fn with_groups(event: &mut Map<String, Value>, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Some(data) = data(event).filter(|data| data.contains_key("groups")) {
        change(data);
    }
}

/// Writes users and groups as the guides print them: `timestamp`, a small envelope and a few
/// fields.
fn simplify(event: &mut Map<String, Value>) {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    if !kind.starts_with("organization.directory.") {
        return;
    }
    let occurred_at = event.remove("occurred_at").unwrap_or_default();
    event.insert("timestamp".to_owned(), occurred_at);
    event.retain(|name, _| ["id", "type", "timestamp", "data"].contains(&name.as_str()));
    if let Some(data) = data(event) {
        const KEPT: [&str; 8] = [
            "id",
            "email",
            "given_name",
            "family_name",
            "active",
            "name",
            "organization_id",
            "directory_id",
        ];
        if let Some(name) = data.remove("display_name") {
            data.insert("name".to_owned(), name);
        }
        data.retain(|name, _| KEPT.contains(&name.as_str()));
    }
}

/// Uses the event names of 2024.
fn rename(event: &mut Map<String, Value>) {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    let old = match kind {
        "organization.created" => "scalekit.org.create".to_owned(),
        "organization.directory_enabled" => "scalekit.dir.sync.enable".to_owned(),
        "organization.directory_disabled" => "scalekit.dir.sync.disable".to_owned(),
        _ => match kind
            .strip_prefix("organization.directory.")
            .and_then(|kind| kind.strip_suffix('d')?.split_once('_'))
        {
            Some((object, what)) => format!("scalekit.dir.{object}.{what}"),
            None => return,
        },
    };
    event.insert("type".to_owned(), json!(old));
    event.remove("display_name");
}

fn data(event: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    event.get_mut("data").and_then(Value::as_object_mut)
}

fn written(event: Map<String, Value>, pretty: bool, escaped: bool) -> Bytes {
    let mut event = Value::Object(event);
    event.sort_all_objects();
    let text = if pretty { format!("{event:#}") } else { event.to_string() };
    let text = event::escaped_like_go(&text);
    if escaped { escape(&text).into() } else { text.into() }
}

/// Escapes slashes and all letters that are not ASCII; both occur only inside strings.
fn escape(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '/' => text.push_str("\\/"),
            c if c.is_ascii() => text.push(c),
            c => {
                text.extend(
                    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")),
                );
            }
        }
    }
    text
}
