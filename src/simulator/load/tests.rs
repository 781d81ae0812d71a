//! Tests that the deliveries of a load test are accepted and understood, and that its results are
//! correct.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};

use super::*;
use domain::id::{DirectoryUserId, OrganizationId};
use seatkeeper::scalekit::{
    payload::{ParsedBody, read},
    signature::{Headers, Secrets, verify},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn load(to: &str) -> Load {
    Load { connections: 2, ..Load::new(to, Secret::parse(SECRET).unwrap()) }
}

/// The organization of each person, and how often the person came. Every tenth delivery is refused.
type Seen = Arc<Mutex<BTreeMap<DirectoryUserId, (OrganizationId, u64)>>>;

async fn receive(State(seen): State<Seen>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let secrets = Secrets::parse(SECRET).unwrap();
    if verify(&secrets, Headers::from(&headers), &body, Clock::machine().now()).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    let ParsedBody::Event(event) = read(&body) else { return StatusCode::UNPROCESSABLE_ENTITY };
    let domain::event::EventPayload::User(user_payload) = event.payload else {
        return StatusCode::UNPROCESSABLE_ENTITY;
    };
    let mut seen = seen.lock().unwrap();
    seen.entry(user_payload.user.unwrap())
        .or_insert((event.envelope.organization.unwrap(), 0))
        .1 += 1;
    let count: u64 = seen.values().map(|(_, times)| times).sum();
    if count.is_multiple_of(10) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

async fn receiver() -> (String, Seen) {
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/webhooks/scalekit", listener.local_addr().unwrap());
    let router = Router::new().route("/webhooks/scalekit", post(receive)).with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (to, seen)
}

#[test]
fn a_request_is_as_long_as_a_real_one() {
    let (now, target) = (Clock::machine().now(), Target::parse("http://localhost/").unwrap());
    let request = Messages::new(1, 0.0)
        .request(message::first_number(now), &target, &Secret::parse(SECRET).unwrap(), now)
        .to_vec();
    let head = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert!((600..900).contains(&(request.len() - head)), "{}", request.len() - head);
}

#[tokio::test]
async fn every_delivery_is_counted_and_brings_a_new_person() {
    let (to, seen) = receiver().await;

    let figures = run(Load { most: Some(200), organizations: 3, ..load(&to) }, Clock::machine())
        .await
        .unwrap();

    assert_eq!(
        (figures.acknowledged, figures.refused, figures.errors),
        (180, BTreeMap::from([(503, 20)]), 0)
    );
    assert!(figures.p50_ms <= figures.p99_ms && figures.p50_ms > Some(0.0));
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 200);
    let organizations: std::collections::BTreeSet<_> =
        seen.values().map(|(organization, _)| organization.clone()).collect();
    assert_eq!(organizations, (0..3).map(organization_id).collect());
}

#[tokio::test]
async fn a_tenth_of_duplicates_is_a_tenth() {
    let (to, seen) = receiver().await;

    run(Load { most: Some(200), duplicates: 0.1, connections: 1, ..load(&to) }, Clock::machine())
        .await
        .unwrap();

    let seen = seen.lock().unwrap();
    assert_eq!(seen.values().map(|(_, times)| times).sum::<u64>(), 200);
    assert!((179..=181).contains(&seen.len()), "{}", seen.len());
}

#[tokio::test]
async fn a_rate_is_not_exceeded_and_time_is_up_when_it_is_up() {
    let (to, _) = receiver().await;

    let figures = run(Load { seconds: 1, per_second: Some(100.0), ..load(&to) }, Clock::machine())
        .await
        .unwrap();

    let answered = figures.acknowledged + figures.refused.values().sum::<u64>();
    // This is the upper limit: a slow machine may send fewer.
    assert!((1..=102).contains(&answered), "{figures:?}");
}

#[tokio::test]
async fn a_receiver_that_is_away_is_an_error_not_a_hang() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);

    let figures = run(Load { most: Some(4), ..load(&to) }, Clock::machine()).await.unwrap();

    assert_eq!((figures.acknowledged, figures.errors, figures.p99_ms), (0, 4, None));
    let json = serde_json::to_value(&figures).unwrap();
    assert_eq!(
        (&json["errors"], &json["refused"], &json["p50_ms"]),
        (&4.into(), &serde_json::json!({}), &serde_json::Value::Null)
    );
}

#[tokio::test]
async fn a_load_that_makes_no_sense_is_refused() {
    let sense = load("http://localhost:1/");
    let nonsense = [
        (
            Load { to: "https://localhost".into(), ..sense.clone() },
            BadLoad::Address("https://localhost".into()),
        ),
        (Load { connections: 0, ..sense.clone() }, BadLoad::Connections),
        (Load { seconds: 0, ..sense.clone() }, BadLoad::Seconds),
        (Load { organizations: 0, ..sense.clone() }, BadLoad::Organizations),
        (Load { duplicates: f64::NAN, ..sense.clone() }, BadLoad::Duplicates),
        (Load { per_second: Some(0.0), ..sense }, BadLoad::Rate),
    ];
    for (load, why) in nonsense {
        assert_eq!(run(load, Clock::machine()).await.unwrap_err(), why);
    }
}
