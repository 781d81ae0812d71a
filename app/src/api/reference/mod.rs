//! The page that shows the document of the API to a reader. It is made on the server and needs no
//! script, no session and no key.

mod words;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::Value;

use self::words::{Member, Part, curl, members, of_parameter, parts, pretty};
use crate::server_fns::answer::THEMES;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// What the page shows.
#[derive(Debug)]
pub struct Reference {
    about: Vec<Vec<Part>>,
    sections: Vec<Section>,
    webhooks: Vec<Webhook>,
    problems: Vec<Refusal>,
    /// The name of the cookie with the reader's colour scheme.
    theme_cookie: String,
}

/// A group of calls.
#[derive(Debug)]
struct Section {
    anchor: String,
    name: String,
    text: Vec<Part>,
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    anchor: String,
    method: String,
    path: String,
    summary: String,
    text: Vec<Vec<Part>>,
    parameters: Vec<Member>,
    body: Vec<Member>,
    answer: Answer,
    curl: String,
    refusals: Vec<(String, Vec<String>)>,
}

/// An event that an endpoint receives.
#[derive(Debug)]
struct Webhook {
    anchor: String,
    kind: String,
    summary: String,
    members: Vec<Member>,
    example: String,
}

/// What a call that works is answered.
#[derive(Debug)]
struct Answer {
    status: String,
    text: Vec<Part>,
    members: Vec<Member>,
    headers: Vec<Member>,
    example: Option<String>,
}

/// A refusal with its code.
#[derive(Debug)]
struct Refusal {
    code: String,
    status: String,
    sentence: String,
}

#[derive(Template)]
#[template(path = "page.html", config = "src/api/reference/askama.toml")]
struct Page<'a> {
    it: &'a Reference,
    theme: Option<&'static str>,
}

pub async fn show(State(reference): State<Arc<Reference>>, headers: HeaderMap) -> Response {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|text| text.to_str().ok());
    let mut cookies =
        cookies.flat_map(|text| text.split(';')).filter_map(|one| one.split_once('='));
    let chosen = cookies
        .find(|(name, _)| name.trim() == reference.theme_cookie)
        .map(|(_, theme)| theme.trim());
    let theme = THEMES.into_iter().find(|theme| Some(*theme) == chosen);
    match (Page { it: &reference, theme }).render() {
        Ok(page) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the page about the API could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Reference {
    /// The page of a document.
    pub fn of(document: &Value, theme_cookie: String) -> Self {
        let tags = document["tags"].as_array().into_iter().flatten();
        Self {
            about: paragraphs(&document["info"]["description"]),
            sections: tags.map(|tag| section(document, tag)).collect(),
            webhooks: entries(&document["webhooks"])
                .map(|(kind, item)| webhook(document, kind, &item["post"]))
                .collect(),
            problems: problems(document),
            theme_cookie,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn paragraphs(value: &Value) -> Vec<Vec<Part>> {
    text(value).split("\n\n").filter(|text| !text.is_empty()).map(parts).collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn section(document: &Value, tag: &Value) -> Section {
    let name = text(&tag["name"]);
    let calls = entries(&document["paths"])
        .flat_map(|(path, item)| entries(item).map(move |(method, call)| (path, method, call)))
        .filter(|(_, _, described)| described["tags"][0] == tag["name"])
        .map(|(path, method, described)| {
            call(document, (path.as_str(), method.as_str()), described)
        })
        .collect();
    Section {
        anchor: name.to_lowercase().replace(' ', "-"),
        text: parts(&text(&tag["description"])),
        name,
        calls,
    }
}

fn call(document: &Value, (path, method): (&str, &str), described: &Value) -> Call {
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let (_, body) = content(&described["requestBody"]);
    let answers = || entries(&described["responses"]);
    let works = answers().find(|(status, _)| status.starts_with('2'));
    Call {
        anchor: text(&described["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&described["summary"]),
        text: paragraphs(&described["description"]),
        parameters: parameters.map(|one| of_parameter(document, one)).collect(),
        body: members(document, &body["schema"]),
        answer: answer(document, works),
        curl: curl((path, method), described),
        refusals: answers()
            .map(|(status, answer)| (status.clone(), codes(document, answer)))
            .filter(|(_, codes)| !codes.is_empty())
            .collect(),
    }
}

fn webhook(document: &Value, kind: &str, described: &Value) -> Webhook {
    let (_, body) = content(&described["requestBody"]);
    Webhook {
        anchor: text(&described["operationId"]),
        kind: kind.to_owned(),
        summary: text(&described["summary"]),
        members: members(document, &body["schema"]),
        example: pretty(&body["example"]),
    }
}

/// The kind of a body, and what it holds. Of several kinds one is shown: the last by name.
fn content(part: &Value) -> (&str, &Value) {
    let last = part["content"].as_object().and_then(|kinds| kinds.iter().next_back());
    last.map_or(("", &Value::Null), |(kind, content)| (kind.as_str(), content))
}

fn answer(document: &Value, works: Option<(&String, &Value)>) -> Answer {
    let (status, answer) = works.map_or((String::new(), &Value::Null), |(s, a)| (s.clone(), a));
    let (_, content) = content(answer);
    // the headers of each answer stand at the top of the page
    let own = entries(&answer["headers"]).filter(|(_, header)| header.get("$ref").is_none());
    Answer {
        status,
        text: parts(&text(&answer["description"])),
        members: members(document, &content["schema"]),
        headers: own.map(|(name, header)| Member::header(name, header)).collect(),
        example: content.get("example").map(pretty),
    }
}

/// The examples of a refusal, by their code.
fn examples<'a>(document: &'a Value, answer: &'a Value) -> &'a Value {
    let shared = answer["$ref"].as_str().and_then(|link| link.strip_prefix('#'));
    let answer = shared.and_then(|pointer| document.pointer(pointer)).unwrap_or(answer);
    &answer["content"]["application/problem+json"]["examples"]
}

fn codes(document: &Value, answer: &Value) -> Vec<String> {
    entries(examples(document, answer)).map(|(code, _)| code.clone()).collect()
}

/// Every refusal once, in order of the codes.
fn problems(document: &Value) -> Vec<Refusal> {
    entries(&document["components"]["examples"])
        .map(|(code, example)| Refusal {
            code: code.clone(),
            status: example["value"]["status"].to_string(),
            sentence: text(&example["value"]["detail"]),
        })
        .collect()
}
