//! Outgoing webhooks to a product that behaves badly: slow, down, gone, redirecting, talkative.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    access::Role,
    organization::SeatLimit,
    refusal::Refusal,
    webhook_endpoint::{EventFilter, GIVEN_UP_AFTER},
};
use seatkeeper::{
    channels::{address::AllowedAddresses, webhook::WebhookPoster},
    commands::{
        Error,
        webhook_endpoints::{recover_events, remove_endpoint, send_test_event, set_endpoint_state},
    },
    jobs::{number_events, send_events},
};

use crate::support::{
    product::{Answer, Product, added, at_home, is_signed, log, proof, sent, state_of},
    world::{ACME, TestApp, operator, stories},
};

stories! {
    a_failure_is_tried_again_on_the_schedule_and_given_up_after_eight_times,
    a_server_that_is_gone_is_disabled_and_staff_admins_are_told,
    a_server_that_takes_nothing_for_five_days_is_disabled,
    a_redirect_a_long_answer_and_a_closed_connection_are_failures_in_the_log,
    an_endpoint_that_never_answers_delays_no_other,
    an_address_in_the_own_network_is_refused_where_it_is_dialled,
}

const ALERTS: &str = "select kind || ' ' || case when resolved_at is null then 'open' else 'resolved' end \
    from system_alerts order by opened_at";

async fn a_failure_is_tried_again_on_the_schedule_and_given_up_after_eight_times(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let (endpoint, secret) = added(&state, &product, EventFilter::default()).await;
    product.answers(Answer::Status(500));
    world.joined(ACME, "ada").await;
    assert_eq!(sent(&state).await, 0);

    let minutes = |n| Duration::from_mins(n);
    for pause in [
        Duration::from_secs(5),
        minutes(5),
        minutes(30),
        minutes(120),
        minutes(300),
        minutes(600),
        minutes(600),
    ] {
        let before = product.received().len();
        world.clock.pass(pause.mul_f64(0.79));
        sent(&state).await;
        assert_eq!(product.received().len(), before, "too early");
        world.clock.pass(pause.mul_f64(0.42));
        sent(&state).await;
        assert_eq!(product.received().len(), before + 1, "too late");
    }
    world.clock.pass(minutes(1_200));
    sent(&state).await;

    let received = product.received();
    assert_eq!(received.len(), 8);
    let ids: Vec<_> = received.iter().map(|one| (one.id.clone(), one.body.clone())).collect();
    assert!(ids.iter().all(|one| *one == ids[0]), "the same message each time");
    for one in &received {
        is_signed(one, &[&secret]);
    }
    let log = log(&state, &endpoint).await;
    assert_eq!((log[0].state, log[0].attempts, log[0].status), ("failed", 8, Some(500)));
    product.answers(Answer::Busy { seconds: 100 });
    world.joined(ACME, "bob").await;
    sent(&state).await;
    world.clock.pass(Duration::from_secs(79));
    assert_eq!(
        (sent(&state).await, product.received().len()),
        (0, 9),
        "the server asked for 100 s"
    );
    product.answers(Answer::Status(200));
    world.clock.pass(Duration::from_secs(42));
    assert_eq!(sent(&state).await, 1);
}

async fn a_server_that_is_gone_is_disabled_and_staff_admins_are_told(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.account("boss@seats.example", Role::StaffAdmin, &[]).await;
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let (endpoint, _) = added(&state, &product, EventFilter::default()).await;
    product.answers(Answer::Status(410));
    world.joined(ACME, "ada").await;
    sent(&state).await;

    assert_eq!(state_of(&state, &endpoint).await, "gone");
    assert_eq!(world.texts(ALERTS).await, ["webhook_endpoint_disabled open"]);
    let mails = world.sent().await;
    let said = |text: &str| text.contains("http://127.0.0.1/… gets no events any more");
    let to: Vec<_> =
        mails.iter().filter(|sent| said(&sent.email.text)).map(|sent| sent.to.as_str()).collect();
    assert_eq!(to, ["boss@seats.example"], "they alone can open its page");
    let refused = send_test_event(&state, &operator(), &endpoint).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::EndpointDisabled))), "{refused:?}");

    world.joined(ACME, "bob").await;
    product.answers(Answer::Status(200));
    assert_eq!(sent(&state).await, 0, "it gets nothing");
    set_endpoint_state(&state, &operator(), &proof(), (&endpoint, true)).await.unwrap();
    assert_eq!(world.texts(ALERTS).await, ["webhook_endpoint_disabled resolved"]);
    assert_eq!(sent(&state).await, 1, "what waited is sent, what it missed is not");
    let since = world.clock.now().minus(Duration::from_hours(1));
    assert!(recover_events(&state, &operator(), (&endpoint, since)).await.unwrap());
    assert_eq!(sent(&state).await, 1);
    assert_eq!(product.types(), ["seat.admitted", "seat.admitted", "seat.blocked"]);
}

