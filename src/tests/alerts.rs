//! When alerts of organizations open and are resolved, and which messages leave.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    access::{Role, Viewer},
    alert::{Message, SystemAlert},
    id::{MessageId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
    setting::SettingName,
};
use seatkeeper::{
    channels::email::mailer::Mailer,
    commands::{Again, Error, send_again},
    jobs::send_messages::{self, Mail},
    queries,
};
use views::{
    alerts::{AlertList, AlertRow, AlertsQuery, Fate},
    messages::{MessagesQuery, ShowMessages},
};

use crate::support::world::{ACME, TestApp, operator, staff, stories};

stories! {
    the_usage_notifies_at_each_threshold_once,
    a_jump_notifies_of_the_highest_threshold_alone,
    a_block_counts_more_than_the_usage,
    a_limit_below_the_usage_notifies_admins_and_staff_until_it_fits,
    a_burst_is_one_message_with_its_last_numbers,
    a_burst_without_end_is_told_after_a_minute,
    an_alert_that_was_resolved_before_its_message_left_notifies_no_one,
    an_empty_waitlist_is_told_to_those_who_knew_that_people_waited,
    a_directory_that_is_switched_off_is_told_until_it_is_on_or_no_seat_depends_on_it,
    the_installation_sets_the_thresholds,
    the_page_shows_open_alerts_first_and_who_was_notified,
    the_pages_of_alerts_hold_every_alert_once,
    a_message_that_was_given_up_is_sent_again_when_staff_ask_for_it,
}

const KIM: &str = "kim@acme.test";
const SAM: &str = "sam@seats.example";

async fn plan(world: &TestApp, seats: i64) {
    world.organization(ACME, SeatLimit::Seats(seats)).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.account(SAM, Role::Staff, &[]).await;
}

async fn join(world: &TestApp, people: std::ops::Range<i64>) {
    for n in people {
        world.joined(ACME, &format!("p{n:03}")).await;
    }
}

/// What leaves, as `recipient: subject`, in order.
async fn subjects(world: &TestApp) -> Vec<String> {
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
        assert_eq!(sent_now(&world).await, 0, "the burst goes on");
    }

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 5 people are waiting for a seat"]);
}

async fn a_burst_without_end_is_told_after_a_minute(world: TestApp) {
    plan(&world, 0).await;
    let (mut n, began) = (0, world.clock.now());
    while sent_now(&world).await == 0 {
        join(&world, n..n + 1).await;
        world.clock.pass(Duration::from_secs(5));
        n += 1;
    }

    let passed = world.clock.now().since(began).as_secs();
    assert!((60..70).contains(&passed), "{passed} s");
}

/// Sends what is due without letting time pass.
async fn sent_now(world: &TestApp) -> usize {
    let from = "Seatkeeper <seats@seats.example>".parse().unwrap();
    let mail = Mail { mailer: Mailer::memory(), from };
    send_messages::work_off(&world.state, &mail).await.unwrap()
}

