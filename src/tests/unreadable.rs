//! Payloads with unreadable parts: a bad field loses only itself, and a bad time never becomes the
//! current time.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{
    body::{Personal, printed},
    id::DeliveryId,
    organization::SeatLimit,
    time::Timestamp,
};
use seatkeeper::commands::{Notify, ReplayContext, replay};

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    a_person_without_a_readable_address_is_a_person_with_a_name,
    a_field_that_says_nothing_leaves_what_is_known_in_every_order,
    a_time_that_leaves_no_room_for_a_guess_is_read,
    a_time_that_cannot_be_read_brings_no_person_back,
    a_time_in_the_future_counts_as_of_the_receipt_and_the_delivery_says_so,
    half_a_surrogate_is_taken_and_the_body_is_kept,
    a_dead_letter_of_half_a_surrogate_can_be_replayed,
    a_body_nested_a_thousand_deep_costs_no_person_a_seat,
}

const CREATED: &str = "organization.directory.user_created";
const UPDATED: &str = "organization.directory.user_updated";

fn body(n: u64, kind: &str, at: &str, data: &str) -> String {
    format!(
        r#"{{"id":"evt_{n}","type":"{kind}","occurred_at":{at},"organization_id":"{ACME}","data":{{"organization_id":"{ACME}",{data}}}}}"#
    )
}

fn quoted(at: Timestamp) -> String {
    format!("\"{}\"", at.rfc3339())
}

async fn deliver_user(world: &TestApp, kind: &str, data: &str) {
    world.clock.pass(Duration::from_secs(1));
    let body = body(world.number(), kind, &quoted(world.clock.now()), data);
    assert_eq!(world.post(&body).await, StatusCode::OK);
}

async fn people(world: &TestApp) -> Vec<String> {
    let shown = "state || ' ' || coalesce(name, '-') || ' ' || coalesce(email, '-') || ' ' || coalesce(external_id, '-')";
    world.texts(&format!("select {shown} from directory_users order by id")).await
}

