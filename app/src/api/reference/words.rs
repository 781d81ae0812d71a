//! The words of the reference: members of bodies and answers, and commands to try.

use std::fmt::Write;

use serde_json::Value;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub text: String,
    pub is_code: bool,
}

/// A sentence with code between backticks.
pub fn parts(text: &str) -> Vec<Part> {
    let pieces = text.split('`').enumerate();
    let part = |(at, text): (usize, &str)| Part { text: text.to_owned(), is_code: at % 2 == 1 };
    pieces.map(part).filter(|part| !part.text.is_empty()).collect()
}

/// A member of a body or of an answer, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    /// How many other members it is inside of.
    pub depth: usize,
    pub kind: String,
    pub is_required: bool,
    pub text: Vec<Part>,
}

impl Member {
    pub fn header(name: &str, described: &Value) -> Self {
        let text = described["description"].as_str().unwrap_or_default();
        let kind = "header".to_owned();
        Self { name: name.to_owned(), depth: 0, kind, is_required: true, text: parts(text) }
    }
}

/// Members further inside than this are left to the example.
const DEEPEST: usize = 3;

/// The members of a shape and of the shapes inside it.
pub fn members(document: &Value, schema: &Value) -> Vec<Member> {
    let mut found = Vec::new();
    collect(document, schema, 0, &mut found);
    found
}

fn collect(document: &Value, schema: &Value, depth: usize, found: &mut Vec<Member>) {
    let schema = followed(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, part, depth, found);
    }
    // what a member decides on is told for each of its values
    if let Some(choices) = schema["oneOf"].as_array()
        && schema.get("discriminator").is_none()
    {
        any_of(document, choices, depth, found);
    }
    let required = schema["required"].as_array();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let is_required = required.is_some_and(|all| all.iter().any(|one| one == name));
        let shape = followed(document, present(member));
        let own = member["description"].as_str().or_else(|| shape["description"].as_str());
        let words = shape["enum"].as_array();
        let words = words.into_iter().flatten().filter_map(Value::as_str);
        let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
        let said = own.unwrap_or_default();
        let text = if words.is_empty() || said.contains(&words[0]) {
            said.to_owned()
        } else {
            format!("{said} One of {}.", words.join(", "))
        };
        found.push(Member {
            name: name.clone(),
            depth,
            kind: kind(document, member),
            is_required,
            text: parts(text.trim()),
        });
        if depth < DEEPEST {
            let inner = shape.get("items").map_or(shape, |items| followed(document, items));
            collect(document, inner, depth + 1, found);
        }
    }
}

/// The members of several shapes, each once; one that a shape does not have is optional.
fn any_of(document: &Value, shapes: &[Value], depth: usize, found: &mut Vec<Member>) {
    let each: Vec<Vec<Member>> = shapes
        .iter()
        .map(|shape| {
            let mut members = Vec::new();
            collect(document, shape, depth, &mut members);
            members
        })
        .filter(|members| !members.is_empty())
        .collect();
    let has = |members: &[Member], name: &str| {
        members.iter().any(|member| member.depth == depth && member.name == name)
    };
    let is_in_each = |name: &str| each.iter().all(|members| has(members, name));
    let mut told: Vec<Member> = Vec::new();
    for members in &each {
        let (known, mut is_new) = (told.clone(), false);
        for member in members {
            if member.depth == depth {
                is_new = !has(&known, &member.name);
            }
            if is_new {
                let is_optional = member.depth == depth && !is_in_each(&member.name);
                let is_required = member.is_required && !is_optional;
                told.push(Member { is_required, ..member.clone() });
            }
        }
    }
    found.extend(told);
}

pub fn of_parameter(document: &Value, parameter: &Value) -> Member {
    let place = parameter["in"].as_str().unwrap_or_default();
    let text = parameter["description"].as_str().unwrap_or_default();
    Member {
        name: parameter["name"].as_str().unwrap_or_default().to_owned(),
        depth: 0,
        kind: format!("{}, in the {place}", kind(document, &parameter["schema"])),
        is_required: parameter["required"] == true,
        text: parts(text),
    }
}

/// The shape that a link names, or the shape itself.
fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let link = schema["$ref"].as_str().and_then(|link| link.strip_prefix('#'));
    link.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// Of “null or something” the something.
fn present(schema: &Value) -> &Value {
    let choices = schema["oneOf"].as_array();
    let mut choices = choices.into_iter().flatten().filter(|choice| choice["type"] != "null");
    match (choices.next(), choices.next()) {
        (Some(only), None) => only,
        _ => schema,
    }
}

