//! When alerts of organizations open and are resolved, and which messages leave.

use std::time::Duration;

use domain::{
    access::Role, id::OrganizationId, organization::SeatLimit, refusal::Refusal,
    setting::SettingName,
};
use seatkeeper::{
    commands::{Error, set_thresholds},
    jobs::usage_alerts,
};

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    the_usage_notifies_at_each_threshold_once,
    a_jump_notifies_of_the_highest_threshold_alone,
    a_block_counts_more_than_the_usage,
    what_a_resolved_alert_covered_is_told_if_no_one_knew,
    a_limit_below_the_usage_notifies_admins_and_staff_until_it_fits,
    a_burst_is_one_message_with_its_last_numbers,
    a_burst_without_end_is_told_after_a_minute,
    an_alert_that_was_resolved_before_its_message_left_notifies_no_one,
    an_empty_waitlist_is_told_to_those_who_knew_that_people_waited,
    a_directory_that_is_switched_off_is_told_until_it_is_on_or_no_seat_depends_on_it,
    the_installation_sets_the_thresholds,
    an_organization_has_thresholds_of_its_own,
    a_change_of_the_setting_reaches_organizations_at_rest,
}

pub const KIM: &str = "kim@acme.test";
pub const SAM: &str = "sam@seats.example";

pub async fn plan(world: &TestApp, seats: i64) {
    world.organization(ACME, SeatLimit::Seats(seats)).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.account(SAM, Role::Staff, &[]).await;
}

pub async fn join(world: &TestApp, people: std::ops::Range<i64>) {
    for n in people {
        world.joined(ACME, &format!("p{n:03}")).await;
    }
}

/// What leaves, as `recipient: subject`, in order.
pub async fn subjects(world: &TestApp) -> Vec<String> {
    let sent = world.sent().await.into_iter();
    let mut subjects: Vec<String> = sent
        .map(|sent| format!("{}: {}", sent.to, sent.email.subject.replace("org_1001 Ltd", "Acme")))
        .collect();
    subjects.sort();
    subjects
}

/// The alerts, as `kind target notice`, with a dot if they are resolved.
async fn alerts(world: &TestApp) -> Vec<String> {
    let statement = "select kind || ' ' || target || ' ' || notice \
        || case when resolved_at is null then '' else '.' end from alerts order by opened_at, id";
    world.texts(statement).await
}

async fn the_usage_notifies_at_each_threshold_once(world: TestApp) {
    plan(&world, 30).await;
    join(&world, 0..23).await;
    assert_eq!(alerts(&world).await, [""; 0]);

    join(&world, 23..25).await;
    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 5 seats are left"]);
    join(&world, 25..28).await;
    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 2 seats are left"]);

    for n in 0..4 {
        world.left(ACME, &format!("p{n:03}")).await;
    }
    world.check().await;
    assert_eq!(alerts(&world).await, ["seat_usage_high 80% sent", "seat_usage_high 90% sent."]);
    join(&world, 30..31).await;
    assert_eq!(subjects(&world).await, [""; 0], "80 % was told, and 75 % not reached since");
}

async fn a_jump_notifies_of_the_highest_threshold_alone(world: TestApp) {
    plan(&world, 100).await;
    join(&world, 0..29).await;

    world.set_limit(ACME, SeatLimit::Seats(30)).await.unwrap();

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 1 seat is left"]);
    assert_eq!(alerts(&world).await, ["seat_usage_high 80% covered", "seat_usage_high 90% sent"]);
}

async fn a_block_counts_more_than_the_usage(world: TestApp) {
    plan(&world, 3).await;
    join(&world, 0..4).await;

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 1 person is waiting for a seat"]);
    assert_eq!(
        alerts(&world).await,
        ["seat_usage_high 1-left covered", "seat_limit_reached  sent"],
        "the message about the usage was still waiting, and says less"
    );
}

