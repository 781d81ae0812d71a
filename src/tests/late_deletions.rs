//! The deletion of an organization arrives late: it ends what was before it, and nothing that came
//! after.

use std::time::Duration;

use domain::{access::Role, organization::SeatLimit};
use seatkeeper::commands::ingest_deliveries;

use crate::{
    revivals::{
        Event::{Joined, Organization, User},
        IN_CREW, ON, delivery, facts, orders,
    },
    support::world::{ACME, TestApp, stories},
};

stories! {
    a_late_deletion_ends_the_access_that_was_granted_before_it,
    an_old_event_that_frees_a_seat_admits_the_next_in_the_waitlist,
    a_late_deletion_empties_the_groups_of_the_people_it_ends,
    groups_from_before_a_deletion_are_over_in_every_order,
    a_late_deletion_of_an_organization_that_exists_again_notifies_once,
}

/// The stored memberships of the crew.
async fn crew(world: &TestApp, organization: &str) -> Vec<String> {
    let statement = format!(
        "select user_id from memberships where organization_id = '{organization}' order by user_id"
    );
    world.texts(&statement).await
}

async fn a_late_deletion_ends_the_access_that_was_granted_before_it(world: TestApp) {
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
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::NotSet).await;
    world.clock.pass(Duration::from_hours(1));
    for event in
        [Organization("updated", 3), User("bob", "created", 4, ON), Organization("deleted", 2)]
    {
        ingest_deliveries(&world.state, &[delivery(&world, since, ACME, event)]).await.unwrap();
    }

    assert_eq!(facts(&world, ACME).await, "alive not_set used 0 waiting 1, bob blocked");
    assert_eq!(world.open_alerts().await, ["limit_not_set"]);
    assert_eq!(world.recipients().await, ["sam@seats.example"]);
    world.check().await;
}
