//! A backfill reads missed events from the event log, page by page, also when something fails on
//! the way.

use std::{sync::atomic::Ordering, time::Duration};

use domain::{id::OrganizationId, organization::SeatLimit, resync::ResyncCause};
use seatkeeper::{
    commands::{Gap, Look, backfill, resync::start_due},
    queries,
};
use simulator::fault::Fault;

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, scope, stories},
};

stories! {
    what_was_missed_is_read_from_the_log,
    a_log_that_does_not_reach_back_asks_for_resyncs,
    a_long_log_is_read_to_its_end_and_taken_from_there,
    a_log_that_moves_underway_is_not_believed,
    a_backfill_that_fails_keeps_no_delivery_waiting,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

/// Five users are known and the webhook of one more arrives; then `people` users join and their
/// webhooks are lost.
async fn missed(world: &TestApp, people: usize) -> Scalekit {
    world.organization(ACME, SeatLimit::Seats(100)).await;
    let scalekit = Scalekit::of(world, &[5]).await;
    scalekit.resync(false).await;
    for body in scalekit.happens(world, |world, now| world.burst(&acme(), 1, now)).await {
        world.post(&body).await;
    }
    scalekit.happens(world, |world, now| world.burst(&acme(), people, now)).await;
    world.clock.pass(Duration::from_hours(2));
    scalekit
}

async fn what_was_missed_is_read_from_the_log(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[5]).await;
    assert_eq!(
        backfill(&scalekit.state, Look::Now).await.unwrap(),
        Gap::NotLooked,
        "no delivery has arrived yet"
    );
    scalekit.resync(false).await;
    let bodies = scalekit.happens(&world, |world, now| world.burst(&acme(), 2, now)).await;
    for body in &bodies {
        world.post(body).await;
    }
    let missed = scalekit.happens(&world, |world, now| world.burst(&acme(), 130, now)).await;
    assert_eq!(
        backfill(&scalekit.state, Look::AfterSilence).await.unwrap(),
        Gap::NotLooked,
        "it is not silent yet"
    );

    world.clock.pass(Duration::from_hours(2));
    assert_eq!(backfill(&scalekit.state, Look::AfterSilence).await.unwrap(), Gap::Closed(130));

    assert_eq!(world.usage(ACME).await.used, 137);
    world.post(&missed[3]).await; // the webhook comes after all
    let last = "select outcome || case when suspicious then ' suspicious' else '' end from deliveries order by received_at desc, id desc limit 1";
    assert_eq!(world.texts(last).await, ["duplicate"]);
    let state = queries::event_log(&scalekit.state).await.unwrap();
    assert_eq!((state.found, state.by_resync, state.error), (130, false, None));
    assert_eq!(backfill(&scalekit.state, Look::Now).await.unwrap(), Gap::None);
    world.check().await;
}

async fn a_log_that_does_not_reach_back_asks_for_resyncs(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await; // this event is not in the log
    let scalekit = Scalekit::of(&world, &[5]).await;

    assert_eq!(backfill(&scalekit.state, Look::Now).await.unwrap(), Gap::Resync);
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 1);
    let run = queries::resyncs(&scalekit.state, &scope(ACME), None).await.unwrap().remove(0);
    assert_eq!(run.cause, ResyncCause::Inconsistency);

    world.clock.pass(Duration::from_mins(1));
    scalekit.handle(|_, path| {
        if path.ends_with("/paginated") { Behaviour::Answers(501) } else { Behaviour::Good }
    });
    assert_eq!(backfill(&scalekit.state, Look::Now).await.unwrap(), Gap::Resync);
    assert_eq!(queries::event_log(&scalekit.state).await.unwrap().error.unwrap().0, "HTTP_501");
}

async fn a_long_log_is_read_to_its_end_and_taken_from_there(world: TestApp) {
    let scalekit = missed(&world, 330).await;
    scalekit.handle(|_, _| Behaviour::Good);

    assert_eq!(backfill(&scalekit.state, Look::AfterSilence).await.unwrap(), Gap::Closed(330));

    // four pages up to the gap, and three of them again on the way back
    assert_eq!(scalekit.calls.load(Ordering::SeqCst), 7);
    let usage = world.usage(ACME).await;
    assert_eq!((usage.used, usage.waiting), (100, 236));
    let ids: Vec<_> = scalekit.ids().into_iter().skip(100).collect();
    let waitlist: Vec<_> =
        world.page(ACME).await.waitlist.into_iter().map(|row| row.user).collect();
    assert_eq!(waitlist, ids[..waitlist.len()], "in the order they came");
    world.check().await;
}

async fn a_log_that_moves_underway_is_not_believed(world: TestApp) {
    let scalekit = missed(&world, 330).await;
    scalekit.simulator.faults().switch_on(Fault::ShiftingPages);
    let (simulator, handle) = (scalekit.simulator.clone(), tokio::runtime::Handle::current());
    let long_ago = world.clock.now().minus(Duration::from_hours(1));
    scalekit.handle(move |number, _| {
        if number == 4 {
            let late = simulator.play(move |world, _| {
                world.burst(&acme(), 1, long_ago);
                Vec::new()
            });
            tokio::task::block_in_place(|| handle.block_on(late));
        }
        Behaviour::Good
    });

    assert_eq!(backfill(&scalekit.state, Look::AfterSilence).await.unwrap(), Gap::Resync);
}

async fn a_backfill_that_fails_keeps_no_delivery_waiting(world: TestApp) {
    let scalekit = missed(&world, 130).await;
    world.tamper("alter table deliveries rename column kind to sort").await;
    assert!(backfill(&scalekit.state, Look::AfterSilence).await.is_err());
    world.tamper("alter table deliveries rename column sort to kind").await;

    assert_eq!(backfill(&scalekit.state, Look::AfterSilence).await.unwrap(), Gap::Closed(130));
}
