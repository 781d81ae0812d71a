//! Tests the product over real HTTP, between a Seatkeeper that answers what a test says and the
//! browser of a person.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::get};
use domain::{id::WebhookId, text::ExternalText};
use reqwest::{Client, StatusCode};
use seatkeeper::{
    clock::Clock,
    scalekit::signature::{Secret, sign},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Connection, Product, sentences::sentence, webhooks::Event};
use crate::tests::NOW;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const FOREIGN: &str = "whsec_9vx5xtFNxQMZFcjLLGporL6TGkcSRNHb";
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}";
const SIGN_IN: &str = "/?organization=org_1&user=nina%40acme.test";

/// What Seatkeeper says about Nina, who may have another name.
#[derive(Clone)]
struct Said {
    name: &'static str,
    access: Arc<Mutex<Value>>,
}

struct Visitor {
    said: Said,
    http: Client,
    address: SocketAddr,
}

fn waits() -> Value {
    let reason = "Found no free seat, as all 50 seats were taken.";
    json!({"allowed": false, "state": "blocked", "reason": reason, "position": 3, "roles": [],
        "organization_id": "org_1", "user": "diruser_1"})
}

fn has_a_seat() -> Value {
    json!({"allowed": true, "state": "provisioned", "reason": "Has a seat.", "position": null,
        "roles": ["editor", "reader"], "organization_id": "org_1", "user": "diruser_1"})
}

async fn access(State(said): State<Said>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer sk_secret");
    Json(said.access.lock().unwrap().clone())
}

