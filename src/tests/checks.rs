//! A check finds rows that were changed by hand, sends one e-mail, and clears the violation when
//! they are right again.

use std::time::Duration;

use domain::{access::Role, decision::Outcome, id::OrganizationId, organization::SeatLimit};
use seatkeeper::{
    commands::notify_owed,
    jobs::{check_invariants, retention},
    queries,
};
use tokio::sync::Mutex;
use views::system::CheckSeen;

use crate::support::world::{ACME, TestApp, staff, stories};

stories! {
    a_count_changed_by_hand_is_found_within_one_interval_and_reported_once,
    a_seat_given_away_by_hand_is_no_lowering,
    an_organization_over_its_limit_after_a_lowering_is_well,
    an_alert_taken_away_by_hand_is_missed,
    an_alert_without_a_recipient_is_no_drift_and_notifies_the_first_one,
    an_organization_that_is_no_longer_understood_is_reported,
    a_check_sees_whole_deliveries_while_they_land,
    only_one_process_checks,
    a_check_can_be_run_at_once,
    many_organizations_are_checked_part_by_part,
    old_raw_bodies_go_and_what_was_decided_stays,
    staff_see_on_one_page_how_it_is,
}

const EVERY: Duration = Duration::from_mins(5);

/// Runs the checks one interval later and returns the open violations.
async fn checked(world: &TestApp) -> Vec<String> {
    world.clock.pass(EVERY);
    assert!(check_invariants::work_off(&world.state).await.unwrap());
    open(world).await
}

/// The open violations.
async fn open(world: &TestApp) -> Vec<String> {
    world
        .texts(
            "select sentence from violations where ended_at is null order by since, kind, subject",
        )
        .await
}

async fn messages(world: &TestApp) -> Vec<String> {
    world
        .texts("select message from outbox where organization_id = '' order by created_at, id")
        .await
}

async fn busy(world: &TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.clock.pass(Duration::from_mins(10));
    world.organization(ACME, SeatLimit::Seats(2)).await;
    for user in ["ada", "bob", "cleo"] {
        world.joined(ACME, user).await;
    }
}

async fn a_count_changed_by_hand_is_found_within_one_interval_and_reported_once(world: TestApp) {
    busy(&world).await;
    assert_eq!(checked(&world).await, [""; 0]);

    world.tamper("update organizations set used = 1").await;
    let found = checked(&world).await;
    assert_eq!(
        found,
        [
            "the stored counts are 1 used and 1 waiting, its people say 2 and 1",
            "a seat is free and a person waits, although the waitlist is admitted automatically",
        ]
    );
    assert!(
        world.metrics().await.contains("seatkeeper_invariant_violations{invariant=\"counts\"} 1\n")
    );
    let since = world.texts("select cast(since as text) from violations order by kind").await;
    assert_eq!(checked(&world).await, found);
    assert_eq!(messages(&world).await, ["drift"]);
    assert_eq!(
        world.texts("select cast(since as text) from violations order by kind").await,
        since,
        "still the same"
    );

    world.tamper("update organizations set used = 2").await;
    assert_eq!(checked(&world).await, [""; 0]);
    assert_eq!(
        world.texts("select kind from system_alerts where resolved_at is not null").await,
        ["drift"]
    );

    world.tamper("update organizations set waiting = 0").await;
    checked(&world).await;
    assert_eq!(messages(&world).await.len(), 2, "a new alert");
}

async fn a_seat_given_away_by_hand_is_no_lowering(world: TestApp) {
    busy(&world).await;

    world.tamper("update directory_users set state = 'provisioned', waitlist_rank = null, waitlist_position = null where state = 'blocked'").await;
    world.tamper("update organizations set used = 3, waiting = 0").await;

    let found = checked(&world).await;
    assert!(
        found.contains(&"it is 1 over its limit, and no lowering explains it".to_owned()),
        "{found:?}"
    );
}

async fn an_organization_over_its_limit_after_a_lowering_is_well(world: TestApp) {
    busy(&world).await;

    world.set_limit(ACME, SeatLimit::Seats(1)).await.unwrap();

    assert_eq!(checked(&world).await, [""; 0]);
}

async fn an_alert_taken_away_by_hand_is_missed(world: TestApp) {
    busy(&world).await;

    world.tamper("update alerts set resolved_at = 1").await;
    assert_eq!(checked(&world).await, ["the alert seat_limit_reached should be open and is not"]);

    world.left(ACME, "cleo").await;
    assert_eq!(checked(&world).await, [""; 0]);
}

async fn an_alert_without_a_recipient_is_no_drift_and_notifies_the_first_one(world: TestApp) {
    let notices = "select kind || ' ' || notice from alerts";
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    assert_eq!(
        (checked(&world).await, world.texts(notices).await),
        (vec![], vec!["seat_limit_reached owed".to_owned()])
    );

    world.account("sam@seats.example", Role::Staff, &[]).await;
    assert_eq!(checked(&world).await, [""; 0], "the check notifies no person");
    assert_eq!(notify_owed(&world.state).await.unwrap(), 1);

    assert_eq!(
        (checked(&world).await, world.texts(notices).await),
        (vec![], vec!["seat_limit_reached sent".to_owned()])
    );
    assert_eq!(world.recipients().await, ["sam@seats.example"]);
    world.joined(ACME, "bob").await;
    assert_eq!(notify_owed(&world.state).await.unwrap(), 0);
    assert_eq!(world.recipients().await, ["sam@seats.example"], "once");
}

