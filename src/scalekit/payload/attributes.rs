//! The attributes of a user: the `raw_attributes`, as the directory wrote them, and the
//! `custom_attributes` that a customer maps. Reads them, and cuts those that are not kept out of a
//! body before it is stored.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::{
    fields::{Fields, clean},
    salvage,
};
use crate::domain::attribute::{
    Attributes, KeptAttributes, LONGEST_NAME, LONGEST_VALUE, MOST_ATTRIBUTES,
};

const RAW: &str = "raw_attributes";
const CUSTOM: &str = "custom_attributes";
/// Stays in every body: it says whether a user is active, if nothing else does.
const ACTIVE: &str = "active";
/// Names of the first SCIM schema, which hold what the profile has already.
const URN: &str = "urn:";

/// The attributes of a user's data; `None` if it has none. A custom attribute counts before a raw
/// one of the same name. What stands in an extension of SCIM (`urn:…`) counts like any other
/// attribute. A list or an object is kept as JSON.
pub(super) fn attributes(data: Fields<'_>) -> Option<Attributes> {
    let mut found = Attributes::new();
    for object in [RAW, CUSTOM].into_iter().filter_map(|name| data.get(name)?.as_object()) {
        for (name, value) in object {
            match value.as_object().filter(|_| name.starts_with(URN)) {
                Some(extension) => {
                    extension.iter().for_each(|(name, value)| add(&mut found, name, value));
                }
                None => add(&mut found, name, value),
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

fn add(found: &mut Attributes, name: &str, value: &Value) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let name = clean(name, usize::MAX).filter(|name| name.len() <= LONGEST_NAME);
    let (Some(name), Some(value)) = (name, clean(&text, LONGEST_VALUE)) else { return };
    if found.len() < MOST_ATTRIBUTES || found.contains_key(&name) {
        found.insert(name, value);
    }
}

/// The body without the attributes that are not kept; `None` if nothing is to be cut. All other
/// bytes stay as they came, unless the body has a field twice or is no strict JSON. A body that
/// cannot be read at all stays whole: nothing in it is known to be an attribute.
pub fn without_attributes(body: &[u8], kept: &KeptAttributes) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        data: Option<Data<'a>>,
    }
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        raw_attributes: Option<&'a RawValue>,
        #[serde(borrow)]
        custom_attributes: Option<&'a RawValue>,
    }
    if *kept == KeptAttributes::All {
        return None;
    }
    let Ok(text) = std::str::from_utf8(body) else { return rewritten(body, kept) };
    match serde_json::from_str::<Body<'_>>(text) {
        Ok(Body { data: Some(Data { raw_attributes, custom_attributes }) }) => {
            let mut parts: Vec<(usize, &str, String)> = [raw_attributes, custom_attributes]
                .into_iter()
                .flatten()
                .filter_map(|part| {
                    let at = part.get().as_ptr().addr() - text.as_ptr().addr();
                    let less = cut(part.get(), kept)?;
                    Some((at, part.get(), less))
                })
                .collect();
            parts.sort_unstable_by_key(|(at, ..)| *at);
            let (mut out, mut from) = (String::with_capacity(text.len()), 0);
            for (at, old, new) in &parts {
                out.push_str(&text[from..*at]);
                out.push_str(new);
                from = at + old.len();
            }
            out.push_str(&text[from..]);
            (!parts.is_empty()).then(|| out.into_bytes())
        }
        // `data` is missing or null
        Ok(Body { data: None }) => None,
        Err(_) => rewritten(body, kept),
    }
}

/// An object without the attributes that are not kept; `None` if all of it is kept.
fn cut(object: &str, kept: &KeptAttributes) -> Option<String> {
    let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(object) else {
        return (object != "null").then(|| "{}".to_owned());
    };
    let mut is_whole = true;
    let mut left: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in fields {
        if name.starts_with(URN) && value.get().starts_with('{') {
            let less = cut(value.get(), kept);
            is_whole &= less.is_none();
            left.insert(name, less.unwrap_or_else(|| value.get().to_owned()));
        } else if kept.keeps(&name) || name == ACTIVE {
            left.insert(name, value.get().to_owned());
        } else {
            is_whole = false;
        }
    }
    let field =
        |(name, value): (&String, &String)| format!("{}:{value}", Value::from(name.as_str()));
    let fields: Vec<String> = left.iter().map(field).collect();
    (!is_whole).then(|| format!("{{{}}}", fields.join(",")))
}

/// The body as the reader understands it, written anew.
fn rewritten(body: &[u8], kept: &KeptAttributes) -> Option<Vec<u8>> {
    let mut value = salvage::parse(body).ok()?;
    let data = value.get_mut("data")?.as_object_mut()?;
    if !data.contains_key(RAW) && !data.contains_key(CUSTOM) {
        return None;
    }
    for name in [RAW, CUSTOM] {
        if let Some(part) = data.get_mut(name) {
            let empty = Value::Object(Map::new());
            if let Some(less) = cut(&part.to_string(), kept) {
                *part = serde_json::from_str(&less).unwrap_or(empty);
            }
        }
    }
    serde_json::to_vec(&value).ok()
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
    fn long_and_many_attributes_are_bounded() {
        let many: Map<String, Value> =
            (0..500).map(|number| (format!("a{number:03}"), json!("x".repeat(9_000)))).collect();
        let found = read(&json!({"raw_attributes": many})).unwrap();
        assert_eq!(found.len(), MOST_ATTRIBUTES);
        assert!(found.values().all(|value| value.len() == LONGEST_VALUE));
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
    fn an_extension_keeps_what_is_kept() {
        let body =
            r#"{"data":{"raw_attributes":{"urn:x:User":{"department":"Sales","salary":"9"}}}}"#;
        assert_eq!(
            without(body, "department").unwrap(),
            r#"{"data":{"raw_attributes":{"urn:x:User":{"department":"Sales"}}}}"#
        );
    }

    #[test]
    fn a_body_that_no_strict_reader_takes_loses_them_too() {
        for body in [
            r#"{"data":{"raw_attributes":{"phone":"secret"},"name":"\ud800"}}"#,
            r#"{"data":{"id":"a"},"data":{"raw_attributes":{"phone":"secret"}}}"#,
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