async fn what_a_resolved_alert_covered_is_told_if_no_one_knew(world: TestApp) {
    plan(&world, 300).await;
    join(&world, 0..86).await;
    // 86 of 90: the alert at 90 % covers the one at 80 %, and is resolved before its message leaves
    world.set_limit(ACME, SeatLimit::Seats(90)).await.unwrap();
    world.set_limit(ACME, SeatLimit::Seats(102)).await.unwrap();

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 16 seats are left"]);
    assert_eq!(alerts(&world).await, ["seat_usage_high 80% sent", "seat_usage_high 90% sent."]);

    // now it is told, and then covers the lower one for good
    world.set_limit(ACME, SeatLimit::Seats(90)).await.unwrap();
    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 4 seats are left"]);
    world.set_limit(ACME, SeatLimit::Seats(102)).await.unwrap();
    assert_eq!(subjects(&world).await, [""; 0]);
}

async fn a_limit_below_the_usage_notifies_admins_and_staff_until_it_fits(world: TestApp) {
    plan(&world, 100).await;
    join(&world, 0..4).await;

    world.set_limit(ACME, SeatLimit::Seats(2)).await.unwrap();

    assert_eq!(
        subjects(&world).await,
        [
            "kim@acme.test: Acme: 2 seats over the limit",
            "sam@seats.example: Acme: 2 seats over the limit"
        ]
    );
    world.left(ACME, "p000").await;
    assert_eq!(subjects(&world).await, [""; 0]);
    world.left(ACME, "p001").await;
    world.check().await;
    let resolved = "select kind from alerts where resolved_at is not null";
    assert_eq!(world.texts(resolved).await, ["over_limit"]);
}

async fn a_burst_is_one_message_with_its_last_numbers(world: TestApp) {
    plan(&world, 0).await;
    for n in 0..5 {
        join(&world, n..n + 1).await;
        world.clock.pass(Duration::from_secs(8));
        assert_eq!(world.sent_now().await.len(), 0, "the burst goes on");
    }

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 5 people are waiting for a seat"]);
}

async fn a_burst_without_end_is_told_after_a_minute(world: TestApp) {
    plan(&world, 0).await;
    let (mut n, began) = (0, world.clock.now());
    while world.sent_now().await.is_empty() {
        join(&world, n..n + 1).await;
        world.clock.pass(Duration::from_secs(5));
        n += 1;
    }

    let passed = world.clock.now().since(began).as_secs();
    assert!((60..70).contains(&passed), "{passed} s");
}

async fn an_alert_that_was_resolved_before_its_message_left_notifies_no_one(world: TestApp) {
    plan(&world, 1).await;
    join(&world, 0..2).await;
    world.left(ACME, "p001").await;

    assert_eq!(subjects(&world).await, [""; 0]);
    assert_eq!(subjects(&world).await, [""; 0], "the second one waits for the fate of the first");
    assert_eq!(
        world.texts("select last_error from outbox order by message").await,
        [
            "The alert was resolved before the message left.",
            "The recipient was not notified that people waited."
        ]
    );
}

async fn an_empty_waitlist_is_told_to_those_who_knew_that_people_waited(world: TestApp) {
    plan(&world, 1).await;
    join(&world, 0..3).await;
    assert_eq!(subjects(&world).await.len(), 1);
    world.account("new@acme.test", Role::TenantAdmin, &[ACME]).await;

    world.set_limit(ACME, SeatLimit::Seats(50)).await.unwrap();

    let sent = world.sent().await;
    assert_eq!(sent.len(), 1, "the admin who came later was not told that people waited");
    assert_eq!(sent[0].email.subject, "org_1001 Ltd: the waitlist is empty, 2 people got in");
    let text = &sent[0].email.text;
    assert!(text.contains("1. p001 <") && text.contains("2. p002 <"), "{text}");
    assert_eq!(subjects(&world).await, [""; 0]);

    world.set_limit(ACME, SeatLimit::Seats(3)).await.unwrap();
    join(&world, 5..6).await;
    world.set_limit(ACME, SeatLimit::Seats(60)).await.unwrap();
    join(&world, 6..7).await;
    assert_eq!(subjects(&world).await, [""; 0], "resolved before any message left");
}

