//! An open alert that notified no recipient notifies the first one who comes, without another
//! event: there was no recipient when it opened, or the only one lost access before the e-mail was
//! sent.

use std::time::Duration;

use domain::{access::Role, id::OrganizationId, organization::SeatLimit, resync::ResyncState};
use seatkeeper::{
    commands::{disable_account, enable_account, grant_membership, notify_owed},
    jobs::check_invariants,
};

use crate::support::{
    scalekit::Scalekit,
    world::{ACME, TestApp, operator, stories},
};

stories! {
    a_system_alert_whose_only_recipient_left_notifies_the_next_one,
    a_system_alert_that_opened_without_staff_notifies_the_first_one,
    a_resync_that_failed_is_told_to_the_next_member_of_staff,
    a_resync_that_failed_without_staff_is_told_to_the_first_one,
    a_full_organization_without_a_recipient_notifies_the_first_admin,
    an_organization_without_a_limit_or_staff_notifies_the_first_one,
    a_plan_whose_only_recipient_left_notifies_the_next_one,
    a_recipient_who_lost_access_and_has_it_again_is_notified,
    two_workers_that_drop_the_last_two_emails_leave_the_alert_owed,
    an_alert_that_ended_meanwhile_notifies_no_recipient,
}

const SAM: &str = "sam@seats.example";
const TESS: &str = "tess@seats.example";
const KIM: &str = "kim@acme.test";
const LEE: &str = "lee@acme.test";

async fn staff(world: &TestApp, email: &str) {
    world.account(email, Role::Staff, &[]).await;
}

/// The e-mails that leave now, as (recipient, subject), after what is owed was written.
async fn sent(world: &TestApp) -> Vec<(String, String)> {
    notify_owed(&world.state).await.unwrap();
    world.sent().await.into_iter().map(|sent| (sent.to, sent.email.subject)).collect()
}

/// The one e-mail that leaves now, as (recipient, text).
async fn the_email(world: &TestApp) -> (String, String) {
    notify_owed(&world.state).await.unwrap();
    let mut sent = world.sent().await;
    assert_eq!(sent.len(), 1);
    let sent = sent.remove(0);
    (sent.to, sent.email.text)
}

async fn recipients(world: &TestApp) -> Vec<String> {
    sent(world).await.into_iter().map(|(to, _)| to).collect()
}

/// Dead letters, drift, and an organization whose deliveries are not understood any more.
async fn three_system_alerts(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.joined(ACME, "ada").await;
    world.clock.pass(Duration::from_hours(1));
    world.post("{").await;
    for n in 0..10 {
        world
            .post(&world.body(ACME, &format!("new{n}"), "organization.directory.user_appeared", ""))
            .await;
    }
    world.tamper("update organizations set waiting = 5").await;
    world.clock.pass(Duration::from_mins(5));
    assert!(check_invariants::work_off(&world.state).await.unwrap());
    assert_eq!(
        world.texts("select kind from system_alerts where resolved_at is null order by kind").await,
        ["dead_letters", "drift", "enforcement_silent"]
    );
}

/// The subjects of the three e-mails, sorted.
fn subjects(mut sent: Vec<(String, String)>, to: &str) -> Vec<String> {
    sent.sort();
    sent.into_iter().filter(|(recipient, _)| recipient == to).map(|(_, subject)| subject).collect()
}

const SUBJECTS: [&str; 3] = [
    "A webhook could not be processed",
    "Seatkeeper may have stopped deciding: No person is refused at 1 full organization",
    "Seatkeeper’s numbers need your attention: 2 rules do not hold",
];

async fn a_system_alert_whose_only_recipient_left_notifies_the_next_one(world: TestApp) {
    staff(&world, SAM).await;
    three_system_alerts(&world).await;
    disable_account(&world.state, &operator(), SAM).await.unwrap();
    assert_eq!(sent(&world).await, []);
    assert_eq!(sent(&world).await, [], "there is no recipient yet");

    staff(&world, TESS).await;

    assert_eq!(subjects(sent(&world).await, TESS), SUBJECTS);
    assert_eq!(sent(&world).await, [], "once");
    enable_account(&world.state, &operator(), SAM).await.unwrap();
    assert_eq!(sent(&world).await, [], "the alerts have notified a recipient");
}

async fn a_system_alert_that_opened_without_staff_notifies_the_first_one(world: TestApp) {
    three_system_alerts(&world).await;
    world.post("{{").await;
    assert_eq!(sent(&world).await, []);

    staff(&world, TESS).await;

    assert_eq!(subjects(sent(&world).await, TESS), SUBJECTS);
    world.post("{{{").await;
    assert_eq!(sent(&world).await, [], "once");
}

