//! Readers of the feed of outgoing events: what they wait for, what they choose, and what they may
//! have missed.

use std::time::Duration;

use domain::{
    id::{DirectoryUserId, OrganizationId},
    organization::SeatLimit,
    outgoing_event::EventType,
    seats::Command,
};
use seatkeeper::{
    commands::{Cause, EVENTS_KEPT, SeatTransaction},
    jobs::{self, cleanup, number_events as sequencer},
    queries::{Events, EventsQuery, events_after},
};
use tokio::sync::watch;

use crate::{
    event_feed::{OTHER, after, all, no_gap_and_in_order, told, within},
    support::world::{ACME, TestApp, diruser, operator, scope, stories},
};

stories! {
    old_events_go_and_a_reader_learns_that_it_missed_them,
    a_reader_that_waits_gets_the_next_event,
    a_reader_of_one_organization_or_of_some_types_gets_those_alone,
    a_reader_of_a_quiet_organization_misses_nothing_while_old_events_go;
    postgres: an_event_that_commits_late_has_a_later_number
}

async fn old_events_go_and_a_reader_learns_that_it_missed_them(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    for user in ["ada", "bob", "cy"] {
        world.joined(ACME, user).await;
    }
    all(&world.state).await;
    world.clock.pass(EVENTS_KEPT.checked_sub(Duration::from_secs(2)).unwrap());
    world.joined(ACME, "new").await;

    cleanup::remove_expired(&world.state).await.unwrap();

    let found = after(&world.state, None, 2).await;
    assert_eq!(found.events.len(), 1, "an event without a number stays, and so does the newest");
    let numbers = |found: &Events| found.events.iter().map(|e| e.sequence).collect::<Vec<_>>();
    sequencer::work_off(&world.state).await.unwrap();
    world.clock.pass(Duration::from_secs(3));
    cleanup::remove_expired(&world.state).await.unwrap();
    let (missed, at_its_end) =
        (after(&world.state, None, 2).await, after(&world.state, None, 3).await);
    assert_eq!((numbers(&missed), missed.is_expired), (vec![4], true));
    assert_eq!((numbers(&at_its_end), at_its_end.is_expired), (vec![4], false));
    assert!(!after(&world.state, None, 0).await.is_expired, "a new reader missed nothing");

    world.clock.pass(EVENTS_KEPT);
    cleanup::remove_expired(&world.state).await.unwrap();
    let nothing = after(&world.state, None, 1).await;
    assert_eq!((numbers(&nothing), nothing.next, nothing.is_expired), (vec![], 4, true));
    world.joined(ACME, "dee").await;
    assert_eq!(all(&world.state).await[0].sequence, 5, "no number is given twice");
}

async fn a_reader_that_waits_gets_the_next_event(world: TestApp) {
    let _ = rustls::crypto::ring::default_provider().install_default(); // for the other jobs
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let (stop, stopping) = watch::channel(false);
    let mut jobs = jobs::all(&world.state, vec![]);
    let job = jobs.remove(jobs.iter().position(|job| job.name() == "number_events").unwrap());
    let working = tokio::spawn(jobs::run(world.state.clone(), job, stopping));
    let query = EventsQuery { organization: None, types: &[], after: 0, most: 10 };

    let (found, _) = tokio::join!(
        within(&world.state, query, Duration::from_mins(1)),
        world.joined(ACME, "ada"),
    );

    assert_eq!(
        found.events.iter().map(told).collect::<Vec<_>>(),
        ["seat.admitted ada null→provisioned"]
    );
    let query = EventsQuery { after: 1, ..query };
    let nothing = within(&world.state, query, Duration::from_millis(1)).await;
    assert_eq!((nothing.events.len(), nothing.next), (0, 1));
    stop.send(true).unwrap();
    working.await.unwrap();
}

async fn a_reader_of_one_organization_or_of_some_types_gets_those_alone(world: TestApp) {
    for organization in [ACME, OTHER] {
        world.organization(organization, SeatLimit::Seats(1)).await;
        for user in ["ada", "bob"] {
            world.joined(organization, user).await;
        }
    }
    all(&world.state).await;

    let other = scope(OTHER);
    let types = [EventType::SeatBlocked];
    let mut query = EventsQuery { organization: Some(&other), types: &types, after: 0, most: 9 };
    let found = events_after(&world.state, query).await.unwrap();
    assert_eq!(
        found.events.iter().map(told).collect::<Vec<_>>(),
        ["seat.blocked bob null→blocked"]
    );
    assert_eq!(found.events[0].organization.as_str(), OTHER);
    query.after = found.next;
    assert_eq!(events_after(&world.state, query).await.unwrap().events, []);
    query = EventsQuery { organization: None, types: &types, after: 0, most: 1 };
    let found = events_after(&world.state, query).await.unwrap();
    assert_eq!(found.events[0].organization.as_str(), ACME);
    let second =
        events_after(&world.state, EventsQuery { after: found.next, ..query }).await.unwrap();
    assert_eq!(second.events[0].organization.as_str(), OTHER);
}

async fn a_reader_of_a_quiet_organization_misses_nothing_while_old_events_go(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    world.joined(OTHER, "ada").await;
    for user in ["bob", "cy"] {
        world.joined(ACME, user).await;
    }
    all(&world.state).await;
    let (quiet, types) = (scope(OTHER), [EventType::SeatBlocked]);
    let read = after(&world.state, Some(&quiet), 0).await;
    let query = EventsQuery { organization: None, types: &types, after: 0, most: 9 };
    let blocked = events_after(&world.state, query).await.unwrap();
    assert_eq!((read.events.len(), read.next, read.newest), (1, 3, 3));
    assert_eq!((blocked.events.len(), blocked.next), (0, 3), "it is behind the other types, too");

    world.clock.pass(EVENTS_KEPT);
    cleanup::remove_expired(&world.state).await.unwrap();

    assert!(!after(&world.state, Some(&quiet), read.next).await.is_expired);
    assert!(after(&world.state, Some(&quiet), 1).await.is_expired, "this one was away for long");
}

/// A transaction that began first and commits last: its event is behind those that were numbered
/// meanwhile, where a reader who has read them finds it.
async fn an_event_that_commits_late_has_a_later_number(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.organization(OTHER, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    let (acme, ada) = (OrganizationId::new(ACME), DirectoryUserId::new(diruser("ada")));
    let mut late = SeatTransaction::begin(&world.state, &acme).await.unwrap();
    let actor = operator();
    let cause = Cause::Actor { action: "dismiss", actor: &actor };
    late.decide(&acme, &Command::Dismiss(ada), cause).await.unwrap();
    let late = late.write().await.unwrap();
    world.joined(OTHER, "bob").await;
    let read = all(&world.state).await;

    late.commit().await.unwrap();

    sequencer::work_off(&world.state).await.unwrap();
    let rest = after(&world.state, None, read.last().unwrap().sequence).await.events;
    assert_eq!(
        rest.iter().map(told).collect::<Vec<_>>(),
        ["seat.released ada provisioned→dismissed"]
    );
    no_gap_and_in_order(&[read, rest].concat());
}
