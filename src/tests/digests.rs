//! What each person chose to be told by e-mail: at once, in a digest, or never; and the addresses
//! that an organization's admins entered.

use std::{collections::BTreeMap, time::Duration};

use axum::http::{Request, StatusCode};
use domain::{
    access::{Role, Viewer},
    id::OrganizationId,
    organization::SeatLimit,
    preference::{Frequency, Topic},
    refusal::Refusal,
    time::Timestamp,
};
use seatkeeper::{
    commands::{self, Actor, Error},
    queries,
};

use crate::{
    alerts::{KIM, SAM, join, plan, subjects},
    deprovisioning::account,
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    a_person_who_opted_out_gets_no_email_and_others_do,
    a_digest_comes_in_the_morning_in_place_of_single_emails,
    a_digest_leaves_out_what_its_reader_never_wants_to_be_told,
    a_digest_is_written_once_by_however_many_processes,
    a_quiet_period_has_no_digest,
    staff_read_of_the_organizations_with_open_alerts,
    the_link_of_a_digest_ends_the_digests_without_a_session,
    a_viewer_chooses_nothing_that_they_do_not_get,
    a_new_limit_is_told_once_with_the_last_numbers,
    extra_recipients_get_what_admins_get_but_no_request,
    an_address_that_was_removed_meanwhile_gets_nothing,
}

const NOOR: &str = "noor@acme.test";

async fn viewer(world: &TestApp, email: &str) -> Viewer {
    let account = account(world, email).await;
    queries::viewer(&world.state, &account).await.unwrap().unwrap()
}

async fn chooses(world: &TestApp, email: &str, topic: Topic, frequency: Frequency) -> bool {
    let viewer = viewer(world, email).await;
    let actor = Actor::tenant_admin(viewer.account.clone(), viewer.name.clone());
    let chosen = BTreeMap::from([(topic, frequency)]);
    commands::set_preferences(&world.state, &actor, &viewer, &chosen).await.unwrap()
}

/// Puts the clock to this time.
fn put(world: &TestApp, time: &str) {
    world.clock.put(Timestamp::parse(time).unwrap());
}

async fn digests(world: &TestApp) -> usize {
    commands::write_digests(&world.state).await.unwrap()
}

async fn a_person_who_opted_out_gets_no_email_and_others_do(world: TestApp) {
    plan(&world, 3).await;
    world.account(NOOR, Role::TenantAdmin, &[ACME]).await;
    assert!(chooses(&world, KIM, Topic::Waitlist, Frequency::Never).await);
    assert!(!chooses(&world, KIM, Topic::Waitlist, Frequency::Never).await, "chosen already");

    join(&world, 0..4).await;

    assert_eq!(subjects(&world).await, ["noor@acme.test: Acme: 1 person is waiting for a seat"]);
    let why = world.texts("select last_error from outbox where dropped_at is not null").await;
    assert!(why.contains(&"The recipient chose not to get these e-mails.".to_owned()), "{why:?}");
    let log = world.texts("select after_value from audit_log where action = 'set_preferences'");
    assert_eq!(log.await, ["Waitlist: Never"]);
    let owed = world.texts("select id from alerts where notice = 'owed'").await;
    assert_eq!(owed, [""; 0], "a choice is no missing recipient");
}

async fn a_digest_comes_in_the_morning_in_place_of_single_emails(world: TestApp) {
    put(&world, "2026-11-25T12:00:00Z");
    plan(&world, 3).await;
    chooses(&world, KIM, Topic::Waitlist, Frequency::Daily).await;
    assert_eq!(digests(&world).await, 0, "the choice counts from the next morning on");
    join(&world, 0..5).await;
    assert_eq!(subjects(&world).await, [""; 0]);

    put(&world, "2026-11-26T05:59:00Z");
    assert_eq!(digests(&world).await, 0);
    put(&world, "2026-11-26T06:00:00Z");
    assert_eq!((digests(&world).await, digests(&world).await), (1, 0));

    let sent = world.sent().await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, KIM));
    let email = &sent[0].email;
    assert!(email.subject.ends_with(": daily digest"), "{}", email.subject);
    for line in ["3 people got a seat, 2 people had to wait.", "Open alert: People are waiting."] {
        assert!(email.text.contains(line), "{line}: {}", email.text);
    }
    assert!(email.unsubscribe.is_some());
    put(&world, "2026-11-27T06:10:00Z");
    assert_eq!(digests(&world).await, 1);
    let text = world.sent_text().await;
    assert!(!text.contains("got a seat") && text.contains("2 people are waiting"), "{text}");
}

