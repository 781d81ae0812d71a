//! Limits that apply until a day: "70 seats until 31 January" ends by itself.

use std::time::Duration;

use domain::{
    id::OrganizationId,
    limit_end::LimitEnd,
    organization::{SeatLimit, Usage},
    refusal::Refusal,
    time::Timestamp,
};
use seatkeeper::commands::{self, Error, NewArchive, NewLimit};

use crate::{
    alerts::{KIM, join, plan},
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    a_limit_that_ends_gives_way_to_the_one_before_and_evicts_no_person,
    an_end_that_is_moved_leads_to_the_same_limit,
    a_later_limit_without_an_end_stays,
    a_first_limit_has_no_end_and_the_same_again_is_refused,
    of_two_processes_one_ends_the_limit,
    the_limit_of_an_archived_organization_does_not_come_back,
}

fn at(time: &str) -> Timestamp {
    Timestamp::parse(time).unwrap()
}

/// Sets a limit with its last day; an empty one: it does not end.
async fn set(world: &TestApp, limit: SeatLimit, last_day: &str) -> Result<usize, Error> {
    let new = NewLimit {
        organization: OrganizationId::new(ACME),
        limit,
        until: LimitEnd::parse(last_day, world.clock.now()).unwrap(),
        reason: "A story".to_owned(),
        expected_version: None,
    };
    let set = commands::set_seat_limit(&world.state, &operator(), &new).await;
    set.map(|outcome| outcome.admitted())
}

/// The limit, and how it ends.
async fn limit(world: &TestApp) -> (SeatLimit, Option<String>) {
    let page = world.page(ACME).await;
    (page.usage.limit, page.limit_end.map(|end| end.words(page.now)))
}

async fn a_limit_that_ends_gives_way_to_the_one_before_and_evicts_no_person(world: TestApp) {
    world.clock.put(at("2026-11-30T12:00:00Z"));
    plan(&world, 3).await;
    join(&world, 0..5).await;

    assert_eq!(set(&world, SeatLimit::Seats(5), "2027-01-31").await.unwrap(), 2);
    let until = Some("until 31 Jan 2027, then 3 seats".to_owned());
    assert_eq!(limit(&world).await, (SeatLimit::Seats(5), until));
    world.clock.pass(Duration::from_secs(61));
    let sent = world.all_sent_now().await;
    let text: Vec<&str> = sent.iter().map(|sent| sent.email.text.as_str()).collect();
    let until = "It applies until 31 Jan 2027, then 3 seats.";
    assert!(text.iter().any(|text| text.contains(until)), "{text:?}");

    world.clock.put(at("2027-01-31T23:59:59Z"));
    assert_eq!(commands::end_limits(&world.state).await.unwrap(), 0);
    world.clock.put(at("2027-02-01T00:00:00Z"));
    assert_eq!(commands::end_limits(&world.state).await.unwrap(), 1);
    assert_eq!(commands::end_limits(&world.state).await.unwrap(), 0);

    let usage = world.page(ACME).await.usage;
    assert_eq!(usage, Usage { limit: SeatLimit::Seats(3), used: 5, waiting: 0 });
    assert_eq!((usage.over(), limit(&world).await.1), (2, None));
    let entry = "select actor || ': ' || before_value || ' -> ' || after_value || ', ' || reason \
                 from audit_log where action = 'set_seat_limit' order by id desc limit 1";
    assert_eq!(
        world.texts(entry).await,
        ["Seatkeeper: 5 seats until 2027-01-31 -> 3 seats, The limit until 2027-01-31 ended."]
    );
    assert!(world.open_alerts().await.contains(&"over_limit".to_owned()));
    world.clock.pass(Duration::from_secs(61));
    let told = world.all_sent_now().await;
    let over = told.iter().any(|sent| sent.to == KIM && sent.email.subject.contains("over"));
    assert!(over, "the admin is told that the limit is lower than what is used");
    world.check().await;
}

