//! A resync against a server that knows only the shapes of Scalekit's messages: with every field,
//! with none, with empty values, and with unknown values.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    directory::PlanWarning,
    id::OrganizationId,
    organization::SeatLimit,
    resync::{Resync, ResyncCause, ResyncState},
};
use seatkeeper::{
    commands::{
        Gap, Look, backfill,
        resync::{Turn, start_resync, work_on},
    },
    queries,
    scalekit::client::{Client, Credentials},
    state::{AppState, Resyncs},
};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::support::world::{ACME, TestApp, operator, scope, stories};

stories! {
    everything_a_message_may_hold_is_read,
    a_message_without_what_may_be_absent_is_read,
    null_and_empty_words_are_read_as_absent,
    an_unknown_field_disturbs_nothing,
    empty_answers_remove_no_person,
    an_event_log_that_is_not_in_the_document_asks_for_resyncs,
}

/// How the server fills its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Full,
    /// Only lists, ids, the organization and `enabled`, because a directory without it counts as
    /// disabled.
    Bare,
    Empty,
    /// Every field, with an unknown value in every enumeration and an unknown field in every
    /// message.
    Strange,
    /// No field, not even a list.
    Nothing,
}

/// An example of what a schema describes; the ids are set later.
fn example(document: &Value, schema: &Value, mood: Mood) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return example(document, &document["schemas"][name], mood);
    }
    if let Some(values) = schema["enum"].as_array() {
        return if mood == Mood::Strange {
            json!("INVENTED_SINCE")
        } else {
            values.last().unwrap().clone()
        };
    }
    if !schema["items"].is_null() {
        return json!([
            example(document, &schema["items"], mood),
            example(document, &schema["items"], mood)
        ]);
    }
    if let Some(properties) = schema["properties"].as_object() {
        return Value::Object(message(document, properties, mood));
    }
    match (schema["type"].as_str().unwrap(), schema["format"].as_str()) {
        ("string", Some("date-time")) => json!("2026-07-01T12:00:00.123456Z"),
        ("string", _) => json!("Some Text"),
        ("integer", _) => json!(6),
        ("boolean", _) => json!(true),
        ("object", _) => json!({}),
        other => panic!("there is no example of {other:?}"),
    }
}

fn message(document: &Value, properties: &Map<String, Value>, mood: Mood) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, schema) in properties {
        let always = ["directories", "users", "groups", "id", "enabled", "organization"]
            .contains(&name.as_str());
        let empty = match (mood, schema["type"].as_str()) {
            (Mood::Full | Mood::Strange, _) => None,
            (Mood::Bare | Mood::Empty, _) if always => None,
            (Mood::Bare | Mood::Nothing, _) => continue,
            (Mood::Empty, Some("string")) if name.len() % 2 == 0 => Some(json!("")),
            (Mood::Empty, _) => Some(Value::Null),
        };
        all.insert(name.clone(), empty.unwrap_or_else(|| example(document, schema, mood)));
    }
    if mood == Mood::Strange {
        all.insert("invented_since".to_owned(), json!({"deep": [1, null, {"er": true}]}));
    }
    all
}

