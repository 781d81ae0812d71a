//! The attributes of a user: the `raw_attributes`, as the directory wrote them, the fields of the
//! data that hold no more than an attribute, and the `custom_attributes` that a customer maps.
//! Reads them, and cuts those that are not kept out of a body before it is stored.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::{
    fields::{Fields, clean},
    salvage,
};
use crate::domain::attribute::{Attributes, KeptAttributes, LONGEST_NAME, LONGEST_VALUE};

const DATA: &str = "data";
const RAW: &str = "raw_attributes";
const CUSTOM: &str = "custom_attributes";
/// Fields of the data itself that Seatkeeper uses for nothing else.
const OWN: [&str; 18] = [
    "nickname",
    "picture",
    "phone_number",
    "mobile_phone_number",
    "address",
    "profile",
    "locale",
    "language",
    "zoneinfo",
    "timezone",
    "title",
    "department",
    "division",
    "cost_center",
    "employee_id",
    "organization",
    "user_type",
    "dp_roles",
];
/// Stays in every body: it says whether a user is active, if nothing else does.
const ACTIVE: &str = "active";
/// The names of SCIM's extensions: objects with more attributes.
const URN: &str = "urn:";

/// The attributes of a user's data; `None` if it has none. Of two with one name a custom one counts
/// before one of the data itself, and that before a raw one. The attributes in an extension of SCIM
/// (`urn:…`) count like all others. A list or an object is kept as JSON.
pub(super) fn attributes(data: Fields<'_>) -> Option<Attributes> {
    let mut found = Attributes::new();
    let object = |name| data.get(name).and_then(Value::as_object);
    if let Some(raw) = object(RAW) {
        add_all(&mut found, raw);
    }
    for name in OWN {
        if let Some(value) = data.get(name) {
            add(&mut found, name, value);
        }
    }
    if let Some(custom) = object(CUSTOM) {
        add_all(&mut found, custom);
    }
    (!found.is_empty()).then_some(found)
}

fn add_all(found: &mut Attributes, object: &Map<String, Value>) {
    for (name, value) in object {
        match value.as_object().filter(|_| name.starts_with(URN)) {
            Some(extension) => {
                extension.iter().for_each(|(name, value)| add(found, name, value));
            }
            None => add(found, name, value),
        }
    }
}

fn add(found: &mut Attributes, name: &str, value: &Value) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => in_order(other),
    };
    if let (Some(name), Some(value)) = (clean_name(name), clean(&text, LONGEST_VALUE)) {
        found.insert(name, value);
    }
}

/// The same value has the same text, in whatever order a sender writes its members. Serde's objects
/// have an order of their own only as long as no crate asks for that of the sender.
fn in_order(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

fn clean_name(name: &str) -> Option<String> {
    clean(name, usize::MAX).filter(|name| name.len() <= LONGEST_NAME)
}

fn is_kept(name: &str, kept: &KeptAttributes) -> bool {
    clean_name(name).is_some_and(|name| kept.keeps(&name))
}

/// The body without the attributes that are not kept; `None` if nothing is to be cut. All other
/// bytes stay as they came, unless the body is no strict JSON. A body that cannot be read at all
/// stays whole: nothing in it is known to be an attribute.
pub fn without_attributes(body: &[u8], kept: &KeptAttributes) -> Option<Vec<u8>> {
    if *kept == KeptAttributes::All {
        return None;
    }
    let strict = std::str::from_utf8(body).ok().and_then(|text| {
        let mut cuts = Vec::new();
        let fields: Members<'_> = serde_json::from_str(text).ok()?;
        for (_, data) in fields.0.iter().filter(|(name, _)| name == DATA) {
            cut_data(data, kept, &mut cuts)?;
        }
        Some((text, cuts))
    });
    match strict {
        Some((_, cuts)) if cuts.is_empty() => None,
        Some((text, cuts)) => Some(replaced(text, cuts).into_bytes()),
        None => rewritten(body, kept),
    }
}

/// A part of the body, and what takes its place.
type Cut<'a> = (&'a str, String);

