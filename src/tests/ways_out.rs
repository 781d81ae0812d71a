//! Each way to leave a directory ends the access of the dashboard account, in every order and batch
//! of its events: also if the address changes on the way.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{access::Role, id::WebhookId, organization::SeatLimit};
use seatkeeper::{
    commands::{Delivery, ingest_deliveries},
    scalekit::payload,
};

use crate::{
    deprovisioning::{ADA, account, acme_with_ada, all_of, asks, endings, rights, signed_in},
    support::world::{ACME, TestApp, stories},
};

stories! {
    every_way_out_in_every_order_and_batch_ends_the_membership,
    an_account_that_came_before_its_person_goes_with_them,
    a_new_person_with_an_old_address_inherits_nothing,
    a_duplicate_email_in_the_same_batch_keeps_the_account,
    a_placeholders_access_goes_with_the_person_it_becomes,
}

const UPDATED: &str = "organization.directory.user_updated";

/// An event about Ada, `seconds` from now, with this e-mail address.
fn of_ada(world: &TestApp, seconds: u64, kind: &str, active: &str, address: &str) -> String {
    let (now, later) = (world.clock.now(), world.clock.now().plus(Duration::from_secs(seconds)));
    world
        .body(ACME, "ada", kind, active)
        .replace(&now.rfc3339(), &later.rfc3339())
        .replace(ADA, address)
}

/// Delivers the events one after the other, or all in one batch.
async fn deliver_all(world: &TestApp, bodies: &[String], in_one_batch: bool) {
    if !in_one_batch {
        for body in bodies {
            assert_eq!(world.post(body).await, StatusCode::OK);
        }
        return;
    }
    let delivery = |body: &String| {
        let id = WebhookId::new(format!("msg_{}", world.number()));
        Delivery::new(
            id,
            body.clone().into_bytes(),
            payload::read(body.as_bytes()),
            world.clock.now(),
        )
    };
    let batch: Vec<Delivery> = bodies.iter().map(delivery).collect();
    ingest_deliveries(&world.state, &batch).await.unwrap();
}

const OFF: &str = "\"active\":false,";
const ON: &str = "\"active\":true,";
const ELSEWHERE: &str = "ada.king@acme.test";
const TOMBSTONE: &str = "deleted.17@acme.test";

/// Each way to leave a directory: its events, in the order in which they happen.
fn ways_out(world: &TestApp) -> Vec<Vec<String>> {
    let say = |seconds, kind, active, address| of_ada(world, seconds, kind, active, address);
    let deleted = "organization.directory.user_deleted";
    vec![
        vec![say(1, deleted, "", ADA)],
        vec![say(1, UPDATED, OFF, ADA)],
        // the user comes back
        vec![say(1, UPDATED, OFF, ADA), say(2, UPDATED, ON, ADA)],
        vec![say(1, deleted, "", ADA), say(2, "organization.directory.user_created", ON, ADA)],
        // the address changes
        vec![say(1, UPDATED, ON, ELSEWHERE), say(2, deleted, "", ELSEWHERE)],
        vec![
            say(1, UPDATED, ON, ELSEWHERE),
            say(2, UPDATED, OFF, ELSEWHERE),
            say(3, UPDATED, ON, ADA),
        ],
        vec![say(1, UPDATED, ON, TOMBSTONE), say(2, UPDATED, OFF, TOMBSTONE)],
        vec![say(1, UPDATED, OFF, TOMBSTONE)],
    ]
}

async fn every_way_out_in_every_order_and_batch_ends_the_membership(first: TestApp) {
    let engine = first.engine();
    for way in 0..ways_out(&first).len() {
        for in_one_batch in [false, true] {
            for reversed in [false, true] {
                let world = TestApp::open(engine).await;
                let ada = acme_with_ada(&world).await;
                let cookie = signed_in(&world, &ada).await;
                let mut bodies = ways_out(&world).swap_remove(way);
                if reversed {
                    bodies.reverse();
                }
                world.clock.pass(Duration::from_secs(10));
                deliver_all(&world, &bodies, in_one_batch).await;

                let case = format!("way {way}, batch: {in_one_batch}, reversed: {reversed}");
                assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0), "{case}");
                assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND, "{case}");
                assert_eq!(endings(&world).await.len(), 1, "{case}");
                world.check().await;
                world.close().await;
            }
        }
    }
}

async fn an_account_that_came_before_its_person_goes_with_them(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    let ada = account(&world, ADA).await;
    world.joined(ACME, "ada").await;
    deliver_all(&world, &[of_ada(&world, 0, UPDATED, ON, ELSEWHERE)], false).await;
    world.clock.pass(Duration::from_secs(1));

    deliver_all(&world, &[of_ada(&world, 0, UPDATED, OFF, ELSEWHERE)], false).await;

    assert_eq!(rights(&world, &ada).await.0, all_of(&[]));
}

async fn a_new_person_with_an_old_address_inherits_nothing(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    world.clock.pass(Duration::from_secs(1));
    deliver_all(&world, &[of_ada(&world, 0, UPDATED, ON, ELSEWHERE)], false).await;
    world.clock.pass(Duration::from_secs(1));
    let reused = of_ada(&world, 0, "organization.directory.user_created", ON, ADA)
        .replace("diruser_ada", "diruser_adam");
    deliver_all(&world, &[reused], false).await;
    assert_eq!(rights(&world, &ada).await.0, all_of(&[ACME]));

    world.clock.pass(Duration::from_secs(1));
    deliver_all(
        &world,
        &[of_ada(&world, 0, "organization.directory.user_deleted", "", ELSEWHERE)],
        false,
    )
    .await;

    assert_eq!(rights(&world, &ada).await.0, all_of(&[]), "the account was Ada's, not Adam's");
}

async fn a_duplicate_email_in_the_same_batch_keeps_the_account(world: TestApp) {
    for in_one_batch in [false, true] {
        let world = TestApp::open(world.engine()).await;
        let ada = acme_with_ada(&world).await;
        let duplicate = of_ada(&world, 1, "organization.directory.user_created", ON, ADA)
            .replace("diruser_ada", "diruser_ada2");
        let left = of_ada(&world, 2, "organization.directory.user_deleted", "", ADA);
        let duplicate_left = of_ada(&world, 3, "organization.directory.user_deleted", "", ADA)
            .replace("diruser_ada", "diruser_ada2");
        world.clock.pass(Duration::from_secs(10));

        deliver_all(&world, &[duplicate, left], in_one_batch).await;
        assert_eq!(rights(&world, &ada).await.0, all_of(&[ACME]));
        deliver_all(&world, &[duplicate_left], in_one_batch).await;
        assert_eq!(rights(&world, &ada).await.0, all_of(&[]));
    }
}

async fn a_placeholders_access_goes_with_the_person_it_becomes(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let nameless = |world: &TestApp, kind| {
        world.body(ACME, "ada", kind, ON).replace(r#""id":"diruser_ada","#, "")
    };
    world.post(&nameless(&world, "organization.directory.user_created")).await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    let ada = account(&world, ADA).await;
    assert_eq!(
        world.texts("select user_id from account_organizations").await,
        ["email:ada@acme.test"]
    );
    world.joined(ACME, "ada").await;
    assert_eq!(world.texts("select user_id from account_organizations").await, ["diruser_ada"]);

    world.clock.pass(Duration::from_secs(1));
    deliver_all(
        &world,
        &[of_ada(&world, 0, "organization.directory.user_deleted", "", ELSEWHERE)],
        false,
    )
    .await;

    assert_eq!(rights(&world, &ada).await.0, all_of(&[]));
}