async fn a_resync_that_failed_is_told_to_the_next_member_of_staff(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    staff(&world, SAM).await;
    let scalekit = Scalekit::with_secret(&world, &[3], "live_wrong").await;
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Failed);
    disable_account(&world.state, &operator(), SAM).await.unwrap();
    assert_eq!(sent(&world).await, []);

    staff(&world, TESS).await;

    assert_eq!(recipients(&world).await, [TESS]);
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Failed);
    assert_eq!(sent(&world).await, [], "once until a resync works again");
}

async fn a_resync_that_failed_without_staff_is_told_to_the_first_one(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    let scalekit = Scalekit::with_secret(&world, &[3], "live_wrong").await;
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Failed);
    assert!(
        world.page(ACME).await.resync_failed_since.is_some(),
        "the page says so, whether or not there are staff"
    );
    assert_eq!(sent(&world).await, [], "it is no alert for tenants");

    staff(&world, TESS).await;

    let (to, text) = the_email(&world).await;
    assert_eq!(to, TESS);
    assert!(text.contains("does not take the API credentials"), "{text}");
}

async fn a_full_organization_without_a_recipient_notifies_the_first_admin(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    world.check().await;
    assert_eq!(sent(&world).await, []);

    world.organization("org_other", SeatLimit::Seats(0)).await;
    world.account(KIM, Role::TenantAdmin, &["org_other"]).await;
    assert_eq!(sent(&world).await, [], "an admin of another organization");
    grant_membership(&world.state, &operator(), KIM, &[OrganizationId::new(ACME)]).await.unwrap();

    let (to, text) = the_email(&world).await;
    assert!(to == KIM && text.contains("ada"), "{to} {text}");
    world.account(LEE, Role::TenantAdmin, &[ACME]).await;
    world.joined(ACME, "bob").await;
    assert_eq!(sent(&world).await, [], "the alert has notified its recipients");
    world.check().await;
}

async fn an_organization_without_a_limit_or_staff_notifies_the_first_one(world: TestApp) {
    world.joined(ACME, "ada").await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.check().await;
    assert_eq!(sent(&world).await, [], "the tenant is not notified of it");

    staff(&world, SAM).await;

    assert_eq!(recipients(&world).await, [SAM]);
    assert_eq!(sent(&world).await, []);
}

async fn a_plan_whose_only_recipient_left_notifies_the_next_one(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[20]).await;
    scalekit.resync(false).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    for id in &scalekit.ids()[..5] {
        scalekit
            .happens(&world, |invented, now| invented.fire(&OrganizationId::new(ACME), id, now))
            .await;
    }
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Waiting);
    disable_account(&world.state, &operator(), KIM).await.unwrap();
    assert_eq!(sent(&world).await, []);

    world.account(LEE, Role::TenantAdmin, &[ACME]).await;

    assert_eq!(recipients(&world).await, [LEE]);
    assert_eq!(sent(&world).await, []);
    assert_eq!(
        world.texts("select kind from alerts").await,
        ["resync_needs_confirmation"],
        "it is one alert"
    );
}

async fn a_recipient_who_lost_access_and_has_it_again_is_notified(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.joined(ACME, "ada").await;
    disable_account(&world.state, &operator(), KIM).await.unwrap();
    assert_eq!(sent(&world).await, []);
    world.joined(ACME, "bob").await;

    enable_account(&world.state, &operator(), KIM).await.unwrap();

    let (to, text) = the_email(&world).await;
    assert!(
        to == KIM && text.contains("ada") && text.contains("bob"),
        "the e-mail has the facts of now: {text}"
    );
    assert_eq!(sent(&world).await, []);
}

async fn two_workers_that_drop_the_last_two_emails_leave_the_alert_owed(world: TestApp) {
    let organizations: Vec<String> = (0..12).map(|n| format!("org_{n}")).collect();
    let all: Vec<&str> = organizations.iter().map(String::as_str).collect();
    for organization in &all {
        world.organization(organization, SeatLimit::Seats(0)).await;
    }
    for admin in [KIM, LEE] {
        world.account(admin, Role::TenantAdmin, &all).await;
    }
    for organization in &all {
        world.joined(organization, "ada").await;
    }
    for admin in [KIM, LEE] {
        disable_account(&world.state, &operator(), admin).await.unwrap();
    }
    let beside = world.beside().await;

    world.clock.pass(Duration::from_secs(61));
    tokio::join!(world.sent_now(), beside.sent_now(), world.sent_now(), beside.sent_now());

    assert_eq!(world.texts("select notice from alerts").await, vec!["owed"; organizations.len()]);
    beside.close().await;
}

async fn an_alert_that_ended_meanwhile_notifies_no_recipient(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    world.post("{").await;
    world.left(ACME, "ada").await;
    world.tamper("update deliveries set body = null where outcome = 'dead'").await;
    seatkeeper::commands::resolve_dead_letters(&world.state).await.unwrap();

    staff(&world, SAM).await;

    assert_eq!(sent(&world).await, []);
}