async fn a_person_without_a_readable_address_is_a_person_with_a_name(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let long = format!("\"email\":\"{}@acme.test\",", "x".repeat(300));
    let bad = [
        "",
        "\"email\":null,",
        "\"email\":\"\",",
        "\"email\":[\"a@acme.test\"],",
        "\"email\":{\"v\":1},",
        "\"email\":7,",
        &long,
    ];
    for (n, email) in bad.iter().enumerate() {
        deliver_user(
            &world,
            CREATED,
            &format!(r#"{email}"id":"u{n}","dp_id":"okta{n}","name":"Ada {n}""#),
        )
        .await;
        deliver_user(
            &world,
            UPDATED,
            &format!(r#"{email}"id":"u{n}","given_name":"Augusta","family_name":"{n}""#),
        )
        .await;
    }

    assert!(
        !world.outcomes().await.iter().any(|outcome| outcome == "stale" || outcome == "dead"),
        "{:?}",
        world.outcomes().await
    );
    let expected: Vec<String> =
        (0..bad.len()).map(|n| format!("provisioned Augusta {n} - okta{n}")).collect();
    assert_eq!(people(&world).await, expected);
    deliver_user(
        &world,
        CREATED,
        r#""id":"u9","email":[],"preferred_username":"ada9","name":{},"groups":7,"roles":"x","dp_id":[],"active":"?""#,
    )
    .await;
    assert_eq!(people(&world).await.last().unwrap(), "provisioned ada9 - -");
    world.check().await;
}

async fn a_field_that_says_nothing_leaves_what_is_known_in_every_order(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let now = world.clock.now();
    let at = |seconds| quoted(now.plus(Duration::from_secs(seconds)));
    world.clock.pass(Duration::from_mins(1));
    for (id, order) in [("u1", [0, 1, 2]), ("u2", [2, 1, 0]), ("u3", [1, 2, 0]), ("u4", [0, 2, 1])]
    {
        let all = [
            body(
                world.number(),
                CREATED,
                &at(1),
                &format!(
                    r#""id":"{id}","email":"ada@acme.test","name":"Ada","dp_id":"okta","active":true"#
                ),
            ),
            body(
                world.number(),
                UPDATED,
                &at(2),
                &format!(r#""id":"{id}","email":null,"name":"Augusta","active":true"#),
            ),
            body(
                world.number(),
                UPDATED,
                &at(3),
                &format!(r#""id":"{id}","email":"augusta@acme.test","active":true"#),
            ),
        ];
        for n in order {
            world.post(&all[n]).await;
        }
    }

    assert_eq!(people(&world).await, ["provisioned Augusta augusta@acme.test okta"; 4]);
}

async fn a_time_that_leaves_no_room_for_a_guess_is_read(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    for (n, at) in [
        "2026-01-15T10:30:00+0100",
        "2026-01-15T10:30+01",
        "2026-01-15t09:30:00z",
        "2026-01-15T09:30:00.00000000000Z",
    ]
    .iter()
    .enumerate()
    {
        world
            .post(&body(world.number(), CREATED, &format!("\"{at}\""), &format!(r#""id":"u{n}""#)))
            .await;
    }

    let expected = Timestamp::parse("2026-01-15T09:30:00Z").unwrap().nanos().to_string();
    assert_eq!(
        world.texts("select distinct cast(activity_at as text) from directory_users").await,
        [expected]
    );
}

async fn a_time_that_cannot_be_read_brings_no_person_back(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await;
    world.left(ACME, "ada").await;
    let ada = r#""id":"diruser_ada","active":true,"name":"Ada""#;
    let bad = [
        "\"2020-01-01T00:00:00\"",
        "1577836800",
        "\"1577836800\"",
        "\"yesterday\"",
        "{}",
        "true",
        "\"0001-01-01T00:00:00Z\"",
    ];
    for at in bad {
        assert_eq!(world.post(&body(world.number(), CREATED, at, ada)).await, StatusCode::OK);
    }

    assert_eq!(world.outcomes().await[2..], vec!["dead"; bad.len()]);
    assert_eq!(
        world.texts("select distinct why from deliveries where outcome = 'dead'").await,
        ["What stands in “occurred_at” cannot be read as a time."]
    );
    assert_eq!(world.texts("select state from directory_users").await, ["removed"]);
}

async fn a_time_in_the_future_counts_as_of_the_receipt_and_the_delivery_says_so(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let soon = world.clock.now().plus(Duration::from_mins(4));
    for at in ["\"2036-01-01T00:00:00Z\"", &quoted(soon), "null"] {
        assert_eq!(
            world.post(&body(world.number(), CREATED, at, r#""id":"u1","active":true"#)).await,
            StatusCode::OK
        );
    }

    let notes = world.texts("select coalesce(why, '') from deliveries order by received_at").await;
    assert_eq!(
        notes,
        [
            "The event says that it happens in the future: it counts as of its receipt.",
            "",
            "The event does not say when it happened: it counts as of its receipt."
        ]
    );
    let received = world.texts("select cast(received_at - occurred_at as text) from deliveries order by received_at limit 1").await;
    assert_eq!(received, ["0"]);
}

async fn half_a_surrogate_is_taken_and_the_body_is_kept(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;

    let body = body(
        world.number(),
        CREATED,
        &quoted(world.clock.now()),
        r#""id":"u1","name":"Ada \ud800 \ud83d\ude00","email":"a\udc00@acme.test""#,
    );
    world.post(&body).await;

    assert_eq!(people(&world).await, ["provisioned Ada \u{fffd} 😀 - -"]);
    let kept = if world.state.db.is_postgres() {
        "select convert_from(body, 'utf8') from deliveries"
    } else {
        "select cast(body as text) from deliveries"
    };
    assert_eq!(world.texts(kept).await, [body]);
}

async fn a_dead_letter_of_half_a_surrogate_can_be_replayed(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world
        .post(&body(
            world.number(),
            CREATED,
            &quoted(world.clock.now()),
            r#""id":"u1","name":"Ada \ud800""#,
        ))
        .await;
    // as an older version of the reader left it
    world.tamper("delete from decisions").await;
    world.tamper("delete from directory_users").await;
    world.tamper("update organizations set used = 0").await;
    world.tamper("update deliveries set outcome = 'dead'").await;
    let dead_letter = DeliveryId::new(world.deliveries().await.concat());

    replay(&world.state, &ReplayContext::by(&operator(), Notify::Suppressed), &dead_letter)
        .await
        .unwrap();

    assert_eq!(
        (world.outcomes().await, people(&world).await),
        (vec!["admitted".to_owned()], vec!["provisioned Ada \u{fffd} - -".to_owned()])
    );
}

async fn a_body_nested_a_thousand_deep_costs_no_person_a_seat(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let data =
        format!(r#""id":"u1","name":"Ada","raw_attributes":{open}{close},"n":1e999,"x":1,"x":2"#);

    let body =
        format!("\u{feff}{}", body(world.number(), CREATED, &quoted(world.clock.now()), &data));
    world.post(&body).await;

    assert_eq!(people(&world).await, ["provisioned Ada - -"]);
    for personal in [Personal::Shown, Personal::Hidden] {
        assert_eq!(
            printed(body.trim_start_matches('\u{feff}').as_bytes(), personal),
            None,
            "too deep to be indented"
        );
    }
}
