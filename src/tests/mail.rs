//! E-mails really leave over SMTP, once, and again when the mail server is back.

use std::time::Duration;

use domain::{access::Role, id::OrganizationId, organization::SeatLimit};
use seatkeeper::{
    channels::email::{mailer::Mailer, server::SmtpServer},
    commands::{self, NewAccount},
    jobs::send_messages::{self, Mail},
};

use crate::support::{
    smtp::MailServer,
    world::{ACME, TestApp, operator, stories},
};

stories! {
    one_email_reaches_the_admin_whatever_follows,
    a_mail_server_that_was_away_gets_everything_when_it_is_back,
    two_workers_send_each_email_once,
}

async fn with_admin(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let new = NewAccount {
        email: "kim@acme.test".to_owned(),
        name: "Kim".to_owned(),
        role: Role::TenantAdmin,
        organizations: vec![OrganizationId::new(ACME)],
        password: "correct horse battery".to_owned(),
    };
    commands::add_account(&world.state, &operator(), &new).await.unwrap();
}

fn mail(server: &MailServer) -> Mail {
    let mailer = Mailer::smtp(SmtpServer::parse(&server.url()).unwrap());
    Mail { mailer, from: "Seatkeeper <seats@seats.example>".parse().unwrap() }
}

async fn one_email_reaches_the_admin_whatever_follows(world: TestApp) {
    let server = MailServer::start().await;
    with_admin(&world).await;

    for user in ["ada", "bob", "cleo", "dan"] {
        world.joined(ACME, user).await;
        world.clock.pass(Duration::from_secs(11));
        send_messages::work_off(&world.state, &mail(&server)).await.unwrap();
    }

    let received = server.wait_for(1).await;
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].header("To").as_deref(), Some("kim@acme.test"));
    assert!(received[0].text().contains("bob"), "{}", received[0].text());
    assert!(received[0].html().contains("https://seats.example/organizations/org_1001"));
}

async fn a_mail_server_that_was_away_gets_everything_when_it_is_back(world: TestApp) {
    let mut server = MailServer::start().await;
    with_admin(&world).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    server.close().await;

    for _ in 0..12 {
        assert_eq!(send_messages::work_off(&world.state, &mail(&server)).await.unwrap(), 0);
        world.clock.pass(Duration::from_mins(5));
    }
    server.open().await;
    world.clock.pass(Duration::from_mins(5));

    assert_eq!(send_messages::work_off(&world.state, &mail(&server)).await.unwrap(), 1);
    assert_eq!(server.wait_for(1).await.len(), 1);
}

async fn two_workers_send_each_email_once(world: TestApp) {
    let server = MailServer::start().await;
    with_admin(&world).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    for n in 0..40 {
        world.account(&format!("admin{n}@acme.test"), Role::TenantAdmin, &[ACME]).await;
    }
    world.left(ACME, "bob").await;
    world.joined(ACME, "cleo").await;
    world.clock.pass(Duration::from_secs(61));

    let (mail_a, mail_b) = (mail(&server), mail(&server));
    let (a, b) = tokio::join!(
        send_messages::work_off(&world.state, &mail_a),
        send_messages::work_off(&world.state, &mail_b)
    );

    assert_eq!(a.unwrap() + b.unwrap(), 41);
    assert_eq!(server.received().len(), 41);
}
