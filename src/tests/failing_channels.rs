//! A mail server or a Slack channel that takes no messages is an alert of its own, told on the
//! channels that work.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{
    access::{Role, Viewer},
    alert::SystemAlert,
    id::OrganizationId,
    organization::SeatLimit,
};
use seatkeeper::{
    channels::{
        address::AllowedAddresses,
        email::{mailer::Mailer, server::SmtpServer},
    },
    commands::{NewLimit, forget_unset, set_seat_limit, set_slack},
    jobs::send_messages::{self, Mail},
    queries,
    state::AppState,
};
use views::{OverviewQuery, alerts::AlertsQuery};

use crate::{
    slack::{Receiver, at_home, full, posted},
    support::{
        smtp::{MailServer, Mood},
        world::{ACME, TestApp, operator, scope, staff, stories},
    },
};

stories! {
    a_slack_channel_that_is_gone_is_told_to_staff_until_it_has_a_new_address,
    a_slack_channel_that_fails_for_a_while_is_an_alert_and_a_short_failure_is_none,
    a_slack_channel_of_staff_that_fails_is_told_by_email_alone,
    a_mail_server_that_takes_nothing_is_told_by_slack_and_on_the_pages,
    a_mail_server_that_refuses_one_recipient_is_no_failing_one,
}

const SAM: &str = "sam@seats.example";
const KIM: &str = "kim@acme.test";

/// The open alerts of organizations and of the installation, by their kinds.
async fn open(world: &TestApp) -> Vec<String> {
    let statement = "select kind from alerts where resolved_at is null \
        and kind = 'channel_failing' union all \
        select kind from system_alerts where resolved_at is null order by 1";
    world.texts(statement).await
}

/// The subjects of the e-mails that leave, of those about a channel.
async fn told(world: &TestApp) -> Vec<String> {
    let sent = world.sent_now().await.into_iter();
    let told = sent.map(|sent| format!("{}: {}", sent.to, sent.email.subject));
    told.filter(|line| line.contains("takes no")).collect()
}

async fn a_slack_channel_that_is_gone_is_told_to_staff_until_it_has_a_new_address(world: TestApp) {
    let (gone, new) = (Receiver::start().await, Receiver::start().await);
    let state = at_home(&world, None);
    world.account(SAM, Role::Staff, &[]).await;
    full(&world, &state, &gone).await;
    gone.answers(StatusCode::NOT_FOUND, &[]);
    let fails = async || {
        let settings = queries::settings(&world.state, &scope(ACME), &staff()).await.unwrap();
        settings.alerts.slack_fails
    };
    assert!(!fails().await);

    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);

    assert_eq!(open(&world).await, ["channel_failing"]);
    assert_eq!(
        told(&world).await,
        [format!("{SAM}: The Slack channel of org_1001 Ltd takes no posts")]
    );
    assert_eq!(told(&world).await, [""; 0], "once");
    assert!(fails().await, "the settings say so, to tenants too");
    let kim = Viewer {
        role: Role::TenantAdmin,
        organizations: [(OrganizationId::new(ACME), Role::TenantAdmin)].into(),
        ..staff()
    };
    let query =
        AlertsQuery { organization: Some(OrganizationId::new(ACME)), ..AlertsQuery::default() };
    let titles = async |viewer: &Viewer| -> Vec<String> {
        let page = queries::alerts(&world.state, viewer, &query).await.unwrap();
        page.open.unwrap().0.into_iter().map(|row| row.title).collect()
    };
    assert_eq!(titles(&kim).await, ["People are waiting"], "it is no alert for tenants");
    assert_eq!(titles(&staff()).await, ["The Slack channel takes no posts", "People are waiting"]);

    let acme = OrganizationId::new(ACME);
    set_slack(&state, &operator(), &acme, &new.url).await.unwrap();

    assert_eq!(open(&world).await, [""; 0]);
    assert!(!fails().await);
    assert_eq!(world.texts("select channel from failing_channels").await, [""; 0]);
}

async fn a_slack_channel_that_fails_for_a_while_is_an_alert_and_a_short_failure_is_none(
    world: TestApp,
) {
    let receiver = Receiver::start().await;
    let state = at_home(&world, None);
    full(&world, &state, &receiver).await;
    receiver.answers(StatusCode::BAD_GATEWAY, &[]);
    for _ in 0..2 {
        assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);
        world.clock.pass(Duration::from_mins(7));
    }
    receiver.answers(StatusCode::OK, &[]);
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);
    world.clock.pass(Duration::from_mins(5));
    assert_eq!(open(&world).await, [""; 0], "two tries within a quarter of an hour");

    receiver.answers(StatusCode::BAD_GATEWAY, &[]);
    world.tamper("update outbox set sent_at = null where channel = 'slack'").await;
    for minutes in [10, 4, 2] {
        assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);
        assert_eq!(open(&world).await, [""; 0], "not yet");
        world.clock.pass(Duration::from_mins(minutes));
    }
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);
    assert_eq!(open(&world).await, ["channel_failing"], "four tries in sixteen minutes");

    receiver.answers(StatusCode::OK, &[]);
    world.clock.pass(Duration::from_mins(5));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);
    assert_eq!(open(&world).await, [""; 0], "the first post that is taken resolves it");
}

