//! Whose turn it is at a replay of many: nobody writes after losing theirs, and nobody keeps one for ever.

use std::time::Duration;

use seatkeeper::{
    acts::{self, Error, Many, Step},
    domain::{organization::SeatLimit, page::deliveries::ReplayState},
    work,
};

use crate::{
    replay::{buried, dead, progress},
    support::world::{ACME, World, operator, stories},
};

stories! {
    whoever_has_lost_a_replay_neither_frees_it_nor_goes_on,
    a_database_that_does_not_answer_holds_up_no_replay_for_ever,
}

async fn whoever_has_lost_a_replay_neither_frees_it_nor_goes_on(world: World) {
    world.organization(ACME, SeatLimit::Seats(9)).await;
    buried(&world, ACME, 3).await;
    acts::start_replay(&world.desk, &operator(), &Many::default()).await.unwrap();
    let mut slow = acts::claim_replay(&world.desk).await.unwrap().unwrap();
    world.clock.pass(Duration::from_mins(1));
    let mut next = acts::claim_replay(&world.desk).await.unwrap().unwrap();

    acts::release_replay(&world.desk, &slow).await.unwrap();
    assert!(acts::claim_replay(&world.desk).await.unwrap().is_none(), "the next one is at it");
    assert_eq!(acts::replay_next(&world.desk, &mut slow).await.unwrap(), Step::Ended);
    assert_eq!((world.usage(ACME).await.used, dead(&world).await.len()), (0, 3), "and nothing was written");

    for _ in 0..3 {
        assert_eq!(acts::replay_next(&world.desk, &mut next).await.unwrap(), Step::Replayed);
    }
    assert_eq!(acts::replay_next(&world.desk, &mut slow).await.unwrap(), Step::Ended);
    assert_eq!(progress(&world).await.state, ReplayState::Running, "that nothing is left is for the next one to say");
    assert_eq!(acts::replay_next(&world.desk, &mut next).await.unwrap(), Step::Ended);
    assert_eq!((progress(&world).await.state, progress(&world).await.succeeded), (ReplayState::Finished, 3));
}

async fn a_database_that_does_not_answer_holds_up_no_replay_for_ever(world: World) {
    world.organization(ACME, SeatLimit::Seats(9)).await;
    buried(&world, ACME, 1).await;
    acts::start_replay(&world.desk, &operator(), &Many::default()).await.unwrap();
    let mut claimed = acts::claim_replay(&world.desk).await.unwrap().unwrap();
    let patience = Duration::from_millis(200);

    let held = world.hold_everything().await;
    let answer = work::replay::step(&world.desk, &mut claimed, patience).await;
    assert!(matches!(answer, Err(Error::Database(sqlx::Error::Io(_)))), "{answer:?}");
    drop(held);

    let answer = work::replay::step(&world.desk, &mut claimed, Duration::from_secs(20)).await;
    assert_eq!((answer.unwrap(), world.usage(ACME).await.used), (Step::Replayed, 1));
    world.check().await;
}