struct Server {
    document: Value,
    mood: Mood,
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/oauth/token" {
        return Json(
            json!({"access_token": "token", "token_type": "Bearer", "expires_in": 86_399}),
        )
        .into_response();
    }
    let fits = |template: &str| {
        let (template, path): (Vec<_>, Vec<_>) =
            (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template.iter().zip(&path).all(|(a, b)| a == b || a.starts_with('{'))
    };
    let paths = server.document["paths"].as_object().unwrap();
    let Some((_, schema)) = paths.iter().find(|(template, _)| fits(template)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut body = example(&server.document, schema, server.mood);
    let page = request
        .uri()
        .query()
        .and_then(|query| query.split_once("page_token="))
        .map_or(1, |(_, token)| token.parse().unwrap());
    let directory =
        path.split("/dir_").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    name(&mut body, directory, page);
    Json(body).into_response()
}

/// Sets what must differ between examples: ids, e-mail addresses, and three pages of each list that
/// has pages.
fn name(body: &mut Value, directory: &str, page: u64) {
    if body["organization"].is_object() {
        body["organization"]["id"] = json!(ACME);
    }
    for (list, prefix) in [("directories", "dir"), ("users", "diruser"), ("groups", "dirgroup")] {
        for (index, entry) in body[list].as_array_mut().into_iter().flatten().enumerate() {
            let id = format!("{prefix}_{directory}{page}{index}");
            for group in entry["groups"].as_array_mut().into_iter().flatten() {
                group["id"] = json!(format!("dirgroup_{directory}10"));
            }
            if entry.get("email").is_some_and(|email| email == "Some Text") {
                entry["email"] = json!(format!("{id}@acme.test"));
            }
            entry["id"] = json!(id);
        }
    }
    if body["next_page_token"] == "Some Text" {
        body["next_page_token"] = if page < 3 { json!((page + 1).to_string()) } else { json!("") };
    }
}

async fn state(world: &TestApp, mood: Mood) -> AppState {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let document = serde_json::from_str(include_str!("openapi.json")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(Arc::new(Server { document, mood }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let credentials =
        Credentials { client_id: "skc_1".to_owned(), client_secret: "live_secret".to_owned() };
    world.state.clone().with_scalekit(
        Client::new(address.parse().unwrap(), credentials, world.clock.clone()).unwrap(),
        Resyncs::default(),
    )
}

/// Seatkeeper knows a user who is on no list; then it makes a resync.
async fn resync(world: &TestApp, mood: Mood) -> Resync {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ghost").await;
    let (state, acme) = (state(world, mood).await, OrganizationId::new(ACME));
    let id = start_resync(&state, Some(&operator()), &acme, ResyncCause::CommandLine, false)
        .await
        .unwrap();
    work_on(&state, &Turn::This(acme, id.clone())).await.unwrap();
    let run = queries::resync(&state, &scope(ACME), &id).await.unwrap();
    world.check().await;
    run
}

/// Two directories, each with six users on three pages.
async fn everything_a_message_may_hold_is_read(world: TestApp) {
    let run = resync(&world, Mood::Full).await;

    assert_eq!(
        (run.state, run.counts.created, run.counts.removed, run.error),
        (ResyncState::Done, 12, 1, None)
    );
    assert_eq!(
        world.texts("select email from directory_users where id = 'diruser_1131'").await,
        ["diruser_1131@acme.test"]
    );
    assert_eq!(world.texts("select distinct provider from directories").await, ["PING_IDENTITY"]);
    assert_eq!(
        world.texts("select distinct group_id from memberships order by group_id").await,
        ["dirgroup_1010", "dirgroup_1110"]
    );
}

async fn a_message_without_what_may_be_absent_is_read(world: TestApp) {
    let run = resync(&world, Mood::Bare).await;

    assert_eq!(
        (run.state, run.counts.created, run.counts.removed, run.total),
        (ResyncState::Done, 4, 1, None)
    );
    assert_eq!(world.usage(ACME).await.used, 4);
}

async fn null_and_empty_words_are_read_as_absent(world: TestApp) {
    let run = resync(&world, Mood::Empty).await;

    assert_eq!(
        (run.state, run.counts.created, run.counts.removed, run.total),
        (ResyncState::Done, 4, 1, None)
    );
    assert_eq!(world.texts("select distinct coalesce(email, 'none') from directory_users where state <> 'removed'").await, ["none"]);
}

async fn an_unknown_field_disturbs_nothing(world: TestApp) {
    let run = resync(&world, Mood::Strange).await;

    assert_eq!(
        (run.state, run.counts.created, run.counts.removed, run.error),
        (ResyncState::Done, 12, 1, None)
    );
    assert_eq!(world.texts("select distinct provider from directories").await, ["INVENTED_SINCE"]);
}

async fn empty_answers_remove_no_person(world: TestApp) {
    let run = resync(&world, Mood::Nothing).await;

    assert_eq!(
        (run.state, run.warning, run.counts.removed),
        (ResyncState::Waiting, Some(PlanWarning::Empty), 1)
    );
    assert_eq!(world.usage(ACME).await.used, 1);
}

async fn an_event_log_that_is_not_in_the_document_asks_for_resyncs(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await;

    assert_eq!(backfill(&state(&world, Mood::Full).await, Look::Now).await.unwrap(), Gap::Resync);
}