/// `text`, `list of numbers or null`.
fn kind(document: &Value, schema: &Value) -> String {
    let schema = followed(document, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let mut kinds: Vec<String> = choices.iter().map(|choice| kind(document, choice)).collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    match &schema["type"] {
        Value::Array(types) => {
            let kinds: Vec<String> =
                types.iter().map(|one| simple(document, one, schema)).collect();
            kinds.join(" or ")
        }
        one => simple(document, one, schema),
    }
}

fn simple(document: &Value, name: &Value, schema: &Value) -> String {
    match name.as_str() {
        Some("string") if schema["format"] == "date-time" => "time".to_owned(),
        Some("string") => match schema["enum"].as_array().map(Vec::as_slice) {
            Some([only]) => only.to_string(),
            _ => "text".to_owned(),
        },
        Some("integer" | "number") => "number".to_owned(),
        Some("array") => format!("list of {}", kind(document, &schema["items"])),
        Some("boolean") => "true or false".to_owned(),
        Some("null") => "null".to_owned(),
        Some("object") => "object".to_owned(),
        _ => "anything".to_owned(),
    }
}

pub fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

/// The command that makes a call, with the examples of the document.
pub fn curl((path, method): (&str, &str), described: &Value) -> String {
    let mut address = path.to_owned();
    let mut lines = String::new();
    let mut query = Vec::new();
    for parameter in described["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let example = parameter["example"].as_str().unwrap_or_default();
        match parameter["in"].as_str() {
            Some("path") => address = address.replace(&format!("{{{name}}}"), example),
            Some("query") if parameter["required"] == true => {
                query.push(format!("{name}={}", example.replace('@', "%40")));
            }
            Some("header") if parameter["required"] == true || name == "Idempotency-Key" => {
                let _ = write!(lines, " \\\n  --header '{name}: {example}'");
            }
            _ => {}
        }
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let (kind, content) = super::content(&described["requestBody"]);
    match content.get("example") {
        Some(Value::String(_)) => {
            let _ = write!(lines, " \\\n  --header 'Content-Type: {kind}'");
            lines.push_str(" \\\n  --data-binary @people.csv");
        }
        Some(body) => {
            let _ = write!(lines, " \\\n  --header 'Content-Type: {kind}'");
            let _ = write!(lines, " \\\n  --data '{body}'");
        }
        None => {}
    }
    let verb = match method {
        "get" => String::new(),
        method => format!("--request {} ", method.to_uppercase()),
    };
    format!(
        "curl {verb}\"$SEATKEEPER_URL/api/v1{address}{query}\" \\\n  --header \"Authorization: Bearer $SEATKEEPER_KEY\"{lines}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_told_with_their_kinds_and_those_inside_them() {
        let document = json!({ "components": { "schemas": {
            "Word": { "type": "string", "enum": ["a", "b"], "description": "A word." },
            "One": { "type": "object", "properties": { "a": { "type": "string" }, "both": { "$ref": "#/components/schemas/Inner" } }, "required": ["a", "both"] },
            "Other": { "type": "object", "properties": { "b": { "type": "string" }, "both": { "$ref": "#/components/schemas/Inner" } }, "required": ["b", "both"] },
            "Inner": { "type": "object", "properties": { "at": { "type": "string", "format": "date-time" } } },
        } } });
        let word = json!({ "$ref": "#/components/schemas/Word" });
        let schema = json!({ "type": "object", "required": ["word"], "properties": {
            "word": word,
            "maybe": { "oneOf": [{ "type": "null" }, word] },
            "many": { "type": "array", "items": { "$ref": "#/components/schemas/Inner" } },
            "either": { "oneOf": [{ "$ref": "#/components/schemas/One" }, { "$ref": "#/components/schemas/Other" }] },
            "count": { "type": ["integer", "null"], "description": "How `many`." },
        } });

        let told = |member: Member| {
            let text: String = member.text.into_iter().map(|part| part.text).collect();
            let mark = if member.is_required { "!" } else { "" };
            format!("{}{}{mark}: {} – {text}", "  ".repeat(member.depth), member.name, member.kind)
        };
        let mut lines: Vec<String> = members(&document, &schema).into_iter().map(told).collect();
        lines.sort();

        assert_eq!(
            lines,
            [
                "    at: time – ",
                "  a: text – ",
                "  at: time – ",
                "  b: text – ",
                "  both!: object – ",
                "count: number or null – How many.",
                "either: object – ",
                "many: list of object – ",
                "maybe: null or text – A word. One of a, b.",
                "word!: text – A word. One of a, b.",
            ]
        );
    }

    #[test]
    fn a_command_has_what_the_call_needs() {
        let call = json!({
            "parameters": [
                { "name": "user", "in": "query", "required": true, "example": "ada@acme.com" },
                { "name": "id", "in": "path", "required": true, "example": "org_1" },
                { "name": "limit", "in": "query", "example": "7" },
            ],
            "requestBody": { "content": { "application/json": { "example": { "a": 1 } } } },
        });

        assert_eq!(
            curl(("/of/{id}", "put"), &call),
            "curl --request PUT \"$SEATKEEPER_URL/api/v1/of/org_1?user=ada%40acme.com\" \\\n  \
             --header \"Authorization: Bearer $SEATKEEPER_KEY\" \\\n  \
             --header 'Content-Type: application/json' \\\n  --data '{\"a\":1}'"
        );
    }
}