async fn a_directory_that_is_switched_off_is_told_until_it_is_on_or_no_seat_depends_on_it(
    world: TestApp,
) {
    plan(&world, 100).await;
    directory(&world, "disabled").await;
    assert_eq!(subjects(&world).await, [""; 0], "no seat depends on it");
    join(&world, 0..2).await;
    directory(&world, "enabled").await;

    directory(&world, "disabled").await;
    let told = [
        "kim@acme.test: Acme: a directory is switched off",
        "sam@seats.example: Acme: a directory is switched off",
    ];
    assert_eq!(subjects(&world).await, told);
    directory(&world, "enabled").await;
    assert_eq!(alerts(&world).await, ["directory_disabled  sent."]);

    directory(&world, "deleted").await;
    assert_eq!(subjects(&world).await.len(), 2);
    world.left(ACME, "p000").await;
    assert_eq!(alerts(&world).await.last().unwrap(), "directory_disabled  sent");
    world.left(ACME, "p001").await;
    assert_eq!(alerts(&world).await.last().unwrap(), "directory_disabled  sent.");
}

async fn directory(world: &TestApp, change: &str) {
    world.clock.pass(Duration::from_secs(1));
    let at = world.clock.now().rfc3339();
    let body = format!(
        r#"{{"id":"evt_9{}","type":"organization.directory_{change}","occurred_at":"{at}","organization_id":"{ACME}","data":{{"id":"dir_1","organization_id":"{ACME}"}}}}"#,
        world.clock.now().nanos() / 1_000_000_000,
    );
    world.post(&body).await;
}

async fn the_installation_sets_the_thresholds(world: TestApp) {
    plan(&world, 100).await;
    world.change_setting(SettingName::UsageThresholds, "50").await.unwrap();

    join(&world, 0..50).await;

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 50 seats are left"]);
    join(&world, 50..95).await;
    assert_eq!(subjects(&world).await, [""; 0]);
}

async fn an_organization_has_thresholds_of_its_own(world: TestApp) {
    plan(&world, 100).await;
    join(&world, 0..40).await;
    let acme = OrganizationId::new(ACME);
    for bad in ["eighty", "0", "101", "1,2,3,4,5,6"] {
        let refused = set_thresholds(&world.state, &operator(), &acme, bad).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::UsageThresholds))), "{bad}");
    }

    assert!(set_thresholds(&world.state, &operator(), &acme, "40, 95").await.unwrap());
    assert!(!set_thresholds(&world.state, &operator(), &acme, "95,40").await.unwrap());

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 60 seats are left"]);
    assert!(set_thresholds(&world.state, &operator(), &acme, "default").await.unwrap());
    assert_eq!(alerts(&world).await, ["seat_usage_high 40% sent."]);
    let entries = "select before_value || ' > ' || after_value from audit_log where action = 'set_thresholds' order by at, id";
    assert_eq!(world.texts(entries).await, ["default > 40, 95", "40, 95 > default"]);
}

async fn a_change_of_the_setting_reaches_organizations_at_rest(world: TestApp) {
    for n in 0..3 {
        world.organization(&format!("org_{n}"), SeatLimit::Seats(100)).await;
        for person in 0..10 * (n + 1) {
            world.joined(&format!("org_{n}"), &format!("p{person}")).await;
        }
    }
    let own = OrganizationId::new("org_2");
    set_thresholds(&world.state, &operator(), &own, "none").await.unwrap();
    world.tamper("update organizations set limit_seats = 5 where id = 'org_0'").await;
    usage_alerts::work_off(&world.state).await.unwrap();
    let open = "select organization_id || ' ' || kind || ' ' || target from alerts \
         where resolved_at is null order by organization_id, kind, target";
    let over = ["org_0 over_limit ", "org_0 seat_usage_high 1-left"];
    assert_eq!(world.texts(open).await, over, "as after an update from an older release");

    world.change_setting(SettingName::UsageThresholds, "20").await.unwrap();
    usage_alerts::work_off(&world.state).await.unwrap();

    let high = [over[0], over[1], "org_1 seat_usage_high 20%"];
    assert_eq!(world.texts(open).await, high);
    world.change_setting(SettingName::UsageThresholds, "none").await.unwrap();
    usage_alerts::work_off(&world.state).await.unwrap();
    assert_eq!(world.texts(open).await, ["org_0 over_limit "]);
}
