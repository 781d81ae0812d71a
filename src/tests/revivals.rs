//! An organization is deleted and created again while its people come and go. Each order of arrival
//! and each batching ends in the same facts.

use std::time::Duration;

use domain::{event, id::WebhookId, organization::SeatLimit, time::Timestamp};
use seatkeeper::commands::{Delivery, ingest_deliveries};

use crate::support::world::{ACME, TestApp, stories};

stories! {
    a_deletion_and_a_revival_have_one_outcome_for_every_order_and_batch,
    groups_and_directories_of_an_archived_organization_are_kept,
    a_limit_that_was_set_after_the_deletion_happened_stays,
    a_late_deletion_ends_the_access_that_was_granted_before_it,
    an_old_event_that_frees_a_seat_admits_the_next_in_the_waitlist,
    a_late_deletion_empties_the_groups_of_the_people_it_ends,
    groups_from_before_a_deletion_are_over_in_every_order,
    a_late_deletion_of_an_organization_that_exists_again_notifies_once,
}

/// An event, by the minute in which it happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    Organization(&'static str, i64),
    /// A person, the kind, further fields.
    User(&'static str, &'static str, i64, &'static str),
    /// A group event by which these people, as JSON, join the crew.
    Joined(&'static str, i64),
}
use Event::{Joined, Organization, User};

const ON: &str = r#","active":true"#;
const IN_CREW: &str = r#","active":true,"groups":[{"id":"dirgroup_1","name":"Crew"}]"#;
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

fn delivery(world: &TestApp, since: Timestamp, organization: &str, event: Event) -> Delivery {
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
        event::read(&body),
        world.clock.now(),
    )
}

async fn facts(world: &TestApp, organization: &str) -> String {
    let own = format!(
        "select case when archived then 'archived' else 'alive' end || ' ' || limit_kind || ' used ' || cast(used as text) || ' waiting ' || \
         cast(waiting as text) from organizations where id = '{organization}'"
    );
    let people = format!(
        "select id || ' ' || state from directory_users where organization_id = '{organization}' order by id"
    );
    [world.texts(&own).await, world.texts(&people).await].concat().join(", ")
}

