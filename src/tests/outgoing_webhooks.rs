//! Outgoing webhooks: what arrives at the product, and what people do with endpoints.

use std::time::Duration;

use domain::{
    id::{OrganizationId, OutgoingEventId},
    organization::SeatLimit,
    outgoing_event::EventType,
    refusal::Refusal,
    webhook_endpoint::EventFilter,
};
use seatkeeper::{
    commands::{
        Error,
        webhook_endpoints::{
            EndpointChange, NewEndpoint, add_endpoint, change_endpoint, recover_events,
            remove_endpoint, resend_event, rotate_secret, send_test_event, set_endpoint_state,
        },
    },
    jobs::{self, number_events},
    state::AppState,
};
use serde_json::Value;
use tokio::sync::watch;

use crate::support::{
    product::{Answer, Product, added, at_home, is_signed, log, proof, sent, signature},
    world::{ACME, TestApp, operator, stories},
};

stories! {
    each_event_arrives_once_in_its_order_and_signed,
    an_endpoint_gets_the_events_of_its_filter_from_its_beginning_on,
    a_replaced_secret_signs_for_a_day_beside_the_new_one,
    a_delivery_the_missed_events_and_a_test_are_sent_on_request,
    two_instances_send_each_event_once,
    what_makes_no_endpoint_is_refused_and_what_is_done_is_in_the_audit_log,
    an_endpoint_that_is_changed_gets_what_it_then_asks_for,
    the_jobs_of_a_running_server_deliver_without_being_asked,
}

const OTHER: &str = "org_1002";

#[test]
fn the_second_implementation_of_the_signature_agrees_with_a_published_vector() {
    let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let body = r#"{"email":"test@example.com","username":"test_user"}"#;
    assert_eq!(
        signature(secret, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", "1649367553", body),
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
    );
}

async fn each_event_arrives_once_in_its_order_and_signed(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let (endpoint, secret) = added(&state, &product, EventFilter::default()).await;
    for user in ["ada", "bob", "cy"] {
        world.joined(ACME, user).await;
        assert_eq!(sent(&state).await, 1);
    }

    let received = product.received();
    assert_eq!(product.types(), ["seat.admitted", "seat.blocked", "seat.blocked"]);
    for (number, one) in (1..).zip(&received) {
        is_signed(one, &[&secret]);
        let body: Value = serde_json::from_str(&one.body).unwrap();
        assert_eq!((&body["sequence"], &body["id"]), (&number.into(), &one.id.as_str().into()));
        assert_eq!(body["organization_id"], ACME);
    }
    assert_eq!(received[2].timestamp, world.clock.now().seconds().to_string());
    let log = log(&state, &endpoint).await;
    assert_eq!(log.iter().map(|one| one.state).collect::<Vec<_>>(), ["delivered"; 3]);
    assert_eq!(
        (log[0].status, log[0].attempts, &log[0].request),
        (Some(204), 1, &received[2].body)
    );
    assert_eq!(sent(&state).await, 0, "nothing is left");
}

async fn an_endpoint_gets_the_events_of_its_filter_from_its_beginning_on(world: TestApp) {
    let state = at_home(&world);
    let [everything, blocked, other] =
        [Product::start().await, Product::start().await, Product::start().await];
    for organization in [ACME, OTHER] {
        world.organization(organization, SeatLimit::Seats(1)).await;
        world.joined(organization, "early").await;
    }
    number_events::work_off(&state).await.unwrap();
    added(&state, &everything, EventFilter::default()).await;
    let types = EventFilter::parse_types("seat.blocked,seat_limit.changed").unwrap();
    added(&state, &blocked, EventFilter { organization: None, types }).await;
    let organization = Some(OrganizationId::new(OTHER));
    added(&state, &other, EventFilter { organization, types: vec![] }).await;
    for organization in [ACME, OTHER] {
        world.joined(organization, "ada").await;
        world.left(organization, "ada").await;
    }

    assert_eq!(sent(&state).await, 8);

    assert_eq!(everything.received().len(), 4);
    assert_eq!(blocked.types(), ["seat.blocked"; 2]);
    // several are on the way at once, so that they arrive in any order
    let mut of_other = other.types();
    of_other.sort_unstable();
    assert_eq!(of_other, ["seat.blocked", "user.updated"]);
}

async fn a_replaced_secret_signs_for_a_day_beside_the_new_one(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(9)).await;
    let (endpoint, old) = added(&state, &product, EventFilter::default()).await;
    world.clock.pass(Duration::from_secs(1));
    let new = rotate_secret(&state, &operator(), &proof(), &endpoint).await.unwrap().secret;
    world.joined(ACME, "ada").await;
    sent(&state).await;
    world.clock.pass(Duration::from_hours(24));
    world.joined(ACME, "bob").await;
    sent(&state).await;

    let received = product.received();
    is_signed(&received[0], &[&new, &old]);
    is_signed(&received[1], &[&new]);
    for _ in 0..3 {
        world.clock.pass(Duration::from_secs(1));
        rotate_secret(&state, &operator(), &proof(), &endpoint).await.unwrap();
    }
    let refused = rotate_secret(&state, &operator(), &proof(), &endpoint).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::TooManySecrets))), "{refused:?}");
}