/// Collects the cuts of one `data`. `None`: it is no strict JSON.
fn cut_data<'a>(data: &'a RawValue, kept: &KeptAttributes, cuts: &mut Vec<Cut<'a>>) -> Option<()> {
    if !data.get().starts_with('{') {
        return Some(());
    }
    let fields: Members<'a> = serde_json::from_str(data.get()).ok()?;
    for (name, value) in fields.0 {
        let text = value.get();
        if [RAW, CUSTOM].contains(&&*name) {
            match cut(text, kept, true)? {
                Less::Nothing => {}
                Less::Text(less) => cuts.push((text, less)),
            }
        } else if OWN.contains(&&*name) && !is_kept(&name, kept) && text != "null" {
            cuts.push((text, "null".to_owned()));
        }
    }
    Some(())
}

/// What is left of an object.
enum Less {
    /// All of it is kept: nothing is to be cut.
    Nothing,
    Text(String),
}

/// An object without the attributes that are not kept; `None` if it is no strict JSON. Only an
/// extension at the top is an object with attributes of its own.
fn cut(object: &str, kept: &KeptAttributes, is_top: bool) -> Option<Less> {
    if object == "null" {
        return Some(Less::Nothing);
    }
    if !object.starts_with('{') {
        return Some(Less::Text("{}".to_owned()));
    }
    let fields: Members<'_> = serde_json::from_str(object).ok()?;
    let (mut is_whole, mut left) = (true, Vec::new());
    for (name, value) in fields.0 {
        let mut text = Cow::Borrowed(value.get());
        if is_top && name.starts_with(URN) && text.starts_with('{') {
            if let Less::Text(less) = cut(value.get(), kept, false)? {
                is_whole = false;
                text = Cow::Owned(less);
            }
        } else if !is_kept(&name, kept) && name != ACTIVE {
            is_whole = false;
            continue;
        }
        left.push(format!("{}:{text}", Value::from(&*name)));
    }
    Some(if is_whole { Less::Nothing } else { Less::Text(format!("{{{}}}", left.join(","))) })
}

/// The cuts are parts of the text, in order.
fn replaced(text: &str, cuts: Vec<Cut<'_>>) -> String {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (old, new) in cuts {
        let at = old.as_ptr().addr() - text.as_ptr().addr();
        out.push_str(&text[from..at]);
        out.push_str(&new);
        from = at + old.len();
    }
    out.push_str(&text[from..]);
    out
}

/// The body as the reader understands it, written anew.
fn rewritten(body: &[u8], kept: &KeptAttributes) -> Option<Vec<u8>> {
    let mut value = salvage::parse(body).ok()?;
    for (name, value) in value.get_mut(DATA)?.as_object_mut()?.iter_mut() {
        if [RAW, CUSTOM].contains(&name.as_str()) {
            if let Some(Less::Text(less)) = cut(&value.to_string(), kept, true) {
                *value = serde_json::from_str(&less).unwrap_or_default();
            }
        } else if OWN.contains(&name.as_str()) && !is_kept(name, kept) {
            *value = Value::Null;
        }
    }
    serde_json::to_vec(&value).ok()
}