fn orders(length: usize) -> Vec<Vec<usize>> {
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

async fn a_late_deletion_ends_the_access_that_was_granted_before_it(world: TestApp) {
    use domain::access::Role;
    let since = world.clock.now();
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.clock.pass(Duration::from_mins(1));
    for name in ["ada", "bob"] {
        ingest_deliveries(
            &world.state,
            &[delivery(&world, since, ACME, User(name, "created", 0, ON))],
        )
        .await
        .unwrap();
    }
    world.account("ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    world.clock.pass(Duration::from_hours(1));
    ingest_deliveries(&world.state, &[delivery(&world, since, ACME, Organization("updated", 10))])
        .await
        .unwrap();
    ingest_deliveries(
        &world.state,
        &[delivery(&world, since, ACME, User("bob", "created", 11, ON))],
    )
    .await
    .unwrap();
    world.account("bob@acme.test", Role::TenantAdmin, &[ACME]).await;

    ingest_deliveries(&world.state, &[delivery(&world, since, ACME, Organization("deleted", 5))])
        .await
        .unwrap();

    assert_eq!(
        facts(&world, ACME).await,
        "alive not_set used 0 waiting 1, ada removed, bob blocked"
    );
    assert_eq!(world.texts("select user_id from account_organizations").await, ["bob"]);
    assert_eq!(
        world.texts("select outcome from deliveries where kind = 'organization.deleted'").await,
        ["removed"]
    );
    world.check().await;
}

async fn an_old_event_that_frees_a_seat_admits_the_next_in_the_waitlist(world: TestApp) {
    let since = world.clock.now();
    world.clock.pass(Duration::from_hours(1));
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let history = [
        Organization("deleted", 2),
        Organization("created", 3),
        User("ada", "updated", 4, ""),
        User("bob", "created", 5, ON),
    ];
    for event in history {
        ingest_deliveries(&world.state, &[delivery(&world, since, ACME, event)]).await.unwrap();
    }
    assert_eq!(
        facts(&world, ACME).await,
        "alive seats used 1 waiting 1, ada provisioned, bob blocked"
    );

    ingest_deliveries(
        &world.state,
        &[delivery(&world, since, ACME, User("ada", "updated", 1, ""))],
    )
    .await
    .unwrap();

    assert_eq!(
        facts(&world, ACME).await,
        "alive seats used 1 waiting 0, ada removed, bob provisioned"
    );
    world.check().await;
}

/// The stored memberships of the crew.
async fn crew(world: &TestApp, organization: &str) -> Vec<String> {
    let statement = format!(
        "select user_id from memberships where organization_id = '{organization}' order by user_id"
    );
    world.texts(&statement).await
}

async fn a_late_deletion_empties_the_groups_of_the_people_it_ends(world: TestApp) {
    let since = world.clock.now();
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.clock.pass(Duration::from_hours(1));
    let before = ["ada", "bob", "eve"].map(|name| User(name, "created", 1, IN_CREW));
    let after = [
        Organization("updated", 10),
        User("bob", "created", 11, ON),
        User("eve", "updated", 12, IN_CREW),
    ];
    for event in before.into_iter().chain(after) {
        ingest_deliveries(&world.state, &[delivery(&world, since, ACME, event)]).await.unwrap();
    }
    assert_eq!(crew(&world, ACME).await, ["ada", "bob", "eve"]);

    ingest_deliveries(&world.state, &[delivery(&world, since, ACME, Organization("deleted", 5))])
        .await
        .unwrap();

    let people = "ada removed, bob blocked, eve blocked";
    assert_eq!(facts(&world, ACME).await, format!("alive not_set used 0 waiting 2, {people}"));
    assert_eq!(
        crew(&world, ACME).await,
        ["eve"],
        "Ada is removed, and Bob came back without a word about groups"
    );

    // late events from before the deletion
    for event in [
        User("ada", "updated", 2, IN_CREW),
        User("bob", "updated", 3, IN_CREW),
        Joined(r#""ada","bob""#, 4),
    ] {
        ingest_deliveries(&world.state, &[delivery(&world, since, ACME, event)]).await.unwrap();
    }
    assert_eq!(crew(&world, ACME).await, ["eve"]);

    ingest_deliveries(&world.state, &[delivery(&world, since, ACME, Joined(r#""bob""#, 9))])
        .await
        .unwrap();
    assert_eq!(crew(&world, ACME).await, ["bob", "eve"], "he joined after the deletion");
    world.check().await;
}

async fn groups_from_before_a_deletion_are_over_in_every_order(world: TestApp) {
    let since = world.clock.now();
    world.clock.pass(Duration::from_hours(1));
    let ends = [
        User("ada", "created", 1, IN_CREW),
        Joined(r#""ada""#, 3),
        Organization("deleted", 5),
        Organization("updated", 10),
    ];
    let returns = [
        User("bob", "created", 1, IN_CREW),
        Organization("deleted", 5),
        Organization("updated", 10),
        User("bob", "created", 11, ON),
    ];
    for (name, history, outcome) in
        [("ends", ends, "waiting 0, ada removed"), ("returns", returns, "waiting 1, bob blocked")]
    {
        for (number, order) in (0..).zip(orders(4)) {
            let (alone, batch) =
                (format!("org_{name}_alone_{number}"), format!("org_{name}_batch_{number}"));

            for index in &order {
                ingest_deliveries(
                    &world.state,
                    &[delivery(&world, since, &alone, history[*index])],
                )
                .await
                .unwrap();
            }
            let together: Vec<_> = order
                .iter()
                .map(|index| delivery(&world, since, &batch, history[*index]))
                .collect();
            ingest_deliveries(&world.state, &together).await.unwrap();

            for organization in [alone, batch] {
                assert_eq!(crew(&world, &organization).await, [""; 0], "{organization}: {order:?}");
                assert_eq!(
                    facts(&world, &organization).await,
                    format!("alive not_set used 0 {outcome}"),
                    "{organization}: {order:?}"
                );
            }
        }
    }
    world.check().await;
}

async fn a_late_deletion_of_an_organization_that_exists_again_notifies_once(world: TestApp) {
    let since = world.clock.now();
    world.account("sam@seats.example", domain::access::Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::NotSet).await;
    world.clock.pass(Duration::from_hours(1));
    for event in
        [Organization("updated", 3), User("bob", "created", 4, ON), Organization("deleted", 2)]
    {
        ingest_deliveries(&world.state, &[delivery(&world, since, ACME, event)]).await.unwrap();
    }

    assert_eq!(facts(&world, ACME).await, "alive not_set used 0 waiting 1, bob blocked");
    assert_eq!(
        world.texts("select kind from alerts where resolved_at is null").await,
        ["limit_not_set"]
    );
    assert_eq!(world.texts("select recipient from outbox").await, ["sam@seats.example"]);
    world.check().await;
}