async fn a_slack_channel_of_staff_that_fails_is_told_by_email_alone(world: TestApp) {
    let ours = Receiver::start().await;
    let state = at_home(&world, Some(&ours));
    world.account(SAM, Role::Staff, &[]).await;
    over(&world, &state).await;
    ours.answers(StatusCode::GONE, &[]);

    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0);

    assert_eq!(open(&world).await, ["staff_slack_failing"]);
    assert_eq!(told(&world).await, [format!("{SAM}: The Slack channel of staff takes no posts")]);
    ours.answers(StatusCode::OK, &[]);
    world.clock.pass(Duration::from_mins(10));
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 0, "nothing is told over it");
    assert_eq!(failing(&world).await, [SystemAlert::StaffSlackFailing]);

    forget_unset(&state).await.unwrap();
    assert_eq!(open(&world).await, ["staff_slack_failing"], "it is set");
    forget_unset(&world.state).await.unwrap();
    assert_eq!(open(&world).await, [""; 0], "staff have no channel any more");
}

/// An organization over its limit, which is told to staff and on their Slack channel.
async fn over(world: &TestApp, state: &AppState) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    lower(world, state).await;
}

async fn lower(world: &TestApp, state: &AppState) {
    world.joined(ACME, "ada").await;
    let limit = NewLimit {
        organization: OrganizationId::new(ACME),
        limit: SeatLimit::Seats(0),
        until: None,
        reason: "Less".to_owned(),
        expected_version: None,
    };
    set_seat_limit(state, &operator(), &limit).await.unwrap();
    world.clock.pass(Duration::from_secs(61));
}

/// What the overview of staff says.
async fn failing(world: &TestApp) -> Vec<SystemAlert> {
    let (staff, query) = (staff().staff().unwrap(), OverviewQuery::default());
    queries::overview(&world.state, &staff, &query).await.unwrap().failing
}

fn mail(server: &MailServer) -> Mail {
    let server = SmtpServer::parse(&server.url()).unwrap();
    Mail { mailer: Mailer::smtp(server), from: "Seatkeeper <seats@seats.example>".parse().unwrap() }
}

async fn a_mail_server_that_takes_nothing_is_told_by_slack_and_on_the_pages(world: TestApp) {
    let (server, ours) = (MailServer::start().await, Receiver::start().await);
    let state = at_home(&world, Some(&ours));
    world.account(SAM, Role::Staff, &[]).await;
    over(&world, &state).await;
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);
    server.be(Mood::Refusing(451));
    let mail = mail(&server);
    let tried = async || send_messages::work_off(&state, &mail).await.unwrap();
    for minutes in [7, 7] {
        assert_eq!(tried().await, 0);
        assert_eq!(failing(&world).await, []);
        world.clock.pass(Duration::from_mins(minutes));
    }
    world.clock.pass(Duration::from_mins(2));

    assert_eq!(tried().await, 0);

    assert_eq!(open(&world).await, ["email_failing"]);
    assert_eq!(failing(&world).await, [SystemAlert::EmailFailing]);
    assert!(
        queries::system(&world.state, &staff().staff().unwrap()).await.unwrap().emails.is_failing
    );
    let channels = "select channel from outbox where message = 'email_failing'";
    assert_eq!(world.texts(channels).await, ["slack"], "no e-mail about e-mail");
    assert_eq!(posted(&state, AllowedAddresses::Private).await, 1);
    assert!(
        ours.texts()[1].starts_with("The mail server takes no e-mails: the last 3 tries failed")
    );

    server.be(Mood::Friendly);
    world.clock.pass(Duration::from_mins(5));
    assert_eq!(tried().await, 1);
    assert_eq!((open(&world).await, failing(&world).await), (vec![], vec![]));
}

async fn a_mail_server_that_refuses_one_recipient_is_no_failing_one(world: TestApp) {
    let server = MailServer::start().await;
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.account(KIM, Role::TenantAdmin, &[ACME]).await;
    world.account(SAM, Role::Staff, &[]).await;
    lower(&world, &world.state).await;
    let mail = mail(&server);
    let tried = async || send_messages::work_off(&world.state, &mail).await.unwrap();
    for _ in 0..6 {
        server.be(Mood::Refusing(550));
        world
            .tamper(&format!(
                "update outbox set failed_at = null, due_at = 0, \
                 sent_at = case when recipient = '{SAM}' then 1 end"
            ))
            .await;
        assert_eq!(tried().await, 0);
        server.be(Mood::Friendly);
        world.tamper(&format!("update outbox set sent_at = null where recipient = '{SAM}'")).await;
        assert_eq!(tried().await, 1);
        world.clock.pass(Duration::from_mins(10));
    }

    assert_eq!(open(&world).await, [""; 0]);
}
