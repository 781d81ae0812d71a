//! Events without an id, some of them late: each belongs to the user who had the e-mail address at
//! that time.

use std::collections::BTreeSet;

use domain::{id::WebhookId, organization::SeatLimit};
use seatkeeper::{
    commands::{Delivery, ingest_deliveries},
    scalekit::payload,
};

use crate::support::world::{ACME, TestApp, stories};

stories! {
    in_every_order_and_batch_an_address_change_leaves_one_person,
    in_every_order_a_person_who_left_leaves_no_placeholder,
    in_every_order_a_deleted_organization_and_a_later_address_leave_one_person,
    a_new_person_with_a_former_address_stays_a_person_of_their_own,
    groups_and_dashboard_access_follow_the_merge,
    a_merge_into_a_person_who_left_ends_the_placeholders_access,
    a_placeholder_is_merged_into_the_first_real_id,
    a_placeholder_that_waits_keeps_its_groups_and_its_position,
    an_address_shared_by_two_people_finds_neither,
}

const CREATED: &str = r#""type":"organization.directory.user_created","occurred_at":"2026-09-01T00:00:05Z","data":{"id":"diruser_ada","email":"ada@acme.test","active":true"#;
const BY_ADDRESS: &str = r#""type":"organization.directory.user_updated","occurred_at":"2026-09-01T00:00:07Z","data":{"email":"Ada@acme.test","name":"Ada Lovelace""#;
const RENAMED: &str = r#""type":"organization.directory.user_updated","occurred_at":"2026-09-01T00:00:10Z","data":{"id":"diruser_ada","email":"lovelace@acme.test""#;

fn delivery(world: &TestApp, organization: &str, event: &str) -> Delivery {
    let number = world.number();
    let body =
        format!(r#"{{"id":"evt_{number}","organization_id":"{organization}",{event},"organization_id":"{organization}"}}}}"#).into_bytes();
    Delivery::new(
        WebhookId::new(format!("msg_{number}")),
        body.clone(),
        payload::read(&body),
        world.clock.now(),
    )
}

async fn take(world: &TestApp, organization: &str, batch: &[&str]) {
    let deliveries: Vec<_> =
        batch.iter().map(|event| delivery(world, organization, event)).collect();
    ingest_deliveries(&world.state, &deliveries).await.unwrap();
}

async fn in_every_order_and_batch_an_address_change_leaves_one_person(world: TestApp) {
    let [a, b, c] = [CREATED, BY_ADDRESS, RENAMED];
    let orders = [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]];
    let batches = [[1, 1, 1], [1, 2, 0], [2, 1, 0], [3, 0, 0]];
    let ways = orders.into_iter().flat_map(|order| batches.map(|batches| (order, batches)));
    for (number, (order, batches)) in (0..).zip(ways) {
        let organization = format!("org_{number}");
        world.organization(&organization, SeatLimit::Seats(1)).await;

        let mut rest = order.as_slice();
        for size in batches {
            let (batch, after) = rest.split_at(size);
            take(&world, &organization, batch).await;
            rest = after;
        }

        let people = world.people(&organization).await;
        let shown: Vec<_> = people
            .iter()
            .map(|person| (person.user.as_str(), person.email.as_ref().map(ToString::to_string)))
            .collect();
        assert_eq!(
            shown,
            [("diruser_ada", Some("lovelace@acme.test".to_owned()))],
            "{order:?} {batches:?}"
        );
        assert_eq!(
            people[0].name.as_ref().map(ToString::to_string).as_deref(),
            Some("Ada Lovelace"),
            "{order:?} {batches:?}"
        );
        let usage = world.usage(&organization).await;
        assert_eq!((usage.used, usage.waiting), (1, 0), "{order:?} {batches:?}");
    }
    let known: BTreeSet<_> =
        world.texts("select distinct user_id from decisions").await.into_iter().collect();
    assert_eq!(known, BTreeSet::from(["diruser_ada".to_owned()]));
    world.check().await;
}

fn orders<'a>(events: &[&'a str]) -> Vec<Vec<&'a str>> {
    if events.is_empty() {
        return vec![Vec::new()];
    }
    let first = |at: usize| {
        let rest = [&events[..at], &events[at + 1..]].concat();
        orders(&rest)
            .into_iter()
            .map(move |order| [vec![events[at]], order].concat())
            .collect::<Vec<_>>()
    };
    (0..events.len()).flat_map(first).collect()
}

