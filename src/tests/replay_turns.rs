//! The lease of a bulk replay: a process that lost it writes nothing more, and none keeps it for
//! ever.

use std::time::Duration;

use domain::{delivery::ReplayState, organization::SeatLimit};
use seatkeeper::{
    commands::{self, BulkReplay, Error, Step},
    jobs,
};

use crate::{
    bulk_replay::progress,
    replay::{buried, dead},
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    a_worker_that_has_lost_a_replay_neither_frees_it_nor_goes_on,
    a_database_that_does_not_answer_holds_up_no_replay_for_ever,
}

async fn a_worker_that_has_lost_a_replay_neither_frees_it_nor_goes_on(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(9)).await;
    buried(&world, ACME, 3).await;
    commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();
    let mut slow = commands::claim_replay(&world.state).await.unwrap().unwrap();
    world.clock.pass(Duration::from_mins(1));
    let mut next = commands::claim_replay(&world.state).await.unwrap().unwrap();

    let row = r"
        select claim || ' ' || heartbeats || ' ' || lease_millis || ' ' || state || ' '
            || succeeded || ' ' || still_dead || ' ' || last_delivery_id
        from bulk_replays
        ";
    let before = world.texts(row).await;
    let released = commands::release_replay(&world.state, &slow).await;
    assert!(matches!(released, Err(Error::LeaseLost(_))), "{released:?}");
    assert!(commands::claim_replay(&world.state).await.unwrap().is_none(), "the next one is at it");
    assert_eq!(commands::replay_next(&world.state, &mut slow).await.unwrap(), Step::Ended);
    assert_eq!(
        (world.usage(ACME).await.used, dead(&world).await.len()),
        (0, 3),
        "and nothing was written"
    );
    assert_eq!(world.texts(row).await, before);

    for _ in 0..3 {
        assert_eq!(commands::replay_next(&world.state, &mut next).await.unwrap(), Step::Replayed);
    }
    assert_eq!(commands::replay_next(&world.state, &mut slow).await.unwrap(), Step::Ended);
    assert_eq!(
        progress(&world).await.state,
        ReplayState::Running,
        "that nothing is left is for the next one to say"
    );
    assert_eq!(commands::replay_next(&world.state, &mut next).await.unwrap(), Step::Ended);
    assert_eq!(
        (progress(&world).await.state, progress(&world).await.succeeded),
        (ReplayState::Finished, 3)
    );
}

async fn a_database_that_does_not_answer_holds_up_no_replay_for_ever(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(9)).await;
    buried(&world, ACME, 1).await;
    commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();
    let mut claimed = commands::claim_replay(&world.state).await.unwrap().unwrap();
    let patience = Duration::from_millis(200);

    let held = world.hold_everything().await;
    let answer = jobs::bulk_replay::step(&world.state, &mut claimed, patience).await;
    assert!(matches!(answer, Err(Error::Database(sqlx::Error::Io(_)))), "{answer:?}");
    drop(held);

    let answer = jobs::bulk_replay::step(&world.state, &mut claimed, Duration::from_secs(20)).await;
    assert_eq!((answer.unwrap(), world.usage(ACME).await.used), (Step::Replayed, 1));
    world.check().await;
}
