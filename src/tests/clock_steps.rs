//! The wall clock steps by an hour, forward or back: no job stops, and no two workers do the same
//! job.

use std::time::Duration;

use domain::{access::Role, organization::SeatLimit};
use seatkeeper::{
    channels::email::mailer::Mailer,
    commands::{self, BulkReplay},
    health::WorkerHealth,
    jobs::{
        bulk_replay, check_invariants, periodic, retention,
        send_messages::{self, Mail},
    },
    queries,
};
use tokio::sync::watch;

use crate::{
    replay::buried,
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    health_follows_the_time_that_passes,
    an_email_leaves_after_a_step_and_never_twice,
    a_job_comes_round_after_a_step_and_is_held_by_one,
    a_replay_goes_on_after_a_step_and_is_held_by_one,
}

const HOUR: Duration = Duration::from_hours(1);
const BOTH_WAYS: [bool; 2] = [true, false];

fn step(world: &TestApp, ahead: bool) {
    let now = world.clock.now();
    world.clock.put(if ahead { now.plus(HOUR) } else { now.minus(HOUR) });
}

async fn health_follows_the_time_that_passes(world: TestApp) {
    for ahead in BOTH_WAYS {
        for worker in [
            "remove_expired",
            "check",
            "bulk_replay",
            "retention",
            "queue_resyncs",
            WorkerHealth::OUTBOX,
        ] {
            world.state.health.heartbeat(worker, world.clock.monotonic(), Duration::from_secs(30));
        }
        let batch = world.state.health.batch_begins(world.clock.monotonic());
        step(&world, ahead);
        assert_eq!(queries::ready(&world.state).await, [""; 0]);
        assert_eq!(queries::check(&world.state).await.unwrap(), []);

        world.clock.pass(Duration::from_mins(3));
        assert_eq!(
            queries::ready(&world.state).await.len(),
            7,
            "six workers and a batch are late all the same"
        );
        world.state.health.batch_ends(batch);
    }
}

async fn an_email_leaves_after_a_step_and_never_twice(world: TestApp) {
    let beside = world.beside().await;
    let mail = Mail {
        mailer: Mailer::memory(),
        from: "Seatkeeper <seats@seats.example>".parse().unwrap(),
    };
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.account("kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    for (n, ahead) in BOTH_WAYS.into_iter().enumerate() {
        world.organization(&format!("org_{n}"), SeatLimit::Seats(0)).await;
        world
            .account(&format!("kim{n}@acme.test"), Role::TenantAdmin, &[&format!("org_{n}")])
            .await;
        world.joined(&format!("org_{n}"), "ada").await;
        step(&world, ahead);
        world.clock.pass(Duration::from_secs(61));
        assert_eq!(
            send_messages::work_off(&world.state, &mail).await.unwrap(),
            1,
            "ahead: {ahead}"
        );
        assert_eq!(send_messages::work_off(&beside.state, &mail).await.unwrap(), 0);
    }
    // another process is sending this e-mail, or died while it was sending it
    world.joined(ACME, "late").await;
    world.clock.pass(Duration::from_secs(61));
    world.tamper("update outbox set lease_millis = 120000, claim = 1 where sent_at is null").await;
    for ahead in BOTH_WAYS {
        step(&world, ahead);
        assert_eq!(send_messages::work_off(&world.state, &mail).await.unwrap(), 0, "it is held");
    }
    world.clock.pass(Duration::from_mins(3));
    assert_eq!(send_messages::work_off(&world.state, &mail).await.unwrap(), 1);
}

async fn a_job_comes_round_after_a_step_and_is_held_by_one(world: TestApp) {
    let beside = world.beside().await;
    for ahead in BOTH_WAYS {
        assert!(check_invariants::work_off(&world.state).await.unwrap());
        step(&world, ahead);
        assert!(!check_invariants::work_off(&world.state).await.unwrap(), "it is not time yet");
        world.clock.pass(Duration::from_mins(6));
        assert!(check_invariants::work_off(&world.state).await.unwrap(), "ahead: {ahead}");
        world.clock.pass(Duration::from_mins(6));
        retention::work_off(&world.state).await.unwrap();
    }
    assert!(periodic::claim(&world.state, "story", HOUR).await.unwrap().is_some());
    for ahead in BOTH_WAYS {
        step(&world, ahead);
        assert!(
            periodic::claim(&beside.state, "story", Duration::ZERO).await.unwrap().is_none(),
            "another process is at it"
        );
    }
    world.clock.pass(Duration::from_mins(3));
    assert!(
        periodic::claim(&beside.state, "story", Duration::ZERO).await.unwrap().is_some(),
        "it died"
    );
}

async fn a_replay_goes_on_after_a_step_and_is_held_by_one(world: TestApp) {
    let beside = world.beside().await;
    let (_stop, stopping) = watch::channel(false);
    world.organization(ACME, SeatLimit::Seats(9)).await;
    for ahead in BOTH_WAYS {
        buried(&world, ACME, 2).await;
        step(&world, ahead);
        commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await.unwrap();
        let claimed = commands::claim_replay(&world.state).await.unwrap().unwrap();
        step(&world, !ahead);
        assert!(
            commands::claim_replay(&beside.state).await.unwrap().is_none(),
            "another process is at it"
        );
        commands::release_replay(&world.state, &claimed).await.unwrap();
        step(&world, ahead);
        assert_eq!(
            bulk_replay::work_off(&beside.state, &stopping).await.unwrap(),
            2,
            "ahead: {ahead}"
        );
    }
    assert_eq!(world.dead_letters().await, [""; 0]);
}
