//! The recipient's access is checked when an e-mail is sent, and sent e-mails are deleted after
//! some time.

use std::time::Duration;

use domain::{
    access::Role,
    organization::SeatLimit,
    setting::{SettingName, SettingValues},
};
use seatkeeper::{
    commands::{disable_account, enable_account, notify_owed},
    jobs::retention,
};

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    a_recipient_who_lost_access_receives_nothing,
    staff_who_were_disabled_receive_nothing,
    a_recipient_who_has_access_again_receives_it,
    an_organization_that_ended_notifies_no_recipient,
    retention_removes_what_has_left_and_what_never_will,
    staff_hear_of_the_usage_of_customers_if_the_setting_says_so,
}

const KIM: &str = "kim@acme.test";
const LEE: &str = "lee@acme.test";

/// Two e-mails to two admins are queued, and none is sent.
async fn queued(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    world.joined(ACME, "kim").await;
    world.joined(ACME, "lee").await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.account(LEE, Role::TenantAdmin, &[ACME]).await;
    world.joined(ACME, "bob").await;
    world.joined(ACME, "cleo").await;
    assert_eq!(world.recipients().await, [KIM, LEE]);
}

async fn sent(world: &TestApp) -> Vec<String> {
    let mut to: Vec<String> = world.sent().await.into_iter().map(|sent| sent.to).collect();
    to.sort();
    to
}

async fn dropped(world: &TestApp) -> Vec<String> {
    world.texts("select recipient || ': ' || last_error from outbox where dropped_at is not null order by recipient").await
}

async fn a_recipient_who_lost_access_receives_nothing(first: TestApp) {
    let engine = first.engine();
    for (n, why) in [
        "The recipient's account is disabled.",
        "The recipient is no longer a member of the organization.",
        "The recipient is no longer a member of the organization.",
        "The recipient no longer has the role that receives this e-mail.",
        "No account has this address any more.",
        "No account has this address any more.",
    ]
    .into_iter()
    .enumerate()
    {
        let world = TestApp::open(engine).await;
        queued(&world).await;
        match n {
            0 => drop(disable_account(&world.state, &operator(), KIM).await.unwrap()),
            1 => drop(world.deactivated(ACME, "kim").await),
            2 => drop(world.left(ACME, "kim").await),
            3 => {
                let account = format!("(select id from accounts where email_key = '{KIM}')");
                world.tamper(&format!("update account_organizations set role = 'tenant-viewer' where account_id = {account}")).await;
            }
            4 => world.tamper(&format!("update accounts set email = 'x@y.test', email_key = 'x@y.test' where email_key = '{KIM}'")).await,
            _ => {
                let account = format!("(select id from accounts where email_key = '{KIM}')");
                world.tamper(&format!("delete from account_organizations where account_id = {account}")).await;
                world.tamper(&format!("delete from accounts where email_key = '{KIM}'")).await;
            }
        }

        assert_eq!(sent(&world).await, [LEE], "{why}");
        assert_eq!(dropped(&world).await, [format!("{KIM}: {why}")]);
        assert_eq!(sent(&world).await, [""; 0], "nothing comes later");
        world.close().await;
    }
}

async fn staff_who_were_disabled_receive_nothing(world: TestApp) {
    for staff in ["sam@seats.example", "tess@seats.example"] {
        world.account(staff, Role::Staff, &[]).await;
    }
    world.post("{").await; // becomes a dead letter
    world.joined(ACME, "ada").await; // the seat limit of this organization is not set
    assert_eq!(world.outbox().await.len(), 4);
    disable_account(&world.state, &operator(), "sam@seats.example").await.unwrap();

    assert_eq!(sent(&world).await, ["tess@seats.example", "tess@seats.example"]);
    assert_eq!(dropped(&world).await.len(), 2);
}

async fn a_recipient_who_has_access_again_receives_it(world: TestApp) {
    queued(&world).await;
    disable_account(&world.state, &operator(), KIM).await.unwrap();
    enable_account(&world.state, &operator(), KIM).await.unwrap();

    assert_eq!(sent(&world).await, [KIM, LEE]);
}