async fn a_digest_leaves_out_what_its_reader_never_wants_to_be_told(world: TestApp) {
    put(&world, "2026-11-25T12:00:00Z");
    plan(&world, 3).await;
    chooses(&world, KIM, Topic::LimitChanges, Frequency::Daily).await;
    chooses(&world, KIM, Topic::Waitlist, Frequency::Never).await;
    join(&world, 0..5).await;
    world.set_limit(ACME, SeatLimit::Seats(4)).await.unwrap();

    put(&world, "2026-11-26T06:00:00Z");
    assert_eq!(digests(&world).await, 1);

    let text = world.sent_text().await;
    assert!(text.contains("The seat limit was changed from 3 seats to 4 seats."), "{text}");
    for unwanted in ["got a seat", "waiting, first", "People are waiting"] {
        assert!(!text.contains(unwanted), "{unwanted}: {text}");
    }
}

async fn a_digest_is_written_once_by_however_many_processes(world: TestApp) {
    put(&world, "2026-11-25T12:00:00Z");
    plan(&world, 3).await;
    chooses(&world, KIM, Topic::Usage, Frequency::Weekly).await;
    put(&world, "2026-12-01T12:00:00Z");
    let other = world.beside().await;

    let both =
        tokio::join!(commands::write_digests(&world.state), commands::write_digests(&other.state));

    assert_eq!(both.0.unwrap() + both.1.unwrap(), 1);
    assert_eq!(world.outbox().await.len(), 1);
    other.close().await;
}

async fn a_quiet_period_has_no_digest(world: TestApp) {
    put(&world, "2026-11-25T12:00:00Z");
    plan(&world, 30).await;
    chooses(&world, KIM, Topic::Waitlist, Frequency::Daily).await;
    put(&world, "2026-11-26T06:00:00Z");

    assert_eq!(digests(&world).await, 1);
    assert_eq!(subjects(&world).await, [""; 0]);
    let why = world.texts("select last_error from outbox").await;
    assert_eq!(why, ["Nothing happened that the digest could tell."]);
}

async fn staff_read_of_the_organizations_with_open_alerts(world: TestApp) {
    put(&world, "2026-11-25T12:00:00Z");
    plan(&world, 1).await;
    world.organization("org_1002", SeatLimit::Seats(9)).await;
    chooses(&world, SAM, Topic::OverLimit, Frequency::Weekly).await;
    join(&world, 0..2).await;
    subjects(&world).await;
    put(&world, "2026-11-30T06:00:00Z");

    assert_eq!(digests(&world).await, 1);

    let text = world.sent_text().await;
    assert!(text.contains("org_1001 Ltd") && !text.contains("org_1002"), "{text}");
}

async fn the_link_of_a_digest_ends_the_digests_without_a_session(world: TestApp) {
    put(&world, "2026-11-25T12:00:00Z");
    plan(&world, 1).await;
    chooses(&world, KIM, Topic::Waitlist, Frequency::Daily).await;
    join(&world, 0..2).await;
    put(&world, "2026-11-26T06:00:00Z");
    digests(&world).await;
    let sent = world.sent().await;
    let link = sent[0].email.unsubscribe.clone().unwrap();
    let path = &link[link.find("/unsubscribe/").unwrap()..];
    let click = |path: &str| {
        let body = axum::body::Body::from("List-Unsubscribe=One-Click");
        let form = "application/x-www-form-urlencoded";
        let request = Request::post(path).header("content-type", form).body(body).unwrap();
        world.send(request)
    };

    assert_eq!(click("/unsubscribe/unknown").await, StatusCode::NOT_FOUND);
    assert_eq!(click(path).await, StatusCode::OK);
    assert_eq!(click(path).await, StatusCode::OK, "again it changes nothing");

    let log = world.texts("select after_value from audit_log where action = 'set_preferences'");
    assert_eq!(log.await.last().unwrap(), "Daily digest: Never");
    put(&world, "2026-11-27T06:00:00Z");
    assert_eq!(digests(&world).await, 0);
}