async fn a_server_that_takes_nothing_for_five_days_is_disabled(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(9)).await;
    let (endpoint, _) = added(&state, &product, EventFilter::default()).await;
    product.answers(Answer::Status(503));
    world.joined(ACME, "u0").await;
    sent(&state).await;
    world.clock.pass(GIVEN_UP_AFTER / 2);
    product.answers(Answer::Status(200));
    sent(&state).await;
    product.answers(Answer::Status(503));
    world.joined(ACME, "u1").await;
    sent(&state).await;
    world.clock.pass(GIVEN_UP_AFTER.checked_sub(Duration::from_mins(1)).unwrap());
    world.joined(ACME, "u2").await;
    sent(&state).await;
    assert_eq!(state_of(&state, &endpoint).await, "enabled", "it took one in between");

    world.clock.pass(Duration::from_mins(2));
    sent(&state).await;

    assert_eq!(state_of(&state, &endpoint).await, "failing");
    assert_eq!(world.texts(ALERTS).await, ["webhook_endpoint_disabled open"]);
    remove_endpoint(&state, &operator(), &proof(), &endpoint).await.unwrap();
    assert_eq!(world.texts(ALERTS).await, ["webhook_endpoint_disabled resolved"]);
    assert_eq!(world.texts("select secret from webhook_secrets").await, [""; 0]);
}

async fn a_redirect_a_long_answer_and_a_closed_connection_are_failures_in_the_log(world: TestApp) {
    let (product, elsewhere) = (Product::start().await, Product::start().await);
    let state = at_home(&world);
    world.organization(ACME, SeatLimit::Seats(9)).await;
    let (endpoint, _) = added(&state, &product, EventFilter::default()).await;
    for answer in [Answer::Redirect(elsewhere.url.clone()), Answer::Long, Answer::Closes] {
        product.answers(answer);
        world.joined(ACME, &format!("u{}", world.number())).await;
        assert_eq!(sent(&state).await, 0);
    }

    let log = log(&state, &endpoint).await;

    assert_eq!(elsewhere.received().len(), 0, "a redirect is not followed");
    assert_eq!(log.iter().map(|one| one.state).collect::<Vec<_>>(), ["waiting"; 3]);
    let by_status: BTreeMap<_, _> =
        log.iter().map(|one| (one.status, one.answer.as_deref().unwrap())).collect();
    assert_eq!(by_status[&Some(302)], "");
    assert!(by_status[&Some(400)].starts_with("no no") && by_status[&Some(400)].len() <= 600);
    assert!(by_status[&None].starts_with("The server could not be reached"), "{by_status:?}");
    assert!(!by_status[&None].contains("events"), "the address may hold a token");
}

async fn an_endpoint_that_never_answers_delays_no_other(world: TestApp) {
    let (slow, quick, state) = (Product::start().await, Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(9)).await;
    added(&state, &slow, EventFilter::default()).await;
    added(&state, &quick, EventFilter::default()).await;
    slow.answers(Answer::Never);
    world.joined(ACME, "ada").await;
    let sending = {
        let state = state.clone();
        tokio::spawn(async move { sent(&state).await })
    };
    slow.wait_for(1).await;

    world.joined(ACME, "bob").await;
    number_events::work_off(&state).await.unwrap();

    quick.wait_for(2).await;
    assert_eq!(slow.received().len(), 1, "its first delivery is still on its way");
    sending.abort();
}

async fn an_address_in_the_own_network_is_refused_where_it_is_dialled(world: TestApp) {
    let (product, state) = (Product::start().await, at_home(&world));
    world.organization(ACME, SeatLimit::Seats(9)).await;
    let (endpoint, _) = added(&state, &product, EventFilter::default()).await;
    world.joined(ACME, "ada").await;
    number_events::work_off(&state).await.unwrap();

    let poster = WebhookPoster::new(AllowedAddresses::Public).unwrap();
    assert_eq!(send_events::work_off(&state, &poster).await.unwrap(), 0);

    assert_eq!(product.received().len(), 0);
    let answer = log(&state, &endpoint).await.remove(0).answer.unwrap();
    assert!(answer.starts_with("The address is in a private network"), "{answer}");
    world.clock.pass(Duration::from_mins(2));
    send_events::work_off(&world.state, &poster).await.unwrap();
    let answer = log(&state, &endpoint).await.remove(0).answer.unwrap();
    assert_eq!(answer, "The settings allow no such address.");
}