async fn an_organization_that_ended_notifies_no_recipient(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.joined(ACME, "bob").await;
    world.clock.pass(Duration::from_secs(1));
    let at = world.clock.now().rfc3339();
    world
        .post(&format!(
            r#"{{"id":"evt_900","type":"organization.deleted","occurred_at":"{at}","organization_id":"{ACME}","data":{{"id":"{ACME}"}}}}"#
        ))
        .await;

    assert_eq!(sent(&world).await, [""; 0]);
    assert_eq!(dropped(&world).await, [format!("{KIM}: The organization is archived.")]);
}

async fn retention_removes_what_has_left_and_what_never_will(world: TestApp) {
    queued(&world).await;
    disable_account(&world.state, &operator(), KIM).await.unwrap();
    assert_eq!(sent(&world).await, [LEE]);
    world.tamper("insert into outbox (organization_id, id, about_id, message, recipient, subject, created_at, due_at, attempts, failed_at) \
                  select organization_id, 'out_failed', 'alr_x', message, recipient, subject, created_at, due_at, 3, created_at from outbox \
                  where recipient = 'lee@acme.test'").await;
    world
        .tamper(
            "insert into outbox (organization_id, id, about_id, message, recipient, subject, created_at, due_at, attempts) \
                  select organization_id, 'out_waits', 'alr_y', message, recipient, subject, created_at, due_at, 3 from outbox \
                  where id = 'out_failed'",
        )
        .await;
    let keep = SettingValues::default().keep_bodies.unwrap();

    retention::work_off(&world.state).await.unwrap();
    assert_eq!(world.outbox().await.len(), 4, "nothing is old enough");
    world.clock.pass(keep + Duration::from_hours(1));
    retention::work_off(&world.state).await.unwrap();
    assert_eq!(world.outbox().await.len(), 3, "their alert is open");
    world.tamper("update alerts set resolved_at = 1").await;
    world.clock.pass(Duration::from_mins(11));
    retention::work_off(&world.state).await.unwrap();

    assert_eq!(world.outbox().await, ["out_waits"], "what still has to leave stays");
}

async fn staff_hear_of_the_usage_of_customers_if_the_setting_says_so(world: TestApp) {
    const SAM: &str = "sam@seats.example";
    world.account(SAM, Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Seats(3)).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    for user in ["ada", "bob"] {
        world.joined(ACME, user).await;
    }
    assert_eq!(sent(&world).await, [KIM], "1 seat is left, and the setting is off at first");
    world.left(ACME, "bob").await;
    world.left(ACME, "ada").await;

    world.change_setting(SettingName::NotifyStaffOfUsage, "yes").await.unwrap();

    for user in ["cleo", "dan"] {
        world.joined(ACME, user).await;
    }
    let mut emails = world.sent().await;
    emails.sort_by_key(|sent| sent.to.clone());
    let to: Vec<&str> = emails.iter().map(|sent| sent.to.as_str()).collect();
    assert_eq!(to, [KIM, SAM]);
    let why = |text: &str| {
        emails.iter().map(|sent| sent.email.text.contains(text)).collect::<Vec<bool>>()
    };
    assert_eq!(why("because you are an admin"), [true, false]);
    assert_eq!(why("on the staff, as the settings say"), [false, true]);
    for user in ["eve", "fay"] {
        world.joined(ACME, user).await;
    }
    assert_eq!(sent(&world).await, [KIM, SAM], "a person waits");

    world.change_setting(SettingName::NotifyStaffOfUsage, "no").await.unwrap();
    world.organization("org_alone", SeatLimit::Seats(3)).await;
    world.joined("org_alone", "gus").await;
    world.joined("org_alone", "hal").await;
    notify_owed(&world.state).await.unwrap();
    assert_eq!(sent(&world).await, [""; 0], "an organization without admins");
    world.change_setting(SettingName::NotifyStaffOfUsage, "yes").await.unwrap();
    notify_owed(&world.state).await.unwrap();
    assert_eq!(sent(&world).await, [SAM], "what is owed goes to staff from now on");
}