/// Starts both, and gives the address of Seatkeeper.
async fn serving(said: &Said) -> SocketAddr {
    let people = async |State(said): State<Said>| {
        Json(
            json!({"items": [{"user": "diruser_1", "name": said.name, "email": "nina@acme.test"}]}),
        )
    };
    let router = Router::new()
        .route(
            "/api/v1/organizations",
            get(async |State(said): State<Said>| {
                Json(json!({"items": [
                    {"id": "org_0", "name": "A trial", "seat_limit": 0, "used_seats": 0, "waiting": 2},
                    {"id": "org_1", "name": said.name, "seat_limit": 50, "used_seats": 50, "waiting": 3},
                ]}))
            }),
        )
        .route("/api/v1/organizations/{id}/people", get(people))
        .route("/api/v1/organizations/{id}/waitlist", get(people))
        .route(
            "/api/v1/organizations/{id}/people/{user}",
            get(async |State(said): State<Said>| Json(json!({"name": said.name}))),
        )
        .route("/api/v1/organizations/{id}/access", get(access))
        .with_state(said.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

impl Visitor {
    async fn of(name: &'static str) -> Self {
        let _installed_before: Result<_, _> =
            rustls::crypto::ring::default_provider().install_default();
        let said = Said { name, access: Arc::new(Mutex::new(waits())) };
        let seatkeeper = serving(&said).await;
        Self::at(said, seatkeeper).await
    }

    async fn at(said: Said, seatkeeper: SocketAddr) -> Self {
        let connection = Connection {
            seatkeeper: format!("http://{seatkeeper}"),
            key: "sk_secret".to_owned(),
            secret: Secret::parse(SECRET).unwrap(),
            simulator: "http://simulator.test".to_owned(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let product = Product::new(connection, Clock::still(NOW, 1)).unwrap();
        tokio::spawn(product.serve(listener));
        Self { said, http: Client::new(), address }
    }

    async fn see(&self, path: &str) -> String {
        let answer = self.http.get(format!("http://{}{path}", self.address)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// Posts a webhook as Seatkeeper does.
    async fn hear(&self, id: &str, event: &Value, secret: &str) -> StatusCode {
        let (body, at) = (event.to_string(), NOW.seconds());
        let secret = Secret::parse(secret).unwrap();
        let signature = sign(&secret, &WebhookId::new(id), at, body.as_bytes());
        let request = self.http.post(format!("http://{}/webhooks", self.address));
        let request = request
            .header("webhook-id", id)
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", signature);
        request.body(body).send().await.unwrap().status()
    }
}

fn event(kind: &str, data: &Value) -> Value {
    json!({"sequence": 7, "id": "oev_1", "type": kind, "organization_id": "org_1",
        "occurred_at": "2026-11-22T05:48:12Z", "data": data})
}

fn about_nina(name: &str) -> Value {
    json!({"version": 1, "user": {"id": "diruser_1", "name": name, "email": "nina@acme.test"}})
}

#[tokio::test]
async fn a_person_is_refused_and_is_let_in_when_a_webhook_tells_of_the_seat() {
    let visitor = Visitor::of("Nina Late").await;
    let live = format!("http://{}/live", visitor.address);
    let mut live = visitor.http.get(live).send().await.unwrap();

    let refused = visitor.see(SIGN_IN).await;
    *visitor.said.access.lock().unwrap() = has_a_seat();
    let admitted = event("seat.admitted", &about_nina("Nina Late"));
    assert_eq!(visitor.hear("oev_1", &admitted, SECRET).await, StatusCode::NO_CONTENT);
    let heard = live.chunk().await.unwrap().unwrap();
    let admitted = visitor.see(&format!("{SIGN_IN}&after=oev_1")).await;

    for text in [
        "No seat for Nina Late.",
        "all 50 seats were taken",
        "Position on the waitlist: <b>3</b>",
        "GET /api/v1/organizations/org_1/access?user=nina%40acme.test",
        "Authorization: Bearer sk_…",
        "200 OK in",
        "&#34;allowed&#34;: false",
        "http://simulator.test/organizations/org_1",
        "No webhook yet.",
    ] {
        assert!(refused.contains(text), "{text}: {refused}");
    }
    assert!(!refused.contains("sk_secret"), "{refused}");
    assert_eq!(&heard[..], b"data: {\"organization\":\"org_1\",\"event\":\"oev_1\"}\n\n");
    for text in [
        "Nina Late is in, with the roles editor and reader.",
        "because the webhook <code>seat.admitted</code> came",
        "Nina Late of Nina Late got a seat.",
        "&#34;allowed&#34;: true",
    ] {
        assert!(admitted.contains(text), "{text}: {admitted}");
    }
}

#[tokio::test]
async fn at_first_the_page_suggests_people_of_a_customer_with_a_waitlist() {
    let visitor = Visitor::of("Nina Late").await;

    let page = visitor.see("/").await;

    assert!(page.contains(r#"<option value="org_1" selected>"#), "{page}");
    assert!(page.contains(r#"<button name="user" value="nina@acme.test">Nina Late</button>"#));
    assert!(!page.contains("The question"), "no person signs in yet");
    for (path, text) in [("/product.css", "--violet"), ("/product.js", "EventSource")] {
        assert!(visitor.see(path).await.contains(text), "{path}");
    }
}

#[tokio::test]
async fn a_forged_webhook_is_refused_and_a_repeated_one_is_listed_once() {
    let visitor = Visitor::of("Nina Late").await;
    let admitted = event("seat.admitted", &about_nina("Nina Late"));

    let forged = visitor.hear("oev_0", &admitted, FOREIGN).await;
    let unreadable = visitor.hear("oev_0", &json!("hello"), SECRET).await;
    let shown = visitor.see("/webhooks").await;

    assert_eq!((forged, unreadable), (StatusCode::BAD_REQUEST, StatusCode::BAD_REQUEST));
    assert!(shown.contains("No webhook yet.") && !shown.contains("oev_0"), "{shown}");

    for _ in 0..2 {
        assert_eq!(visitor.hear("oev_1", &admitted, SECRET).await, StatusCode::NO_CONTENT);
    }
    let shown = visitor.see("/webhooks").await;
    assert_eq!(shown.matches("<li ").count(), 1, "{shown}");
}

#[tokio::test]
async fn the_last_fifty_webhooks_are_shown_the_newest_first() {
    let visitor = Visitor::of("Nina Late").await;

    for number in 1..=51 {
        let id = format!("oev_{number}");
        visitor.hear(&id, &event("seat.blocked", &about_nina("Nina")), SECRET).await;
    }

    let shown = visitor.see("/webhooks").await;
    assert_eq!(shown.matches("<li id=").count(), 50);
    assert!(shown.find(r#"id="oev_51""#) < shown.find(r#"id="oev_2""#));
    assert!(!shown.contains(r#"id="oev_1""#));
}

#[tokio::test]
async fn text_from_outside_stays_text() {
    let visitor = Visitor::of(HOSTILE).await;
    visitor.hear("oev_1", &event("seat.admitted", &about_nina(HOSTILE)), SECRET).await;
    visitor.hear("oev_2", &event(HOSTILE, &json!({})), SECRET).await;
    visitor.said.access.lock().unwrap()["reason"] = json!(HOSTILE);

    let page =
        visitor.see("/?organization=%3Cscript%3Ealert(1)&user=%22%3E%3Cscript%3Ealert(1)").await;
    let again = visitor.see(SIGN_IN).await;

    for page in [page, again] {
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(!page.contains('\u{202e}'), "{page}");
        assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
    }
}

#[tokio::test]
async fn without_an_answer_no_person_gets_in() {
    let visitor = Visitor::of("Nina Late").await;
    *visitor.said.access.lock().unwrap() = json!({"title": "strange"});
    let strange = visitor.see(SIGN_IN).await;

    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let visitor = Visitor::at(visitor.said.clone(), nowhere).await;
    let alone = visitor.see(SIGN_IN).await;

    for page in [&strange, &alone] {
        assert!(page.contains("No answer about nina@acme.test."), "{page}");
        assert!(page.contains("lets no person in"), "{page}");
    }
    assert!(alone.contains("Seatkeeper does not say who the customers are. No answer:"), "{alone}");
}

#[tokio::test]
async fn a_site_that_is_said_to_live_here_sees_nothing() {
    let visitor = Visitor::of("Nina Late").await;

    for path in ["/", "/webhooks", "/live"] {
        let request = visitor.http.get(format!("http://{}{path}", visitor.address));
        let answer = request.header("host", "evil.example").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    let page = visitor.http.get(format!("http://{}/", visitor.address)).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
}

#[test]
fn each_event_is_a_sentence() {
    let user = json!({"id": "diruser_1", "name": "Nina Late", "roles": ["editor"]});
    let customer = ExternalText::new("Acme");
    for (kind, data, expected) in [
        ("seat.admitted", json!({"user": user}), "Nina Late of Acme got a seat."),
        (
            "seat.blocked",
            json!({"user": {"id": "diruser_1"}}),
            "diruser_1 of Acme has to wait for a seat.",
        ),
        ("seat.released", json!({"user": null}), "A person of Acme no longer has a seat."),
        (
            "user.updated",
            json!({"user": user, "changed": ["name", "external_id"]}),
            "Nina Late of Acme has other data: name, external id.",
        ),
        (
            "user.updated",
            json!({"user": user, "before": "blocked", "after": "removed"}),
            "Nina Late of Acme is now removed, without a seat.",
        ),
        (
            "roles.changed",
            json!({"user": user, "before": ["reader"], "after": ["editor"]}),
            "Nina Late of Acme now has the role editor.",
        ),
        ("roles.changed", json!({"user": user, "after": []}), "Nina Late of Acme now has no role."),
        (
            "roles.changed",
            json!({"user": null, "before": null, "after": null}),
            "The roles of people of Acme may have changed.",
        ),
        (
            "seat_limit.changed",
            json!({"before": null, "after": "unlimited"}),
            "Acme now has unlimited seats instead of no seat limit.",
        ),
        (
            "seat_limit.changed",
            json!({"before": 50, "after": 1}),
            "Acme now has 1 seat instead of 50 seats.",
        ),
        (
            "organization.over_limit",
            json!({"over": 3}),
            "Acme is over by 3: more seats are used than the limit allows.",
        ),
        ("organization.archived", json!({}), "Acme was archived: its people hold no seats."),
        ("organization.restored", json!({}), "Acme exists again."),
        (
            "test",
            json!({"message": "Seatkeeper reaches this endpoint."}),
            "A test: Seatkeeper reaches this endpoint.",
        ),
        ("seat.painted", json!({}), "Something happened: seat.painted."),
    ] {
        let event: Event = serde_json::from_value(event(kind, &data)).unwrap();
        assert_eq!(sentence(&event, &customer), expected);
    }
}
