//! Deliveries arrive in all the ways they can.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use domain::{
    decision::{Outcome, Reason},
    directory_user::SeatState,
    id::WebhookId,
    organization::{SeatLimit, Usage},
    setting::SettingName,
};
use seatkeeper::{
    commands::{Delivery, ingest_deliveries},
    scalekit::payload,
};

use crate::support::world::{ACME, TestApp, stories};

stories! {
    a_full_organization_puts_new_people_on_the_waitlist,
    a_freed_seat_goes_to_the_person_who_waited_longest,
    the_same_delivery_twice_changes_nothing,
    the_same_event_under_another_webhook_id_is_a_duplicate,
    the_same_id_with_another_body_is_kept_as_suspicious,
    people_of_an_unknown_organization_wait_until_a_limit_is_set,
    a_delivery_without_a_valid_signature_leaves_no_trace,
    a_body_over_the_limit_is_refused_before_its_signature,
    what_is_verified_but_not_understood_is_a_dead_letter,
    every_payload_shape_is_taken,
    a_batch_applies_one_delivery_after_the_other,
    nul_characters_do_not_reach_the_tables,
    the_other_address_takes_deliveries_too,
    an_event_that_names_two_organizations_changes_neither,
    the_first_person_meets_the_default_limit,
    a_disabled_directory_takes_no_seat_and_is_shown,
}

async fn a_full_organization_puts_new_people_on_the_waitlist(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;

    for user in ["ada", "bob", "cleo", "dan"] {
        assert_eq!(world.joined(ACME, user).await, StatusCode::OK);
    }

    let page = world.page(ACME).await;
    assert_eq!(page.usage, Usage { limit: SeatLimit::Seats(2), used: 2, waiting: 2 });
    assert_eq!(world.waitlist(ACME).await, ["cleo", "dan"]);
    assert_eq!((page.waitlist[0].reason, page.waitlist[0].used_seen), (Reason::SeatsTaken, 2));
    assert_eq!(world.outcomes().await, ["admitted", "admitted", "blocked", "blocked"]);
    world.check().await;
}

async fn a_freed_seat_goes_to_the_person_who_waited_longest(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    for user in ["ada", "bob", "cleo", "dan"] {
        world.joined(ACME, user).await;
    }

    world.deactivated(ACME, "ada").await;
    world.left(ACME, "dan").await;
    world.left(ACME, "bob").await;

    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(2), used: 1, waiting: 0 });
    let states: Vec<_> = world
        .people(ACME)
        .await
        .into_iter()
        .map(|p| (p.name.unwrap().to_string(), p.state))
        .collect();
    assert!(states.contains(&("cleo".to_owned(), SeatState::Provisioned)), "{states:?}");
    assert_eq!(world.outcomes().await[4..], ["released", "removed", "removed"]);
    let reasons = world.texts("select reason from decisions order by revision, ordinal").await;
    assert_eq!(reasons[4..], ["deactivated", "next_on_waitlist", "deleted", "deleted"]);
    world.check().await;
}

async fn the_same_delivery_twice_changes_nothing(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let body = world.body(ACME, "ada", "organization.directory.user_created", "");

    assert_eq!(world.deliver("msg_a", &body).await, StatusCode::OK);
    let before = world.usage(ACME).await;
    assert_eq!(world.deliver("msg_a", &body).await, StatusCode::OK);

    assert_eq!(world.usage(ACME).await, before);
    assert_eq!(world.outcomes().await, ["admitted", "duplicate"]);
    assert_eq!(
        world.texts("select cast(count(*) as text) from deliveries where body is not null").await,
        ["1"]
    );
}

async fn the_same_event_under_another_webhook_id_is_a_duplicate(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let body = world.body(ACME, "ada", "organization.directory.user_created", "");

    world.deliver("msg_a", &body).await;
    world.deliver("msg_b", &body).await;

    assert_eq!(world.outcomes().await, ["admitted", "duplicate"]);
}

async fn the_same_id_with_another_body_is_kept_as_suspicious(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let body = world.body(ACME, "ada", "organization.directory.user_created", "");

    world.deliver("msg_a", &body).await;
    world.deliver("msg_a", &body.replace("ada", "eve")).await;

    assert_eq!(world.usage(ACME).await.used, 1);
    assert_eq!(world.outcomes().await, ["admitted", "duplicate"]);
    assert_eq!(
        world
            .texts("select webhook_id from deliveries where suspicious and body is not null")
            .await,
        ["msg_a"]
    );
}