/// The members of an object in their order, also those of one name.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(List)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(data: &Value) -> Option<Attributes> {
        attributes(Fields::from(data.as_object().unwrap()))
    }

    fn kept(names: &str) -> KeptAttributes {
        KeptAttributes::parse(names).unwrap()
    }

    fn without(body: &str, names: &str) -> Option<String> {
        without_attributes(body.as_bytes(), &kept(names))
            .map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn raw_and_custom_attributes_are_read_with_extensions() {
        let found = read(&json!({
            "raw_attributes": {
                "title": " Engineer ", "active": true, "emails": [{"value": "a@b.test"}], "no": null,
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"},
            },
            "custom_attributes": {"title": "Lead", "level": 3, "": "x"},
        }));
        let found: Vec<String> =
            found.unwrap().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            found,
            [
                "active=true",
                "department=Sales",
                r#"emails=[{"value":"a@b.test"}]"#,
                "level=3",
                "title=Lead"
            ]
        );
        for none in [json!({}), json!({"raw_attributes": {}}), json!({"raw_attributes": [1]})] {
            assert_eq!(read(&none), None, "{none}");
        }
    }

    #[test]
    fn long_values_are_cut_and_long_names_left_out() {
        let found = read(&json!({"raw_attributes": {"a": "x".repeat(9_000)}})).unwrap();
        assert_eq!(found["a"].len(), LONGEST_VALUE);
        let long = "n".repeat(LONGEST_NAME + 1);
        assert_eq!(read(&json!({"raw_attributes": {long: "x"}})), None);
    }

    #[test]
    fn a_body_loses_what_is_not_kept_and_nothing_else() {
        let body = r#"{"z":1, "data": {"id":"u","raw_attributes": {"active":false,"phone":"+1","title":"T"} ,"custom_attributes":{"phone":"+2"}, "b":[1.50]}}"#;
        assert_eq!(
            without(body, "title").unwrap(),
            r#"{"z":1, "data": {"id":"u","raw_attributes": {"active":false,"title":"T"} ,"custom_attributes":{}, "b":[1.50]}}"#
        );
        assert_eq!(without(body, "all"), None);
        assert_eq!(without(body, "title, phone"), None, "nothing to cut");
        let none = without(body, "none").unwrap();
        assert!(!none.contains("+1") && !none.contains("+2") && !none.contains("\"T\""), "{none}");
        for same in [r#"{"data":{"id":"u"}}"#, r#"{"data":null}"#, "{}", "no JSON", "[1]"] {
            assert_eq!(without(same, "none"), None, "{same}");
        }
    }

    #[test]
    fn fields_of_the_data_itself_are_attributes_too() {
        let body =
            r#"{"data":{"id":"u","department":"Sales","phone_number":"+1","address":{"a":1}}}"#;
        assert_eq!(
            without(body, "department").unwrap(),
            r#"{"data":{"id":"u","department":"Sales","phone_number":null,"address":null}}"#
        );
        let found = read(&json!({"raw_attributes": {"title": "a", "x": "1"}, "title": "b"}));
        assert_eq!(found.unwrap()["title"], "b");
    }

    #[test]
    fn a_body_nested_a_hundred_thousand_levels_deep_is_cut_like_any_other() {
        for open in [r#"{"urn:":"#, "[", r#"{"a":"#] {
            let close = if open == "[" { "]" } else { "}" };
            let (open, close) = (open.repeat(100_000), close.repeat(100_000));
            let body = format!(r#"{{"data":{{"raw_attributes":{{"urn:x":{open}1{close}}}}}}}"#);
            assert!(without(&body, "none").unwrap().len() < 100);
            let body = format!(r#"{{"data":{{"raw_attributes":{open}1{close}}}}}"#);
            assert!(without(&body, "none").unwrap().len() < 100);
        }
    }

    #[test]
    fn an_extension_keeps_what_is_kept() {
        let body =
            r#"{"data":{"raw_attributes":{"urn:x:User":{"department":"Sales","salary":"9"}}}}"#;
        assert_eq!(
            without(body, "department").unwrap(),
            r#"{"data":{"raw_attributes":{"urn:x:User":{"department":"Sales"}}}}"#
        );
    }

    #[test]
    fn a_body_that_is_odd_loses_them_too() {
        for body in [
            r#"{"data":{"raw_attributes":{"phone":"secret"},"name":"\ud800"}}"#,
            r#"{"data":{"id":"a"},"data":{"raw_attributes":{"phone":"secret"}}}"#,
            r#"{"data":{"raw_attributes":{"phone":"secret"}},"data":{"id":"a"}}"#,
            r#"{"data":{"raw_attributes":{"phone":"secret"}},"data":null}"#,
            r#"{"data":{"raw_attributes":{"urn:x":{"phone":"secret"},"urn:x":{"a":"b"}}}}"#,
            r#"{"data":{"phone_number":"secret","name":"\ud800"}}"#,
            r#"{"data":{"raw_attributes":{"\ud800":1,"phone":"secret"}}}"#,
            r#"{"data":{"raw_attributes":{"a":1},"raw_attributes":{"phone":"secret"}}}"#,
            r#"{"data":{"raw_attributes":"secret"}}"#,
            r#"{"data":{"raw_attributes":{"phone":{"deep":"secret"}},"n":1e999}}"#,
        ] {
            let cut = without(body, "none").unwrap();
            assert!(!cut.contains("secret"), "{cut}");
        }
        let bytes =
            b"{\"data\":{\"raw_attributes\":{\"phone\":\"secret\"},\"name\":\"J\xfcrgen\"}}";
        let cut = without_attributes(bytes, &KeptAttributes::None).unwrap();
        assert!(!String::from_utf8(cut).unwrap().contains("secret"));
    }
}
