//! Dead letters are replayed in bulk: in their order, with progress, and each exactly once.

use std::time::Duration;

use domain::{
    delivery::ReplayState,
    id::{OrganizationId, ReplayId},
    organization::{SeatLimit, Usage},
    refusal::Refusal,
};
use seatkeeper::{
    commands::{self, BulkReplay, Error, Notify, Step},
    jobs, queries,
};
use tokio::sync::watch;
use views::deliveries::{DeliveriesQuery, ReplayRow};

use crate::{
    replay::{CREATED, buried, dead},
    support::world::{ACME, TestApp, operator, staff, stories},
};

stories! {
    many_are_replayed_with_progress,
    a_replay_of_one_organization_leaves_the_others,
    a_replay_that_was_broken_off_goes_on_where_it_was,
    a_cancelled_replay_changes_nothing_more,
}

async fn many_are_replayed_with_progress(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(3)).await;
    buried(&world, ACME, 5).await;
    world.post("not json").await;

    let id =
        commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();
    let second = commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await;
    assert!(matches!(second, Err(Error::Refused(Refusal::ReplayRunning))), "{second:?}");
    assert_eq!(
        (progress(&world).await.total, progress(&world).await.state),
        (6, ReplayState::Running)
    );
    assert_eq!(work_off(&world).await, 6);

    let replay = progress(&world).await;
    assert_eq!((replay.id, replay.state), (id, ReplayState::Finished));
    assert_eq!((replay.total, replay.succeeded, replay.still_dead), (6, 5, 1));
    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(3), used: 3, waiting: 2 });
    assert_eq!(world.waitlist(ACME).await, ["p3", "p4"], "in their order");
    commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();
    world.check().await;
}

async fn a_replay_of_one_organization_leaves_the_others(world: TestApp) {
    for id in [ACME, "org_2"] {
        world.organization(id, SeatLimit::Seats(9)).await;
        buried(&world, id, 2).await;
    }
    world.post("not json").await;

    let many = |organization: Option<&str>, kind: Option<&str>| BulkReplay {
        organization: organization.map(OrganizationId::new),
        kind: kind.map(str::to_owned),
        notify: Notify::Suppressed,
    };
    commands::start_replay(&world.state, &operator(), &many(Some("org_2"), Some(CREATED)))
        .await
        .unwrap();
    assert_eq!(work_off(&world).await, 2);
    assert_eq!((world.usage(ACME).await.used, world.usage("org_2").await.used), (0, 2));

    commands::start_replay(&world.state, &operator(), &many(None, Some(CREATED))).await.unwrap();
    assert_eq!(work_off(&world).await, 2);
    assert_eq!(world.usage(ACME).await.used, 2);
    let none = commands::start_replay(&world.state, &operator(), &many(Some(ACME), None)).await;
    assert!(matches!(none, Err(Error::Refused(Refusal::NoDeadLetters))), "{none:?}");
}

async fn a_replay_that_was_broken_off_goes_on_where_it_was(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(9)).await;
    world.post("not json").await;
    buried(&world, ACME, 4).await;
    commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();
    let mut claimed = commands::claim_replay(&world.state).await.unwrap().unwrap();
    for _ in 0..2 {
        assert_eq!(
            commands::replay_next(&world.state, &mut claimed).await.unwrap(),
            Step::Replayed
        );
    }
    drop(claimed);

    assert_eq!(work_off(&world).await, 0, "another worker has it");
    world.clock.pass(Duration::from_mins(1));
    assert_eq!(work_off(&world).await, 3);

    let replay = progress(&world).await;
    assert_eq!((replay.state, replay.succeeded, replay.still_dead), (ReplayState::Finished, 4, 1));
    assert_eq!(world.texts("select cast(count(*) as text) from delivery_history").await, ["5"]);
    world.check().await;
}

async fn a_cancelled_replay_changes_nothing_more(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(9)).await;
    buried(&world, ACME, 4).await;
    let id: ReplayId =
        commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();
    let mut claimed = commands::claim_replay(&world.state).await.unwrap().unwrap();
    commands::replay_next(&world.state, &mut claimed).await.unwrap();

    commands::cancel_replay(&world.state, &operator(), &id).await.unwrap();

    assert_eq!(commands::replay_next(&world.state, &mut claimed).await.unwrap(), Step::Ended);
    assert_eq!((world.usage(ACME).await.used, dead(&world).await.len()), (1, 3));
    let again = commands::cancel_replay(&world.state, &operator(), &id).await;
    assert!(matches!(again, Err(Error::Refused(Refusal::ReplayEnded))), "{again:?}");
    assert_eq!(progress(&world).await.ended_by.unwrap(), "command line (story)");
}

async fn work_off(world: &TestApp) -> u64 {
    let (_go_on, stopping) = watch::channel(false);
    jobs::bulk_replay::work_off(&world.state, &stopping).await.unwrap()
}

pub async fn progress(world: &TestApp) -> ReplayRow {
    let sam = staff().staff().unwrap();
    queries::deliveries(&world.state, &sam, &DeliveriesQuery::default())
        .await
        .unwrap()
        .replay
        .unwrap()
}