async fn an_end_that_is_moved_leads_to_the_same_limit(world: TestApp) {
    world.clock.put(at("2026-11-30T12:00:00Z"));
    plan(&world, 50).await;
    set(&world, SeatLimit::Seats(70), "2027-01-31").await.unwrap();
    let version = world.page(ACME).await.limit_version;

    assert_eq!(set(&world, SeatLimit::Seats(70), "2027-02-28").await.unwrap(), 0);
    let moved = Some("until 28 Feb 2027, then 50 seats".to_owned());
    assert_eq!(limit(&world).await, (SeatLimit::Seats(70), moved.clone()));
    assert!(world.page(ACME).await.limit_version > version, "another editor hears of it");

    set(&world, SeatLimit::Seats(80), "2027-02-28").await.unwrap();
    assert_eq!(limit(&world).await, (SeatLimit::Seats(80), moved));
    world.clock.put(at("2027-03-01T00:00:00Z"));
    assert_eq!(commands::end_limits(&world.state).await.unwrap(), 1);
    assert_eq!(limit(&world).await, (SeatLimit::Seats(50), None));
    world.check().await;
}

async fn a_later_limit_without_an_end_stays(world: TestApp) {
    world.clock.put(at("2026-11-30T12:00:00Z"));
    plan(&world, 50).await;
    set(&world, SeatLimit::Seats(70), "2026-12-31").await.unwrap();
    set(&world, SeatLimit::Seats(70), "").await.unwrap();
    assert_eq!(limit(&world).await, (SeatLimit::Seats(70), None), "it stays");

    set(&world, SeatLimit::Unlimited, "2026-12-31").await.unwrap();
    world.set_limit(ACME, SeatLimit::Seats(60)).await.unwrap();
    world.clock.put(at("2027-01-01T00:00:00Z"));
    assert_eq!(commands::end_limits(&world.state).await.unwrap(), 0);
    assert_eq!(limit(&world).await, (SeatLimit::Seats(60), None));

    // the limit before is set by hand: nothing is left to end
    set(&world, SeatLimit::Seats(90), "2027-01-31").await.unwrap();
    set(&world, SeatLimit::Seats(60), "2027-01-31").await.unwrap();
    assert_eq!(limit(&world).await, (SeatLimit::Seats(60), None));
    world.check().await;
}

async fn a_first_limit_has_no_end_and_the_same_again_is_refused(world: TestApp) {
    world.clock.put(at("2026-11-30T12:00:00Z"));
    world.organization(ACME, SeatLimit::NotSet).await;
    let refused = async |limit, day| match set(&world, limit, day).await.unwrap_err() {
        Error::Refused(refusal) => refusal,
        other => panic!("{other}"),
    };

    let five = SeatLimit::Seats(5);
    assert_eq!(refused(five, "2027-01-31").await, Refusal::LastDayOfFirstLimit);
    assert_eq!(limit(&world).await, (SeatLimit::NotSet, None));
    set(&world, five, "").await.unwrap();
    assert_eq!(refused(five, "").await, Refusal::LimitIsTheSame(five));
    assert_eq!(refused(five, "2027-01-31").await, Refusal::LimitIsTheSame(five));
    set(&world, SeatLimit::Seats(6), "2027-01-31").await.unwrap();
    let six = SeatLimit::Seats(6);
    assert_eq!(refused(six, "2027-01-31").await, Refusal::LimitIsTheSame(six));
}

async fn of_two_processes_one_ends_the_limit(world: TestApp) {
    world.clock.put(at("2026-11-30T12:00:00Z"));
    plan(&world, 50).await;
    set(&world, SeatLimit::Seats(70), "2026-11-30").await.unwrap();
    world.clock.put(at("2026-12-01T00:00:00Z"));
    let other = world.beside().await;

    let both = tokio::join!(commands::end_limits(&world.state), commands::end_limits(&other.state));

    assert_eq!(both.0.unwrap() + both.1.unwrap(), 1);
    let ends = "select id from audit_log where actor = 'Seatkeeper' and action = 'set_seat_limit'";
    assert_eq!(world.texts(ends).await.len(), 1);
    other.close().await;
}

async fn the_limit_of_an_archived_organization_does_not_come_back(world: TestApp) {
    world.clock.put(at("2026-11-30T12:00:00Z"));
    plan(&world, 50).await;
    set(&world, SeatLimit::Seats(70), "2026-11-30").await.unwrap();
    let new = NewArchive {
        organization: OrganizationId::new(ACME),
        reason: "gone".to_owned(),
        expected: None,
    };
    commands::archive_organization(&world.state, &operator(), &new).await.unwrap();

    world.clock.put(at("2026-12-01T00:00:00Z"));
    assert_eq!(commands::end_limits(&world.state).await.unwrap(), 1);

    assert_eq!(world.texts("select organization_id from limit_ends").await, [""; 0]);
    let page = world.page(ACME).await;
    assert!(page.archived);
    world.check().await;
}
