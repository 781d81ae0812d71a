//! What holds for many calls alike: the names in their paths, their headers and their refusals.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{super::Problem, problems, shapes};

/// The examples, by the name of the operation. A test sends the bodies and compares the answers.
const EXAMPLES: &str = include_str!("examples.json");

/// A name in a path: what it means, and an example.
const NAMES: [(&str, &str, &str); 7] = [
    ("organization", "The id of an organization, as Scalekit gives it.", "org_12345"),
    (
        "user",
        "A directory-user id, an external id or an e-mail address, in this order.",
        "diruser_1",
    ),
    ("decision", "`admit`, `move`, `dismiss` or `undo`.", "admit"),
    ("resync", "The id of a resync.", "rsn_01kb1w2h9t3x5y7z8a9b0c1d2e"),
    ("import", "The id of an import.", "imp_01kb1w2h9t3x5y7z8a9b0c1d2e"),
    ("endpoint", "The id of a webhook endpoint.", "wep_01kb1w2h9t3x5y7z8a9b0c1d2e"),
    (
        "delivery",
        "The id of the event, which is the `webhook-id` of its delivery.",
        "oev_01kb1w2h9t3x5y7z8a9b0c1d2e",
    ),
];

/// What any call may be refused with, whatever it asks.
const OF_EACH: [&str; 10] = [
    "key-missing",
    "key-mistyped",
    "key-unknown",
    "key-expired",
    "key-revoked",
    "scope-missing",
    "unknown-parameter",
    "too-many-calls",
    "internal",
    "busy",
];

/// The answers that are the same for each call, by their status, and their names.
const SHARED: [(u16, &str); 3] = [(401, "KeyRefused"), (500, "Internal"), (503, "Busy")];

/// A method of a path.
pub struct Call<'a> {
    pub path: &'a str,
    pub method: &'a str,
}

impl Call<'_> {
    /// Adds to an operation what follows from its path, its method and its parameters.
    pub fn complete(&self, operation: &mut Value) {
        shapes::split_summary(operation);
        let codes = self.codes(operation);
        self.add_parameters(operation);
        self.add_headers(&mut operation["responses"]);
        let answers = refusals(&codes);
        if let Some(responses) = operation["responses"].as_object_mut() {
            responses.extend(answers);
        }
        add_examples(operation);
    }

    fn is_post(&self) -> bool {
        self.method == "post"
    }

    /// The codes of the refusals: those that the handler names, and those of its kind.
    fn codes(&self, operation: &mut Value) -> Vec<String> {
        let mut codes: Vec<String> = OF_EACH.map(str::to_owned).to_vec();
        let mut add = |more: &[&str]| codes.extend(more.iter().map(|code| (*code).to_owned()));
        if self.path.contains('{') {
            add(&["not-found"]);
        }
        if has_parameter(operation, "query") {
            add(&["bad-parameter"]);
        }
        if named_parameter(operation, "cursor") {
            add(&["cursor"]);
        }
        if operation.get("requestBody").is_some() {
            add(&["bad-body", "content-type", "body-too-large"]);
        }
        if self.is_post() {
            add(&["idempotency-key", "idempotency-key-reused", "in-flight", "in-doubt"]);
        }
        if has_parameter(operation, "header") && self.method == "put" {
            add(&["if-match", "if-match-missing", "changed"]);
        }
        if let Some(members) = operation.as_object_mut()
            && let Some(Value::Array(own)) = members.remove("x-problems")
        {
            codes.extend(own.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        codes
    }

    /// Adds the headers that each answer has.
    fn add_headers(&self, responses: &mut Value) {
        for (_, response) in super::members(responses) {
            let mut all = linked(&OF_ANSWERS);
            if self.is_post() {
                all.extend(linked(&["Idempotency-Replayed"]));
            }
            if let Some(Value::Object(own)) = response.get("headers") {
                all.extend(own.clone());
            }
            response["headers"] = all.into();
        }
    }

    fn add_parameters(&self, operation: &mut Value) {
        let named = self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let mut parameters: Vec<Value> = named
            .filter_map(|name| NAMES.into_iter().find(|(known, ..)| *known == name))
            .map(|(name, text, example)| {
                json!({
                    "name": name, "in": "path", "required": true, "description": text,
                    "schema": { "type": "string" }, "example": example,
                })
            })
            .collect();
        if let Some(Value::Array(own)) = operation.get("parameters") {
            parameters.extend(own.iter().cloned().map(without_null));
        }
        if self.is_post() {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "A name of your own for this call, of up to 255 visible ASCII characters. For a day the same call \
                    with the same name is done once and answered alike.",
                "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
                "example": "contract-7-seats",
            }));
        }
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
    }
}

/// A parameter that is left out is not null.
fn without_null(mut parameter: Value) -> Value {
    let schema = &mut parameter["schema"];
    if let Some(types) = schema["type"].as_array() {
        schema["type"] = types.iter().find(|one| *one != "null").cloned().unwrap_or_default();
    }
    if let Some(choices) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        choices.retain(|one| one["type"] != "null");
        if let [only] = choices.as_mut_slice() {
            *schema = only.take();
        }
    }
    parameter
}