async fn a_viewer_chooses_nothing_that_they_do_not_get(world: TestApp) {
    plan(&world, 1).await;
    world.account(NOOR, Role::TenantViewer, &[ACME]).await;

    assert!(!chooses(&world, NOOR, Topic::Waitlist, Frequency::Daily).await);
    assert!(!chooses(&world, KIM, Topic::Installation, Frequency::Daily).await);

    let page = queries::preferences(&world.state, &viewer(&world, NOOR).await).await.unwrap();
    assert_eq!(page.rows, []);
    let page = queries::preferences(&world.state, &viewer(&world, KIM).await).await.unwrap();
    assert_eq!(page.rows.len(), Topic::ALL.len() - 2);
}

async fn a_new_limit_is_told_once_with_the_last_numbers(world: TestApp) {
    plan(&world, 30).await;
    join(&world, 0..2).await;

    world.set_limit(ACME, SeatLimit::Seats(40)).await.unwrap();
    world.set_limit(ACME, SeatLimit::Seats(50)).await.unwrap();

    world.clock.pass(Duration::from_secs(61));
    let sent = world.all_sent_now().await;
    let subjects: Vec<&str> = sent.iter().map(|sent| sent.email.subject.as_str()).collect();
    assert_eq!(subjects, ["org_1001 Ltd: the seat limit is 50 seats now"]);
    assert!(sent[0].email.text.contains("It was 40 seats before."), "{}", sent[0].email.text);
    world.set_limit(ACME, SeatLimit::Seats(1)).await.unwrap();
    world.clock.pass(Duration::from_secs(61));
    let sent = world.all_sent_now().await;
    let about_limit = |subject: &str| subject.contains("the seat limit is");
    assert!(!sent.iter().any(|sent| about_limit(&sent.email.subject)), "it is over the limit");
}

async fn extra_recipients_get_what_admins_get_but_no_request(world: TestApp) {
    plan(&world, 3).await;
    let enter = |text: &'static str| {
        let (state, id) = (world.state.clone(), OrganizationId::new(ACME));
        async move { commands::set_extra_recipients(&state, &operator(), &id, text).await }
    };
    let refused = enter("billing@acme.test, acme").await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::ExtraRecipient))), "{refused:?}");
    assert!(enter("billing@acme.test, Kim@acme.test").await.unwrap());
    assert!(!enter("kim@ACME.test billing@acme.test").await.unwrap(), "they are the same");

    join(&world, 0..4).await;

    let emails = world.sent().await;
    let mut to: Vec<&str> = emails.iter().map(|email| email.to.as_str()).collect();
    to.sort_unstable();
    to.dedup_by_key(|to| to.to_lowercase());
    assert_eq!(to, ["billing@acme.test", "kim@acme.test"]);
    assert_eq!(emails.len(), 2, "an admin who was entered, too, gets one e-mail");
    let billing = emails.iter().find(|email| email.to.starts_with("billing")).unwrap();
    let why = "because an admin of org_1001 Ltd entered your address";
    assert!(billing.email.text.contains(why), "{}", billing.email.text);

    let kim = viewer(&world, KIM).await;
    let kim = Actor::tenant_admin(kim.account, kim.name);
    let new = commands::NewRequest {
        organization: OrganizationId::new(ACME),
        seats: "1".to_owned(),
        reason: "One more.".to_owned(),
        people: Vec::new(),
    };
    let request = commands::ask_for_seats(&world.state, &kim, &new).await.unwrap();
    let no = commands::NewEntry {
        organization: OrganizationId::new(ACME),
        request,
        kind: domain::seat_request::EntryKind::Declined,
        text: "No.".to_owned(),
        expected_version: None,
    };
    commands::add_to_request(&world.state, &operator(), &no).await.unwrap();
    let answers = subjects(&world).await;
    assert!(answers.len() == 1 && answers[0].starts_with(KIM), "{answers:?}");
}

async fn an_address_that_was_removed_meanwhile_gets_nothing(world: TestApp) {
    plan(&world, 1).await;
    let id = OrganizationId::new(ACME);
    let operator = operator();
    let set = |text| commands::set_extra_recipients(&world.state, &operator, &id, text);
    set("billing@acme.test").await.unwrap();
    join(&world, 0..2).await;
    set("").await.unwrap();

    assert_eq!(subjects(&world).await, ["kim@acme.test: Acme: 1 person is waiting for a seat"]);
}