async fn a_delivery_the_missed_events_and_a_test_are_sent_on_request(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(9)).await;
    let (endpoint, secret) = added(&state, &product, EventFilter::default()).await;
    world.joined(ACME, "ada").await;
    sent(&state).await;
    let event = OutgoingEventId::new(product.received()[0].id.clone());
    resend_event(&state, &operator(), (&endpoint, &event)).await.unwrap();
    assert_eq!(sent(&state).await, 1);
    assert_eq!(product.received()[1].id, event.as_str());

    let test = send_test_event(&state, &operator(), &endpoint).await.unwrap();
    product.answers(Answer::Status(500));
    sent(&state).await;
    world.clock.pass(Duration::from_hours(1));
    sent(&state).await;
    let received = product.received();
    assert_eq!((received.len(), received[2].id.as_str()), (3, test.as_str()), "it is tried once");
    is_signed(&received[2], &[&secret]);
    assert_eq!(product.types()[2], "test");

    let unknown = OutgoingEventId::new("oev_none");
    let refused = resend_event(&state, &operator(), (&endpoint, &unknown)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NoWebhookDelivery))), "{refused:?}");
    let since = world.clock.now().plus(Duration::from_secs(1));
    assert!(!recover_events(&state, &operator(), (&endpoint, since)).await.unwrap());
}

async fn two_instances_send_each_event_once(world: TestApp) {
    let (product, other) = (Product::start().await, world.beside().await);
    let (here, there) = (at_home(&world), at_home(&other));
    world.organization(ACME, SeatLimit::Seats(99)).await;
    added(&here, &product, EventFilter::default()).await;
    for user in 0..60 {
        world.joined(ACME, &format!("u{user}")).await;
    }

    let (one, two) = tokio::join!(sent(&here), sent(&there));

    assert_eq!(one + two + sent(&here).await, 60);
    let mut ids: Vec<String> = product.received().into_iter().map(|one| one.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), product.received().len()), (60, 60));
    other.close().await;
}

async fn what_makes_no_endpoint_is_refused_and_what_is_done_is_in_the_audit_log(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    let new = |url: &str, note: &str| NewEndpoint {
        url: url.to_owned(),
        note: note.to_owned(),
        filter: EventFilter::default(),
    };
    let refused = async |state: &AppState, new: NewEndpoint| {
        add_endpoint(state, &operator(), &proof(), &new).await.unwrap_err()
    };
    let at_home_url = new(&product.url, "");
    assert!(matches!(
        refused(&world.state, at_home_url).await,
        Error::Refused(Refusal::WebhookUrl)
    ));
    let noted = new(&product.url, &"x".repeat(201));
    assert!(matches!(refused(&state, noted).await, Error::Refused(Refusal::EndpointNote)));
    let mut unknown = new(&product.url, "");
    unknown.filter.organization = Some(OrganizationId::new("org_none"));
    assert!(matches!(refused(&state, unknown).await, Error::Missing));

    let (endpoint, _) = added(&state, &product, EventFilter::default()).await;
    set_endpoint_state(&state, &operator(), &proof(), (&endpoint, false)).await.unwrap();
    assert!(!set_endpoint_state(&state, &operator(), &proof(), (&endpoint, false)).await.unwrap());
    world.clock.pass(Duration::from_secs(1));
    rotate_secret(&state, &operator(), &proof(), &endpoint).await.unwrap();
    remove_endpoint(&state, &operator(), &proof(), &endpoint).await.unwrap();
    let log = world
        .texts("select action || ' ' || after_value from audit_log where target = 'http://127.0.0.1/…' order by at, id")
        .await;
    assert_eq!(
        log,
        [
            "add_webhook_endpoint all events",
            "change_webhook_endpoint disabled",
            "change_webhook_endpoint new secret",
            "change_webhook_endpoint removed",
        ]
    );
}

async fn an_endpoint_that_is_changed_gets_what_it_then_asks_for(world: TestApp) {
    let (before, after) = (Product::start().await, Product::start().await);
    let state = at_home(&world);
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let (endpoint, _) = added(&state, &before, EventFilter::default()).await;
    let change = async |change: EndpointChange| {
        change_endpoint(&state, &operator(), &proof(), (&endpoint, &change)).await
    };

    let there = EndpointChange {
        url: Some(after.url.clone()),
        types: Some(vec![EventType::SeatBlocked]),
        ..EndpointChange::default()
    };
    change(there.clone()).await.unwrap();
    change(there).await.unwrap(); // it is so already

    for user in ["ada", "bob"] {
        world.joined(ACME, user).await;
    }
    assert_eq!(sent(&state).await, 1);
    assert_eq!((before.types(), after.types()), (vec![], vec!["seat.blocked".to_owned()]));
    let nowhere = EndpointChange { url: Some("nowhere".to_owned()), ..EndpointChange::default() };
    let refused = change(nowhere).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::WebhookUrl))), "{refused:?}");
    let log = world
        .texts("select after_value from audit_log where action = 'change_webhook_endpoint'")
        .await;
    assert_eq!(log, ["url, types"]);
}

async fn the_jobs_of_a_running_server_deliver_without_being_asked(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(9)).await;
    added(&state, &product, EventFilter::default()).await;
    let (stop, stopping) = watch::channel(false);
    let jobs = jobs::all(&state, vec![]).into_iter();
    let ours = jobs.filter(|job| ["number_events", "webhooks"].contains(&job.name()));
    let running: Vec<_> =
        ours.map(|job| tokio::spawn(jobs::run(state.clone(), job, stopping.clone()))).collect();
    assert_eq!(running.len(), 2);

    world.joined(ACME, "ada").await;

    product.wait_for(1).await;
    stop.send(true).unwrap();
    for job in running {
        job.await.unwrap();
    }
    assert_eq!(sent(&state).await, 0, "what was taken is recorded");
}