async fn an_organization_that_is_no_longer_understood_is_reported(world: TestApp) {
    busy(&world).await;
    let renamed =
        |n: usize| world.body(ACME, &format!("new{n}"), "organization.directory.user_appeared", "");

    for n in 0..9 {
        world.post(&renamed(n)).await;
    }
    world.clock.pass(Duration::from_hours(1));
    assert_eq!(checked(&world).await, [""; 0], "too few, too long ago");
    for n in 0..10 {
        world.post(&renamed(n)).await;
    }

    assert_eq!(
        checked(&world).await,
        ["every seat is taken, and none of the last 10 deliveries about its people was understood"]
    );
    assert_eq!(messages(&world).await, ["enforcement_silent"]);
}

async fn a_check_sees_whole_deliveries_while_they_land(world: TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Seats(40)).await;

    // the clock passes between two deliveries: otherwise one of them takes many minutes
    let calm = Mutex::new(());
    let landing = async {
        for n in 0..60 {
            let _delivery = calm.lock().await;
            world.joined(ACME, &format!("p{n}")).await;
        }
    };
    let checking = async {
        for _ in 0..20 {
            let pause = calm.lock().await;
            world.clock.pass(EVERY);
            drop(pause);
            assert!(check_invariants::work_off(&world.state).await.unwrap());
            assert_eq!(open(&world).await, [""; 0]);
        }
    };
    tokio::join!(landing, checking);
}

async fn only_one_process_checks(world: TestApp) {
    busy(&world).await;
    world.clock.pass(EVERY);

    let (one, other) = tokio::join!(
        check_invariants::work_off(&world.state),
        check_invariants::work_off(&world.state)
    );

    assert_eq!([one.unwrap(), other.unwrap()].into_iter().filter(|did| *did).count(), 1);
    assert!(
        !check_invariants::work_off(&world.state).await.unwrap(),
        "not before the interval is over"
    );
}

async fn a_check_can_be_run_at_once(world: TestApp) {
    let seen =
        async || queries::system(&world.state, &staff().staff().unwrap()).await.unwrap().check;
    assert_eq!(seen().await, None);
    busy(&world).await;

    check_invariants::first(&world.state).await.unwrap();

    assert_eq!(
        seen().await,
        Some(CheckSeen { at: world.clock.now(), organizations: 1, people: 3 })
    );
    assert!(!check_invariants::work_off(&world.state).await.unwrap(), "not before the interval");
    world.clock.pass(EVERY);
    assert!(check_invariants::work_off(&world.state).await.unwrap(), "from then on as usual");
}

async fn many_organizations_are_checked_part_by_part(world: TestApp) {
    for n in 0..230 {
        world.organization(&format!("org_{n:03}"), SeatLimit::Seats(1)).await;
    }
    world.tamper("update organizations set used = 7 where id = 'org_229'").await;

    assert_eq!(checked(&world).await.len(), 3, "the counts, it is over, and no alert says so");
    assert!(world.metrics().await.contains("seatkeeper_organizations{status=\"room\"} 229\n"));
}

async fn old_raw_bodies_go_and_what_was_decided_stays(world: TestApp) {
    let with_body = "select cast(count(*) as text) from deliveries where body is not null";
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.post("no JSON at all").await;
    for n in 0..600 {
        world.joined(ACME, &format!("p{n}")).await;
    }
    world.clock.pass(Duration::from_hours(24));
    world.joined(ACME, "young").await;
    world.clock.pass(Duration::from_hours(89 * 24));

    assert_eq!(retention::work_off(&world.state).await.unwrap(), 601, "the dead letter’s, too");
    assert_eq!(world.texts(with_body).await, ["1"]);
    assert_eq!(world.texts("select cast(count(*) as text) from decisions").await, ["601"]);

    world.clock.pass(Duration::from_hours(25));
    assert_eq!(retention::work_off(&world.state).await.unwrap(), 1);
    assert_eq!(retention::work_off(&world.state).await.unwrap(), 0);
    assert!(world.metrics().await.contains("seatkeeper_retention_bodies_removed_total 602\n"));
    world.check().await;
}

async fn staff_see_on_one_page_how_it_is(world: TestApp) {
    busy(&world).await;
    world.post("no JSON at all").await;
    world.forged().await;
    world.tamper("update organizations set waiting = 5").await;
    checked(&world).await;
    let checked_at = world.clock.now();
    world.clock.pass(Duration::from_mins(1));

    let page = queries::system(&world.state, &staff().staff().unwrap()).await.unwrap();

    assert_eq!(page.problems, [""; 0]);
    assert_eq!(page.check, Some(CheckSeen { at: checked_at, organizations: 1, people: 7 }));
    let found = &page.violations[0];
    assert_eq!(
        (found.organization.clone(), found.since),
        (Some(OrganizationId::new(ACME)), checked_at)
    );
    assert_eq!(
        page.deliveries.outcomes,
        [(Outcome::Admitted, 2), (Outcome::Blocked, 1), (Outcome::Dead, 1)]
    );
    assert_eq!(page.deliveries.refused, [("wrong signature".to_owned(), 1)]);
    assert_eq!((page.deliveries.dead, page.deliveries.waiting), (1, 0));
    assert_eq!(
        (page.emails.waiting, page.emails.given_up),
        (3, 0),
        "the limit is reached, a dead letter, and the drift"
    );
    assert_eq!((page.retention.days, page.retention.removed), (Some(90), 0));
}