fn has_parameter(operation: &Value, place: &str) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == place))
}

fn named_parameter(operation: &Value, name: &str) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    parameters.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == name))
}

/// The headers of the answers, once for all calls.
pub fn headers() -> Value {
    let number = |text: &str| json!({ "description": text, "schema": { "type": "integer" } });
    let text = |text: &str| json!({ "description": text, "schema": { "type": "string" } });
    json!({
        "RateLimit-Limit": number("How many calls the key may make at once."),
        "RateLimit-Remaining": number("How many of them are left."),
        "RateLimit-Reset": number("In how many seconds all of them are left again."),
        "X-Request-Id": text("The id of this call, which the log has."),
        "Retry-After": number("After so many seconds the call may be tried again."),
        "Idempotency-Replayed": text("`true`: this is the answer of an earlier call with the same `Idempotency-Key`."),
        "WWW-Authenticate": text("`Bearer`, with what is wrong."),
    })
}

fn linked(names: &[&str]) -> Map<String, Value> {
    let link = |name: &&str| {
        ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))
    };
    names.iter().map(link).collect()
}

const OF_ANSWERS: [&str; 4] =
    ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id"];

/// The refusals with these codes, by their status.
fn refusals(codes: &[String]) -> Map<String, Value> {
    let mut by_status: BTreeMap<StatusCode, Vec<Problem>> = BTreeMap::new();
    for problem in problems::all() {
        if codes.iter().any(|code| *code == problem.code()) {
            by_status.entry(problem.status()).or_default().push(problem);
        }
    }
    by_status
        .into_iter()
        .map(|(status, problems)| {
            let shared = SHARED.into_iter().find(|(shared, _)| *shared == status.as_u16());
            let answer = match shared {
                Some((_, name)) => json!({ "$ref": format!("#/components/responses/{name}") }),
                None => refusal(status, &problems),
            };
            (status.as_str().to_owned(), answer)
        })
        .collect()
}

/// Each refusal once, by its code.
pub fn examples() -> Value {
    let mut examples = Map::new();
    for problem in problems::all() {
        // of two with one code the first is the usual one
        let example = json!({ "value": serde_json::to_value(&problem).unwrap_or_default() });
        examples.entry(problem.code()).or_insert(example);
    }
    examples.into()
}

/// The answers that are the same for each call.
pub fn shared_answers() -> Value {
    let all = problems::all();
    let answer = |(status, name): (u16, &str)| {
        let with_it = all.iter().filter(|problem| problem.status().as_u16() == status);
        let problems: Vec<Problem> = with_it.cloned().collect();
        let status = StatusCode::from_u16(status).unwrap_or_default();
        (name.to_owned(), refusal(status, &problems))
    };
    Value::Object(SHARED.into_iter().map(answer).collect())
}

/// Whether an answer may come before the call is counted.
fn is_before_the_call(status: StatusCode) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS].contains(&status)
        || status.is_server_error()
}

fn refusal(status: StatusCode, problems: &[Problem]) -> Value {
    let link = |code: &str| json!({ "$ref": format!("#/components/examples/{code}") });
    let examples: Map<String, Value> =
        problems.iter().map(|problem| (problem.code().to_owned(), link(problem.code()))).collect();
    let codes: Vec<String> = examples.keys().map(|code| format!("`{code}`")).collect();
    let title = status.canonical_reason().unwrap_or_default();
    let is_early = is_before_the_call(status);
    let mut headers = linked(if is_early { &["X-Request-Id"] } else { &OF_ANSWERS });
    match status {
        StatusCode::UNAUTHORIZED => headers.extend(linked(&["WWW-Authenticate"])),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            headers.extend(linked(&["Retry-After"]));
        }
        StatusCode::CONFLICT if examples.contains_key("in-flight") => {
            headers.extend(linked(&["Retry-After"]));
        }
        _ => {}
    }
    json!({
        "description": format!("{title}: {}.", codes.join(", ")),
        "headers": headers,
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "examples": examples,
        } },
    })
}

/// The example of an operation, by its id.
pub fn example(name: &str) -> Value {
    let mut examples: Value = serde_json::from_str(EXAMPLES).unwrap_or_default();
    examples.get_mut(name).map(Value::take).unwrap_or_default()
}

fn add_examples(operation: &mut Value) {
    let example = example(operation["operationId"].as_str().unwrap_or_default());
    if let Some(request) = example.get("request") {
        operation["requestBody"]["content"]["application/json"]["example"] = request.clone();
    }
    for (kind, file) in example["files"].as_object().into_iter().flatten() {
        operation["requestBody"]["content"][kind]["example"] = file.clone();
    }
    let Some(answer) = example.get("answer") else { return };
    let kind = if answer.is_string() { "text/csv" } else { "application/json" };
    for (status, response) in super::members(&mut operation["responses"]) {
        if status.starts_with('2') {
            response["content"][kind]["example"] = answer.clone();
        }
    }
}