async fn people_of_an_unknown_organization_wait_until_a_limit_is_set(world: TestApp) {
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;

    let page = world.page(ACME).await;
    assert_eq!(page.usage, Usage { limit: SeatLimit::NotSet, used: 0, waiting: 2 });
    assert_eq!(page.waitlist[0].reason, Reason::LimitNotSet);

    world.set_limit(ACME, SeatLimit::Seats(1)).await.unwrap();

    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(1), used: 1, waiting: 1 });
    assert_eq!(world.waitlist(ACME).await, ["bob"]);
    world.check().await;
}

async fn a_delivery_without_a_valid_signature_leaves_no_trace(world: TestApp) {
    let body = world.body(ACME, "ada", "organization.directory.user_created", "");
    let request = |id: &str, timestamp: String, signature: &str| {
        Request::post("/webhooks/scalekit")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(Body::from(body.clone()))
            .unwrap()
    };
    let now = world.clock.now().seconds();

    let bare = Request::post("/webhooks/scalekit").body(Body::from(body.clone())).unwrap();
    assert_eq!(world.send(bare).await, StatusCode::BAD_REQUEST);
    for (timestamp, signature) in [
        (now.to_string(), "v1,AAAA"),
        (now.to_string(), ""),
        ((now - 301).to_string(), "v1,OvhdCoDWrKY6qXTiZz8OIR4q4a7PvoUlTjZ7UmdcY4I="),
        (i64::MIN.to_string(), "v1,OvhdCoDWrKY6qXTiZz8OIR4q4a7PvoUlTjZ7UmdcY4I="),
        ("soon".to_owned(), "v2,x"),
    ] {
        assert_eq!(
            world.send(request("msg_a", timestamp, signature)).await,
            StatusCode::BAD_REQUEST
        );
    }

    assert!(world.outcomes().await.is_empty());
    assert!(world.texts("select id from organizations").await.is_empty());
}

async fn a_body_over_the_limit_is_refused_before_its_signature(world: TestApp) {
    let request =
        Request::post("/webhooks/scalekit").body(Body::from(vec![b' '; (1 << 20) + 1])).unwrap();

    assert_eq!(world.send(request).await, StatusCode::PAYLOAD_TOO_LARGE);
}

async fn what_is_verified_but_not_understood_is_a_dead_letter(world: TestApp) {
    for body in [
        "",
        "not json",
        "[1]",
        r#"{"type":"organization.directory.user_created","data":{"name":"No Id"}}"#,
    ] {
        assert_eq!(world.post(body).await, StatusCode::OK, "{body}");
    }
    assert_eq!(world.post(r#"{"id":"evt_9","type":"user.login","data":{}}"#).await, StatusCode::OK);

    assert_eq!(world.outcomes().await, ["dead", "dead", "dead", "dead", "ignored"]);
    assert!(world.dead_letter_reasons().await.iter().all(|why| why.ends_with('.')));
}

async fn every_payload_shape_is_taken(world: TestApp) {
    let mut files: Vec<_> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/payloads"))
            .unwrap()
            .flatten()
            .collect();
    files.sort_by_key(std::fs::DirEntry::path);

    for file in files {
        let name = file.file_name().into_string().unwrap();
        let body = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(world.post(&body).await, StatusCode::OK, "{name}");
        let outcome =
            world.texts("select outcome from deliveries order by id desc limit 1").await.remove(0);
        assert!(!["dead", "ignored"].contains(&outcome.as_str()), "{name}: {outcome}");
    }

    world.check().await;
}

async fn a_batch_applies_one_delivery_after_the_other(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let mut batch = Vec::new();
    for (user, kind, active) in [
        ("ada", "user_created", ""),
        ("bob", "user_created", ""),
        ("cleo", "user_created", ""),
        ("ada", "user_updated", "\"active\":false,"),
        ("cleo", "user_deleted", ""),
        ("bob", "user_deleted", ""),
        ("dan", "user_created", ""),
    ] {
        world.clock.pass(std::time::Duration::from_millis(1));
        let body = world.body(ACME, user, &format!("organization.directory.{kind}"), active);
        let webhook_id = WebhookId::new(format!("msg_{}", world.number()));
        batch.push(Delivery::new(
            webhook_id,
            body.as_bytes().to_vec(),
            payload::read(body.as_bytes()),
            world.clock.now(),
        ));
    }
    batch.push(batch[0].clone());

    let outcomes = ingest_deliveries(&world.state, &batch).await.unwrap();

    let words: Vec<_> = outcomes.into_iter().map(Outcome::as_str).collect();
    assert_eq!(
        words,
        [
            "admitted",
            "blocked",
            "blocked",
            "released",
            "removed",
            "removed",
            "admitted",
            "duplicate"
        ]
    );
    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(1), used: 1, waiting: 0 });
    let reasons = world
        .texts("select user_id || ' ' || reason from decisions order by revision, ordinal")
        .await;
    assert_eq!(reasons[3..5], ["diruser_ada deactivated", "diruser_bob next_on_waitlist"]);
    world.check().await;
}

