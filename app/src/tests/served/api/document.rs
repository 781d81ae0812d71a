//! The document of the API and the page that shows it. Each answer in the tests of the API is
//! compared with the document.

use std::{collections::BTreeSet, env, fs, path::Path, sync::OnceLock};

use domain::outgoing_event::EventType;
use serde_json::Value;

use super::{
    super::support::{Answer, Server},
    call, key, started,
    table::TABLE,
    value,
};

/// The document as the first server of this process gives it; it depends on nothing.
fn document(server: &Server) -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| value(&server.ask("GET /api/openapi.json", "", "")))
}

/// Every call of the document: its method, its path, and what it says.
fn calls(document: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, call)| (method.to_uppercase(), path.as_str(), call))
    })
}

fn fits(template: &str, path: &str) -> bool {
    let (names, parts) = (template.split('/'), path.split('/'));
    template.matches('/').count() == path.matches('/').count()
        && names.zip(parts).all(|(name, part)| name.starts_with('{') || name == part)
}

/// Fails if the document does not say that this call may be answered so.
pub fn check(server: &Server, what: &str, answer: &Answer) {
    let document = document(server);
    let (method, path) = what.split_once(' ').unwrap();
    let path = path.split('?').next().unwrap();
    let mut all = calls(document);
    let Some((.., call)) = all.find(|(one, at, _)| one == method && fits(at, path)) else { return };
    let described = &call["responses"][answer.status.to_string()];
    let described = followed(document, described);
    assert!(described.is_object(), "{what}: {answer:?} is not in the document");
    for (name, _) in described["headers"].as_object().unwrap() {
        let is_sometimes = ["Idempotency-Replayed", "Retry-After"].contains(&name.as_str());
        let is_there = answer.header(&name.to_lowercase()).is_some();
        assert!(is_there || is_sometimes, "{what}: no {name} in {answer:?}");
    }
    if answer.status >= 400 {
        let problem = value(answer);
        let content = &described["content"]["application/problem+json"];
        let code = problem["code"].as_str().unwrap();
        assert!(content["examples"].get(code).is_some(), "{what}: {code} is not in the document");
        assert_eq!(mismatch(document, &content["schema"], &problem), None, "{what}: {problem}");
    } else if answer.body.is_empty() {
        assert!(described.get("content").is_none(), "{what}: {answer:?}");
    } else if answer.header("content-type") == Some("text/csv; charset=utf-8") {
        assert!(described["content"]["text/csv"].is_object(), "{what}: {answer:?}");
    } else {
        let schema = &described["content"]["application/json"]["schema"];
        assert_eq!(mismatch(document, schema, &value(answer)), None, "{what}: {}", answer.body);
    }
}

fn followed<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"].as_str() {
        Some(link) => document.pointer(link.strip_prefix('#').unwrap()).unwrap(),
        None => part,
    }
}

