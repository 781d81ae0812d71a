//! What a webhook says, in one sentence.

use domain::{
    outgoing_event::EventType,
    text::{ExternalText, called},
};
use serde_json::Value;

use super::webhooks::Event;

/// The text of a member, if it is there.
fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str()
}

/// `customer` is the name of the organization.
pub(super) fn sentence(event: &Event, customer: &ExternalText) -> String {
    let data = &event.data;
    let Some(kind) = EventType::parse(&event.r#type) else { return other(event) };
    let person = person(data.get("user").unwrap_or(&Value::Null));
    let about = format!("{person} of {customer}");
    match kind {
        EventType::SeatAdmitted => format!("{about} got a seat."),
        EventType::SeatBlocked => format!("{about} has to wait for a seat."),
        EventType::SeatReleased => format!("{about} no longer has a seat."),
        EventType::UserUpdated => updated(&about, data),
        EventType::RolesChanged => match data.get("after").and_then(Value::as_array) {
            Some(roles) => format!("{about} now has {}.", roles_of(roles)),
            None => format!("The roles of people of {customer} may have changed."),
        },
        EventType::SeatLimitChanged => {
            format!(
                "{customer} now has {} instead of {}.",
                seats(data, "after"),
                seats(data, "before")
            )
        }
        EventType::OverLimit => {
            let over = data.get("over").and_then(Value::as_i64).unwrap_or_default();
            format!("{customer} is over by {over}: more seats are used than the limit allows.")
        }
        EventType::Archived => format!("{customer} was archived: its people hold no seats."),
        EventType::Restored => format!("{customer} exists again."),
    }
}

/// A test, or an event of a later version.
fn other(event: &Event) -> String {
    match text(&event.data, "message") {
        Some(message) => format!("A test: {}", ExternalText::sentence(message)),
        None => format!("Something happened: {}.", ExternalText::short(&event.r#type)),
    }
}

fn person(user: &Value) -> String {
    match text(user, "id") {
        Some(id) => called(text(user, "name"), text(user, "email"), id).to_string(),
        None => "A person".to_owned(),
    }
}

fn updated(about: &str, data: &Value) -> String {
    let changed = data.get("changed").and_then(Value::as_array);
    let words = |all: &Vec<Value>| {
        let all: Vec<String> =
            all.iter().filter_map(Value::as_str).map(|it| word(&it.replace('_', " "))).collect();
        all.join(", ")
    };
    match (changed, text(data, "after")) {
        (Some(changed), _) => format!("{about} has other data: {}.", words(changed)),
        (None, Some(state)) => format!("{about} is now {}, without a seat.", word(state)),
        (None, None) => format!("{about} has changed."),
    }
}

/// `the role editor`, `the roles editor and reader`, `no role`.
fn roles_of(roles: &[Value]) -> String {
    let roles: Vec<String> = roles.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    with_roles(&roles)
}

pub(super) fn with_roles(roles: &[String]) -> String {
    let named: Vec<String> = roles.iter().map(|role| word(role)).collect();
    match &named[..] {
        [] => "no role".to_owned(),
        [one] => format!("the role {one}"),
        [first @ .., last] => format!("the roles {} and {last}", first.join(", ")),
    }
}

/// `50 seats`, `unlimited seats`, `no seat limit`.
fn seats(data: &Value, member: &str) -> String {
    match data.get(member) {
        Some(Value::Number(one)) if one.as_i64() == Some(1) => "1 seat".to_owned(),
        Some(Value::Number(number)) => format!("{number} seats"),
        Some(Value::String(word)) => format!("{} seats", ExternalText::label(word)),
        _ => "no seat limit".to_owned(),
    }
}

fn word(text: &str) -> String {
    ExternalText::label(text).to_string()
}