async fn nul_characters_do_not_reach_the_tables(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let body = world
        .body(ACME, "ada", "organization.directory.user_created", "")
        .replace("\"name\":\"ada\"", "\"name\":\"a\\u0000da\"");

    assert_eq!(world.post(&body).await, StatusCode::OK);

    assert_eq!(world.people(ACME).await[0].name.as_ref().unwrap(), &"a\u{fffd}da");
}

async fn the_other_address_takes_deliveries_too(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let body = world.body(ACME, "ada", "organization.directory.user_created", "");
    let sent = |webhook_id: &str| {
        let mut request = world.request(webhook_id, &body);
        *request.uri_mut() = "/api/webhooks/scalekit".parse().unwrap();
        request
    };

    assert_eq!(world.send(sent("msg_1")).await, StatusCode::OK);
    assert_eq!(world.deliver("msg_1", &body).await, StatusCode::OK);

    assert_eq!(world.outcomes().await, ["admitted", "duplicate"]);
    assert_eq!(world.usage(ACME).await.used, 1);
    let mut forged = sent("msg_2");
    forged.headers_mut().insert(
        "webhook-signature",
        "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".parse().unwrap(),
    );
    assert_eq!(world.send(forged).await, StatusCode::BAD_REQUEST, "and accepts no other signature");
}

async fn an_event_that_names_two_organizations_changes_neither(world: TestApp) {
    const OTHER: &str = "org_1002";
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    let revisions = "select id || ' ' || revision || ' ' || used || ' ' || waiting from organizations order by id";
    let people = "select organization_id || ' ' || id || ' ' || state from directory_users order by organization_id, id";
    let before = (world.texts(revisions).await, world.texts(people).await);

    let of_data = format!(r#""organization_id":"{ACME}","email""#);
    for (user, kind) in [("bob", "user_created"), ("ada", "user_deleted")] {
        let body = world.body(ACME, user, &format!("organization.directory.{kind}"), "");
        let torn = body.replace(&of_data, &of_data.replace(ACME, OTHER));
        assert_ne!(torn, body);
        assert_eq!(world.post(&torn).await, StatusCode::OK);
    }

    assert_eq!(world.outcomes().await, ["admitted", "mismatch", "mismatch"]);
    assert_eq!((world.texts(revisions).await, world.texts(people).await), before);
    world.check().await;
}

async fn the_first_person_meets_the_default_limit(world: TestApp) {
    world.change_setting(SettingName::DefaultSeatLimit, "1").await.unwrap();
    let come = |user: &str| {
        let body = world.body(ACME, user, "organization.directory.user_created", "");
        let webhook_id = WebhookId::new(format!("msg_{user}"));
        Delivery::new(
            webhook_id,
            body.as_bytes().to_vec(),
            payload::read(body.as_bytes()),
            world.clock.now(),
        )
    };

    let first = ingest_deliveries(&world.state, &[come("ada"), come("bob")]).await.unwrap();
    let second = ingest_deliveries(&world.state, &[come("cleo")]).await.unwrap();

    assert_eq!(
        (first, second),
        (vec![Outcome::Admitted, Outcome::Blocked], vec![Outcome::Blocked])
    );
    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(1), used: 1, waiting: 2 });
    world.check().await;
}

async fn a_disabled_directory_takes_no_seat_and_is_shown(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    let switch = |word: &str, enabled: bool| {
        let (event, at) = (world.number(), world.clock.now().rfc3339());
        let data = format!(
            r#"{{"id":"dir_1","organization_id":"{ACME}","enabled":{enabled},"provider":"OKTA"}}"#
        );
        let kind = format!("organization.directory_{word}");
        format!(
            r#"{{"id":"evt_{event}","type":"{kind}","occurred_at":"{at}","organization_id":"{ACME}","data":{data}}}"#
        )
    };
    world.post(&switch("enabled", true)).await;
    let usage = world.usage(ACME).await;
    world.clock.pass(std::time::Duration::from_secs(1));

    world.post(&switch("disabled", false)).await;

    let page = world.page(ACME).await;
    assert_eq!((page.usage, usage.used, usage.waiting), (usage, 1, 1));
    let shown: Vec<_> = page
        .directories
        .iter()
        .map(|directory| (directory.id.as_str(), directory.state.is_enabled()))
        .collect();
    assert_eq!(shown, [("dir_1", false)]);
    world.clock.pass(std::time::Duration::from_secs(1));
    world.post(&switch("enabled", true)).await;
    assert!(world.page(ACME).await.directories[0].state.is_enabled());
    world.check().await;
}