/// Why a value does not have a shape; a small part of JSON Schema, as much as the document uses.
fn mismatch(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let schema = followed(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Some(why) = mismatch(document, part, value) {
            return Some(why);
        }
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fit = choices.iter().filter(|one| mismatch(document, one, value).is_none()).count();
        return (fit != 1).then(|| format!("{value} is {fit} of {choices:?}"));
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let is = |name: &Value| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    };
    if !types.is_empty() && !types.iter().any(is) {
        return Some(format!("{value} is not {types:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Some(format!("{value} is not one of {words:?}"));
    }
    if let (Some(members), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    {
        let required = schema["required"].as_array().into_iter().flatten();
        let mut required = required.map(|name| name.as_str().unwrap());
        if let Some(name) = required.find(|name| !members.contains_key(*name)) {
            return Some(format!("{name} is not there"));
        }
        return properties.iter().find_map(|(name, schema)| {
            let why = mismatch(document, schema, members.get(name)?)?;
            Some(format!("{name}: {why}"))
        });
    }
    if let (Some(members), Some(shape)) = (value.as_object(), schema.get("additionalProperties")) {
        return members.values().find_map(|member| mismatch(document, shape, member));
    }
    let items = value.as_array()?;
    let shape = schema.get("items")?;
    items.iter().find_map(|item| mismatch(document, shape, item))
}

#[test]
fn the_document_the_routes_and_the_table_have_the_same_calls() {
    let server = started();
    let document = document(&server);
    let described: BTreeSet<String> =
        calls(document).map(|(method, path, _)| format!("{method} {path}")).collect();
    let table = TABLE.map(|(what, ..)| what.split('?').next().unwrap().to_owned());
    assert_eq!(described, table.into_iter().collect());

    // a route has its description, because `routes!` takes both from the handler
    let routes = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/mod.rs");
    let routes = fs::read_to_string(routes).unwrap();
    let routes = routes.split("fn calls()").nth(1).unwrap().split("\n}").next().unwrap();
    assert!(!routes.contains(".route(") && routes.contains(".routes("));
    let ids: Vec<_> = calls(document).map(|(.., call)| call["operationId"].clone()).collect();
    let unique: BTreeSet<_> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(unique.len(), ids.len());
}

/// The file shows each change of the API in its commit.
#[test]
fn the_file_in_the_repository_is_the_document() {
    let server = started();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/docs/openapi.json");
    let text = serde_json::to_string_pretty(document(&server)).unwrap() + "\n";
    if env::var_os("WRITE_OPENAPI").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let is_same = fs::read_to_string(&file).unwrap_or_default() == text;
    assert!(is_same, "run this test with WRITE_OPENAPI=1 and look at the difference");
}

#[test]
fn the_examples_are_taken_and_have_the_shapes_of_the_answers() {
    let server = started();
    let document = document(&server);
    let write = key(&server, &["--scope", "write"]);
    let import = key(&server, &["--scope", "import"]);

    for (method, path, described) in calls(document) {
        let what = format!("{method} {}", path.replace("{organization}", "org_1"));
        let bodies = &described["requestBody"]["content"];
        let body = &bodies["application/json"];
        let files = bodies.as_object().into_iter().flatten();
        for (kind, content) in files.filter(|(kind, _)| *kind != "application/json") {
            let headers = format!("authorization: Bearer {import}\r\ncontent-type: {kind}\r\n");
            let what = format!("{method} /api/v1{}", path.replace("{organization}", "org_1"));
            let answer = server.ask(&what, &headers, content["example"].as_str().unwrap());
            assert!([202, 409].contains(&answer.status), "{what}: {answer:?}");
        }
        if body.is_object() {
            let example = body.get("example").unwrap_or_else(|| panic!("{what} has no example"));
            let imports = described["tags"][0] == "Imports";
            let key = if imports { &import } else { &write };
            let answer = call(&server, &what, key, &example.to_string());
            assert!([200, 201, 202, 404, 409].contains(&answer.status), "{what}: {answer:?}");
            assert_eq!(mismatch(document, &body["schema"], example), None, "{what}");
        }
        let answers = described["responses"].as_object().unwrap().iter();
        let (_, works) = answers.clone().find(|(status, _)| status.starts_with('2')).unwrap();
        if let Some(content) = works["content"].get("application/json") {
            let example = content.get("example").unwrap_or_else(|| panic!("{what} has none"));
            assert_eq!(mismatch(document, &content["schema"], example), None, "{what}");
        }
    }
}

/// The names of the members of an object, and of the shape that it has among those of `schema`.
fn member_names(document: &Value, schema: &Value, value: &Value) -> [Vec<String>; 2] {
    let schema = followed(document, schema);
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let its = choices.into_iter().find(|one| mismatch(document, one, value).is_none());
    let shape = followed(document, its.unwrap_or(schema));
    let names = |members: &Value| members.as_object().unwrap().keys().cloned().collect();
    let (mut is, mut has): (Vec<String>, Vec<String>) = (names(value), names(&shape["properties"]));
    is.sort();
    has.sort();
    [is, has]
}

/// Fails if an event is not exactly what the document says about its type.
pub fn check_event(server: &Server, event: &Value) {
    let document = document(server);
    let kind = event["type"].as_str().unwrap();
    let body = &document["webhooks"][kind]["post"]["requestBody"]["content"]["application/json"];
    let shape = &body["schema"];
    assert_eq!(mismatch(document, shape, event), None, "{event}");
    let [is, has] = member_names(document, shape, event);
    assert_eq!(is, has, "{event}");
    let data = &followed(document, shape)["properties"]["data"];
    let [is, has] = member_names(document, data, &event["data"]);
    assert_eq!(is, has, "{event}");
}

#[test]
fn each_type_of_event_has_a_shape_and_an_example() {
    let server = started();
    let document = document(&server);
    let described = document["webhooks"].as_object().unwrap();

    let types = EventType::ALL.map(EventType::as_str).into_iter().chain(["test"]);
    let types: BTreeSet<&str> = types.collect();
    assert_eq!(described.keys().map(String::as_str).collect::<BTreeSet<_>>(), types);
    let event = &document["components"]["schemas"]["Event"];
    assert_eq!(event["discriminator"]["mapping"].as_object().unwrap().len(), EventType::ALL.len());
    for (kind, item) in described {
        let content = &item["post"]["requestBody"]["content"]["application/json"];
        let example = &content["example"];
        assert_eq!(example["type"], kind.as_str());
        check_event(&server, example);
        let link = &event["discriminator"]["mapping"][kind];
        assert!(kind == "test" || *link == content["schema"]["$ref"], "{link}");
        let is_of_the_feed = mismatch(document, event, example).is_none();
        assert_eq!(is_of_the_feed, kind != "test", "{kind}");
    }
}

#[test]
fn the_page_shows_every_call_and_needs_no_script() {
    let server = started();
    let document = document(&server);

    let chosen = server.call("set_theme", "theme=dark", "");
    let (theme, _) = chosen.header("set-cookie").unwrap().split_once('=').unwrap();
    let answer = server.ask("GET /api/docs", &format!("cookie: a=b; {theme}=dark\r\n"), "");

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert!(answer.header("set-cookie").is_none() && !answer.body.contains("<script"));
    assert!(answer.body.contains(r#"data-theme="dark""#));
    let marked = |mark: &str| -> Vec<String> {
        let parts = answer.body.split(mark).skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
    };
    let ids = marked(" id=\"");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let webhooks = document["webhooks"].as_object().unwrap().values();
    let calls = calls(document).map(|(.., call)| call);
    for call in calls.chain(webhooks.map(|item| &item["post"])) {
        let id = call["operationId"].as_str().unwrap();
        assert!(unique.iter().any(|known| *known == id), "{id}");
    }
    for link in marked("href=\"#") {
        assert!(unique.contains(&link), "#{link} leads nowhere");
    }
    let odd = format!("cookie: {theme}=neon\"><b>\r\n");
    let bright = server.ask("GET /api/docs", &odd, "");
    assert!(!bright.body.contains("data-theme") && !bright.body.contains("neon"));
}
