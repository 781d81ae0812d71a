//! An organization is deleted and created again while its people come and go. Each order of arrival
//! and each batching ends in the same facts.

use std::time::Duration;

use domain::{
    id::WebhookId,
    organization::{SeatLimit, Usage},
    time::Timestamp,
};
use seatkeeper::{
    commands::{Delivery, ingest_deliveries},
    scalekit::payload,
};

use crate::support::world::{ACME, TestApp, stories};

stories! {
    a_deletion_and_a_revival_have_one_outcome_for_every_order_and_batch,
    groups_and_directories_of_an_archived_organization_are_kept,
    a_limit_that_was_set_after_the_deletion_happened_stays,
    a_deleted_organization_is_archived_and_comes_back_without_a_limit,
}

/// An event, by the minute in which it happens.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    Organization(&'static str, i64),
    /// A person, the kind, further fields.
    User(&'static str, &'static str, i64, &'static str),
    /// A group event by which these people, as JSON, join the crew.
    Joined(&'static str, i64),
}
use Event::{Joined, Organization, User};

pub const ON: &str = r#","active":true"#;
pub const IN_CREW: &str = r#","active":true,"groups":[{"id":"dirgroup_1","name":"Crew"}]"#;
const OFF: &str = r#","active":false"#;

/// Events, and the outcome when they arrive one after the other in the order in which they happen.
const HISTORIES: [([Event; 4], &str); 9] = [
    (
        [
            Organization("deleted", 2),
            Organization("created", 3),
            User("ada", "created", 1, ON),
            User("bob", "created", 4, ON),
        ],
        "alive not_set used 0 waiting 1, ada removed, bob blocked",
    ),
    (
        [
            Organization("created", 1),
            Organization("deleted", 2),
            Organization("updated", 3),
            User("ada", "created", 4, ON),
        ],
        "alive not_set used 0 waiting 1, ada blocked",
    ),
    (
        [
            Organization("deleted", 2),
            Organization("created", 3),
            Organization("updated", 5),
            User("ada", "updated", 4, ""),
        ],
        "alive not_set used 0 waiting 1, ada blocked",
    ),
    (
        [
            Organization("deleted", 2),
            Organization("created", 5),
            User("ada", "created", 1, ON),
            User("ada", "updated", 6, ON),
        ],
        "alive not_set used 0 waiting 1, ada blocked",
    ),
    (
        [
            Organization("deleted", 2),
            Organization("created", 5),
            User("ada", "created", 1, ON),
            User("ada", "updated", 6, ""),
        ],
        "alive not_set used 0 waiting 0, ada removed",
    ),
    (
        [
            Organization("deleted", 2),
            Organization("created", 5),
            User("ada", "created", 3, ON),
            User("bob", "created", 6, OFF),
        ],
        "alive not_set used 0 waiting 0, ada removed, bob inactive",
    ),
    (
        [
            Organization("deleted", 2),
            Organization("created", 3),
            User("ada", "created", 4, ON),
            User("ada", "deleted", 5, ""),
        ],
        "alive not_set used 0 waiting 0, ada removed",
    ),
    (
        [
            Organization("deleted", 2),
            Organization("created", 3),
            Organization("deleted", 5),
            User("ada", "created", 4, ON),
        ],
        "archived not_set used 0 waiting 0, ada removed",
    ),
    (
        [
            Organization("created", 1),
            Organization("deleted", 2),
            User("ada", "created", 1, ON),
            User("ada", "updated", 3, ON),
        ],
        "archived not_set used 0 waiting 0, ada removed",
    ),
];

pub fn delivery(world: &TestApp, since: Timestamp, organization: &str, event: Event) -> Delivery {
    let number = world.number();
    let (kind, data, minute) = match event {
        Organization(change, minute) => {
            (format!("organization.{change}"), format!(r#""id":"{organization}""#), minute)
        }
        User(name, change, minute, fields) => {
            let data = format!(
                r#""id":"{name}","organization_id":"{organization}","email":"{name}@acme.test"{fields}"#
            );
            (format!("organization.directory.user_{change}"), data, minute)
        }
        Joined(people, minute) => {
            let data = format!(
                r#""group_id":"dirgroup_1","added_members":[{people}],"removed_members":[]"#
            );
            ("organization.directory.group_membership_updated".to_owned(), data, minute)
        }
    };
    let at = since.plus(Duration::from_mins(minute.unsigned_abs())).rfc3339();
    read(
        world,
        number,
        &format!(
            r#""type":"{kind}","occurred_at":"{at}","organization_id":"{organization}","data":{{{data}}}"#
        ),
    )
}

fn read(world: &TestApp, number: u64, fields: &str) -> Delivery {
    let body = format!(r#"{{"id":"evt_{number}",{fields}}}"#).into_bytes();
    Delivery::new(
        WebhookId::new(format!("msg_{number}")),
        body.clone(),
        payload::read(&body),
        world.clock.now(),
    )
}

pub async fn facts(world: &TestApp, organization: &str) -> String {
    let own = format!(
        "select case when archived then 'archived' else 'alive' end || ' ' || limit_kind || ' used ' || cast(used as text) || ' waiting ' || \
         cast(waiting as text) from organizations where id = '{organization}'"
    );
    let people = format!(
        "select id || ' ' || state from directory_users where organization_id = '{organization}' order by id"
    );
    [world.texts(&own).await, world.texts(&people).await].concat().join(", ")
}

pub fn orders(length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![Vec::new()];
    }
    let with_last = |order: Vec<usize>| {
        (0..length).map(move |at| [&order[..at], &[length - 1], &order[at..]].concat())
    };
    orders(length - 1).into_iter().flat_map(with_last).collect()
}

async fn a_deletion_and_a_revival_have_one_outcome_for_every_order_and_batch(world: TestApp) {
    let since = world.clock.now();
    let ways: Vec<_> = HISTORIES
        .iter()
        .flat_map(|history| orders(4).into_iter().map(move |order| (history, order)))
        .collect();
    for (number, _) in (0..).zip(&ways) {
        for batch in ["alone", "batch"] {
            world.organization(&format!("org_{batch}_{number}"), SeatLimit::Seats(1)).await;
        }
    }
    world.clock.pass(Duration::from_hours(1));

    for (number, ((history, outcome), order)) in (0..).zip(&ways) {
        let (alone, batch) = (format!("org_alone_{number}"), format!("org_batch_{number}"));
        for index in order {
            ingest_deliveries(&world.state, &[delivery(&world, since, &alone, history[*index])])
                .await
                .unwrap();
        }
        let together: Vec<_> =
            order.iter().map(|index| delivery(&world, since, &batch, history[*index])).collect();
        ingest_deliveries(&world.state, &together).await.unwrap();

        for organization in [alone, batch] {
            assert_eq!(
                facts(&world, &organization).await,
                *outcome,
                "{organization}: {history:?} in the order {order:?}"
            );
        }
    }
    world.check().await;
}

async fn groups_and_directories_of_an_archived_organization_are_kept(world: TestApp) {
    let since = world.clock.now();
    world.clock.pass(Duration::from_hours(1));
    let at = |minute: u64| since.plus(Duration::from_mins(minute)).rfc3339();
    let events = [
        format!(
            r#""type":"organization.deleted","occurred_at":"{}","organization_id":"ORG","data":{{"id":"ORG"}}"#,
            at(2)
        ),
        format!(
            r#""type":"organization.created","occurred_at":"{}","organization_id":"ORG","data":{{"id":"ORG"}}"#,
            at(3)
        ),
        format!(
            r#""type":"organization.directory.group_created","occurred_at":"{}","organization_id":"ORG","data":{{"id":"dirgroup_1","display_name":"Crew"}}"#,
            at(4)
        ),
        format!(
            r#""type":"organization.directory_enabled","occurred_at":"{}","organization_id":"ORG","data":{{"id":"dir_1","provider":"OKTA"}}"#,
            at(4)
        ),
    ];
    for (number, order) in (0..).zip(orders(4)) {
        let organization = format!("org_{number}");

        for index in &order {
            let event = world.number();
            let fields = events[*index].replace("ORG", &organization);
            ingest_deliveries(&world.state, &[read(&world, event, &fields)]).await.unwrap();
        }

        let groups = format!(
            "select id || ' ' || name from directory_groups where organization_id = '{organization}'"
        );
        assert_eq!(world.texts(&groups).await, ["dirgroup_1 Crew"], "{order:?}");
        let directories = format!(
            "select id || ' ' || state from directories where organization_id = '{organization}'"
        );
        assert_eq!(world.texts(&directories).await, ["dir_1 enabled"], "{order:?}");
    }
}

async fn a_limit_that_was_set_after_the_deletion_happened_stays(world: TestApp) {
    let since = world.clock.now();
    let history = [
        Organization("deleted", 2),
        Organization("created", 3),
        User("ada", "created", 1, ON),
        User("bob", "created", 4, ON),
    ];
    world.clock.pass(Duration::from_hours(1));
    for (number, order) in (0..).zip(orders(4)) {
        let organization = format!("org_{number}");
        world.organization(&organization, SeatLimit::Seats(1)).await;

        for index in &order {
            ingest_deliveries(
                &world.state,
                &[delivery(&world, since, &organization, history[*index])],
            )
            .await
            .unwrap();
        }

        let outcome = "alive seats used 1 waiting 0, ada removed, bob provisioned";
        assert_eq!(facts(&world, &organization).await, outcome, "{order:?}");
    }
    world.check().await;
}

async fn a_deleted_organization_is_archived_and_comes_back_without_a_limit(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    let event = |kind: &str, second: i64| {
        format!(
            r#"{{"id":"evt_9{second}","type":"organization.{kind}","occurred_at":"2026-09-22T00:00:0{second}Z","organization_id":"{ACME}","data":{{"id":"{ACME}","display_name":"Acme"}}}}"#
        )
    };

    world.post(&event("deleted", 1)).await;
    world.joined(ACME, "cleo").await;

    let page = world.page(ACME).await;
    assert!(page.archived);
    assert_eq!((page.usage.used, page.usage.waiting), (0, 0));
    assert_eq!(world.outcomes().await, ["admitted", "blocked", "removed", "archived"]);
    assert_eq!(page.limit_reached_since, None);

    world.post(&event("updated", 2)).await;
    world.joined(ACME, "dan").await;

    let page = world.page(ACME).await;
    assert_eq!((page.name.as_str(), page.archived), ("Acme", false));
    assert_eq!(page.usage, Usage { limit: SeatLimit::NotSet, used: 0, waiting: 1 });
    world.check().await;
}