async fn in_every_order_a_person_who_left_leaves_no_placeholder(world: TestApp) {
    let deleted = r#""type":"organization.directory.user_deleted","occurred_at":"2026-09-01T00:00:20Z","data":{"id":"diruser_ada""#;
    let by_new_address = r#""type":"organization.directory.user_deleted","occurred_at":"2026-09-01T00:00:20Z","data":{"email":"lovelace@acme.test""#;
    let histories =
        [vec![CREATED, BY_ADDRESS, RENAMED, deleted], vec![CREATED, RENAMED, by_new_address]];
    for (number, order) in (0..).zip(histories.iter().flat_map(|history| orders(history))) {
        let organization = format!("org_{number}");
        world.organization(&organization, SeatLimit::Seats(5)).await;

        for event in &order {
            take(&world, &organization, &[event]).await;
        }

        let rows = world.texts(&format!("select id || ' ' || state from directory_users where organization_id = '{organization}'")).await;
        assert_eq!(rows, ["diruser_ada removed"], "{order:?}");
        assert_eq!(world.usage(&organization).await.used, 0, "{order:?}");
    }
    world.check().await;
}

async fn in_every_order_a_deleted_organization_and_a_later_address_leave_one_person(
    world: TestApp,
) {
    let created = r#""type":"organization.directory.user_created","occurred_at":"2026-09-01T00:00:02Z","data":{"email":"ada@acme.test","active":true"#;
    let deleted = r#""type":"organization.deleted","occurred_at":"2026-09-01T00:00:06Z","data":{"display_name":"Acme""#;
    let with_id = r#""type":"organization.directory.user_updated","occurred_at":"2026-09-01T00:00:09Z","data":{"id":"diruser_ada","email":"ada@acme.test""#;
    let history = [created, deleted, BY_ADDRESS, with_id];
    for (number, order) in (0..).zip(orders(&history)) {
        let organization = format!("org_{number}");
        world.organization(&organization, SeatLimit::Seats(5)).await;

        for event in &order {
            take(&world, &organization, &[event]).await;
        }

        let rows = world.texts(&format!("select id || ' ' || state || ' ' || coalesce(name, '-') from directory_users where organization_id = '{organization}'")).await;
        assert_eq!(rows, ["diruser_ada removed Ada Lovelace"], "{order:?}");
        assert_eq!(world.usage(&organization).await.used, 0, "{order:?}");
    }
    world.check().await;
}

async fn a_new_person_with_a_former_address_stays_a_person_of_their_own(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let newcomer = r#""type":"organization.directory.user_created","occurred_at":"2026-09-01T00:00:20Z","data":{"email":"ada@acme.test""#;
    let late = r#""type":"organization.directory.user_updated","occurred_at":"2026-09-01T00:00:06Z","data":{"id":"diruser_ada","email":"ada@acme.test""#;

    for event in [CREATED, RENAMED, newcomer, late, BY_ADDRESS] {
        take(&world, ACME, &[event]).await;
    }

    let people: BTreeSet<_> =
        world.people(ACME).await.into_iter().map(|person| person.user.to_string()).collect();
    assert_eq!(
        people,
        BTreeSet::from(["diruser_ada".to_owned(), "email:ada@acme.test".to_owned()])
    );
    assert_eq!(
        world.texts("select name from directory_users where id = 'diruser_ada'").await,
        ["Ada Lovelace"],
        "the late one is about her"
    );
    world.check().await;
}