async fn an_alert_that_was_resolved_before_its_message_left_notifies_no_one(world: TestApp) {
    plan(&world, 1).await;
    join(&world, 0..2).await;
    world.left(ACME, "p001").await;

    assert_eq!(subjects(&world).await, [""; 0]);
    assert_eq!(
        world.texts("select last_error from outbox").await,
        ["The alert was resolved before the message left."]
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

/// The admin, as their session says.
fn kim() -> Viewer {
    Viewer {
        role: Role::TenantAdmin,
        organizations: BTreeMap::from([(OrganizationId::new(ACME), Role::TenantAdmin)]),
        ..staff()
    }
}

fn query(organization: Option<&str>) -> AlertsQuery {
    AlertsQuery { organization: organization.map(OrganizationId::new), ..AlertsQuery::default() }
}

async fn the_page_shows_open_alerts_first_and_who_was_notified(world: TestApp) {
    plan(&world, 2).await;
    join(&world, 0..2).await;
    world.sent().await;
    world.left(ACME, "p000").await;
    world.set_limit(ACME, SeatLimit::Seats(0)).await.unwrap();
    world.post("{").await;
    world.sent().await;

    let page = queries::alerts(&world.state, &staff(), &query(None)).await.unwrap();

    let (open, _) = page.open.unwrap();
    let shown: Vec<&str> = open.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(shown, ["A webhook could not be processed", "Over the limit"]);
    assert_eq!(page.open_count, 2);
    let (resolved, _) = page.resolved.unwrap();
    assert_eq!(resolved[0].title, "Only 1 seat is left");
    let to = |row: &AlertRow| -> Vec<Option<String>> {
        row.messages.iter().map(|one| one.recipient.as_ref().map(ToString::to_string)).collect()
    };
    assert_eq!(to(&open[1]), [Some(KIM.to_owned()), Some(SAM.to_owned())]);
    assert!(open[1].messages.iter().all(|one| matches!(one.fate, Fate::Sent(_))));

    let kim = kim();
    let own = queries::alerts(&world.state, &kim, &query(Some(ACME))).await.unwrap();
    let (open, _) = own.open.unwrap();
    assert_eq!((own.open_count, open.len()), (1, 1), "no alert about the installation");
    assert_eq!(to(&open[0]), [Some(KIM.to_owned()), None], "our staff stay unnamed");
    for other in [query(None), query(Some("org_2")), query(Some("org_none"))] {
        let refused = queries::alerts(&world.state, &kim, &other).await;
        assert!(matches!(refused, Err(Error::Missing)));
    }
    let kinds = AlertsQuery {
        kind: Some(Message::System(SystemAlert::DeadLetters)),
        list: Some(AlertList::Open),
        ..query(None)
    };
    let page = queries::alerts(&world.state, &staff(), &kinds).await.unwrap();
    assert_eq!((page.open.unwrap().0.len(), page.resolved), (1, None));
}

async fn the_pages_of_alerts_hold_every_alert_once(world: TestApp) {
    for n in 0..120 {
        let id = format!("org_{n:03}");
        world.organization(&id, SeatLimit::Seats(0)).await;
        world.joined(&id, "ada").await;
        if n % 2 == 0 {
            world.left(&id, "ada").await;
        }
    }
    for list in AlertList::ALL {
        let (mut seen, mut query) = (Vec::new(), AlertsQuery { list: Some(list), ..query(None) });
        loop {
            let page = queries::alerts(&world.state, &staff(), &query).await.unwrap();
            let (rows, page) = page.open.or(page.resolved).unwrap();
            seen.extend(rows.into_iter().map(|row| row.organization.unwrap().0.to_string()));
            query.before = page.older;
            if query.before.is_none() {
                break;
            }
        }
        let rest = usize::from(list == AlertList::Open);
        let expected: Vec<String> =
            (0..120).rev().filter(|n| n % 2 == rest).map(|n| format!("org_{n:03}")).collect();
        assert_eq!(seen, expected);
    }
}

async fn a_message_that_was_given_up_is_sent_again_when_staff_ask_for_it(world: TestApp) {
    plan(&world, 0).await;
    join(&world, 0..1).await;
    world.tamper("update outbox set failed_at = 1, attempts = 1, last_error = 'permanent error (550): no such user kim@acme.test'").await;
    assert_eq!(subjects(&world).await, [""; 0]);
    let failed = MessagesQuery { show: ShowMessages::Failed, before: None };
    let page = queries::messages(&world.state, &staff().staff().unwrap(), &failed).await.unwrap();
    assert_eq!((page.failed, page.waiting, page.rows.len()), (1, 0, 1));
    let why = |row: &AlertRow| match &row.messages[0].fate {
        Fate::Failed(_, why) => why.to_string(),
        other => panic!("{other:?}"),
    };
    let rows = async |viewer: &Viewer| {
        queries::alerts(&world.state, viewer, &query(Some(ACME))).await.unwrap().open.unwrap().0
    };
    assert!(why(&rows(&staff()).await[0]).contains("no such user kim@acme.test"));
    let kim = kim();
    assert_eq!(why(&rows(&kim).await[0]), "The mail server refused with code 550.");

    let unknown = Again::One(MessageId::new("out_unknown"));
    let refused = send_again(&world.state, &operator(), &unknown).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NoMessageGivenUp))));
    let again = Again::One(page.rows[0].id.clone());
    assert_eq!(send_again(&world.state, &operator(), &again).await.unwrap(), 1);

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 1 person is waiting for a seat"]);
    let none = send_again(&world.state, &operator(), &Again::All).await;
    assert!(matches!(none, Err(Error::Refused(Refusal::NoMessageGivenUp))));
    let entries = "select action || ' ' || after_value from audit_log where action = 'send_again'";
    assert_eq!(world.texts(entries).await, ["send_again 1 message"]);
}