async fn groups_and_dashboard_access_follow_the_merge(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let known = r#""type":"organization.directory.user_created","occurred_at":"2026-09-01T00:00:10Z","data":{"id":"diruser_ada","email":"lovelace@acme.test","groups":[{"id":"dirgroup_late","name":"Late"}]"#;
    let by_address = r#""type":"organization.directory.user_created","occurred_at":"2026-09-01T00:00:07Z","data":{"email":"ada@acme.test","groups":[{"id":"dirgroup_early","name":"Early"}]"#;
    take(&world, ACME, &[by_address]).await;
    world.account("ada@acme.test", domain::access::Role::TenantAdmin, &[ACME]).await;
    take(&world, ACME, &[known]).await;
    assert_eq!(
        world.texts("select id from directory_users order by id").await,
        ["diruser_ada", "email:ada@acme.test"]
    );

    take(&world, ACME, &[CREATED]).await;

    assert_eq!(world.texts("select id from directory_users").await, ["diruser_ada"]);
    assert_eq!(
        world.texts("select user_id || ' ' || group_id from memberships").await,
        ["diruser_ada dirgroup_late"]
    );
    assert_eq!(world.texts("select user_id from account_organizations").await, ["diruser_ada"]);
    world.check().await;
}

async fn a_merge_into_a_person_who_left_ends_the_placeholders_access(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let deleted = r#""type":"organization.directory.user_deleted","occurred_at":"2026-09-01T00:00:50Z","data":{"id":"diruser_ada""#;
    let by_address = r#""type":"organization.directory.user_created","occurred_at":"2026-09-01T00:00:30Z","data":{"email":"ada@acme.test""#;
    take(&world, ACME, &[deleted]).await;
    take(&world, ACME, &[by_address]).await;
    world.account("ada@acme.test", domain::access::Role::TenantAdmin, &[ACME]).await;

    take(&world, ACME, &[CREATED]).await;

    assert_eq!(
        world.texts("select id || ' ' || state from directory_users").await,
        ["diruser_ada removed"]
    );
    assert_eq!(world.texts("select account_id from account_organizations").await, [""; 0]);
    assert_eq!(world.usage(ACME).await.used, 0);
    world.check().await;
}

async fn a_placeholder_is_merged_into_the_first_real_id(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let data =
        format!(r#""data":{{"email":"Ada@acme.test","name":"Ada","organization_id":"{ACME}"}}"#);
    let nameless = format!(
        r#"{{"id":"evt_1","type":"organization.directory.user_created","timestamp":"2026-09-01T00:00:00Z",{data}}}"#
    );

    world.post(&nameless).await;
    assert_eq!(world.people(ACME).await[0].user.as_str(), "email:ada@acme.test");
    world.joined(ACME, "ada").await;

    let people = world.people(ACME).await;
    assert_eq!(people.len(), 1);
    assert_eq!(people[0].user.as_str(), "diruser_ada");
    assert_eq!(world.texts("select distinct user_id from decisions").await, ["diruser_ada"]);
    assert_eq!(world.usage(ACME).await.used, 1);
    world.check().await;
}

async fn a_placeholder_that_waits_keeps_its_groups_and_its_position(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    let by_address = r#""type":"organization.directory.user_created","occurred_at":"2026-09-01T00:00:04Z","data":{"email":"ada@acme.test","groups":[{"id":"dirgroup_1","name":"Crew"},{"id":"dirgroup_2"}]"#;
    take(&world, ACME, &[by_address]).await;
    world.joined(ACME, "bob").await;
    let positions = "select cast(waitlist_position as text) from directory_users where email_key = 'ada@acme.test'";
    let before = world.texts(positions).await;

    take(&world, ACME, &[CREATED]).await;

    assert_eq!(
        world.texts("select id from directory_users order by id").await,
        ["diruser_ada", "diruser_bob"]
    );
    assert_eq!(world.texts(positions).await, before);
    let groups = "select user_id || ' ' || group_id from memberships order by group_id";
    assert_eq!(world.texts(groups).await, ["diruser_ada dirgroup_1", "diruser_ada dirgroup_2"]);
    world.check().await;
}

async fn an_address_shared_by_two_people_finds_neither(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    let duplicate = world
        .body(ACME, "ada", "organization.directory.user_created", "")
        .replace("diruser_ada", "diruser_duplicate");
    world.post(&duplicate).await;
    let nameless = format!(
        r#"{{"id":"evt_x","type":"organization.directory.user_deleted","data":{{"email":"ada@acme.test","organization_id":"{ACME}"}}}}"#
    );

    world.post(&nameless).await;

    assert_eq!(world.usage(ACME).await.used, 2);
    assert_eq!(world.outcomes().await, ["admitted", "admitted", "dead"]);
    assert!(world.people(ACME).await.iter().all(|person| person.has_duplicate_email));
}
