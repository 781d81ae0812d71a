//! E-mails on their way to a mail server on a real socket.

use std::time::Duration;

use domain::id::MessageId;
use seatkeeper::channels::email::{
    mailer::{Mailer, SendError, SmtpServer},
    templates::Email,
};

use crate::support::smtp::{MailServer, Mood};

const ADA: &str = "ada@acme.test";

fn mailer(url: &str) -> Mailer {
    Mailer::smtp(SmtpServer::parse(url).unwrap())
}

fn email() -> Email {
    Email {
        subject: "Žižkov GmbH: 3 people are waiting for a seat".to_owned(),
        text: "3 people are waiting.\n.\n.. dots\n-- \nWhy: you are an admin of Žižkov GmbH.\n"
            .to_owned(),
        html: "<p>3 people are waiting at Žižkov&nbsp;GmbH.</p>".to_owned(),
        brief: None,
        link: "https://seats.example/".to_owned(),
        unsubscribe: None,
    }
}

async fn send(mailer: &Mailer, to: &str, id: &str) -> Result<(), SendError> {
    let from = "Seatkeeper <seats@example.com>".parse().unwrap();
    mailer.send(&from, to, &email(), &MessageId::new(id)).await
}

#[tokio::test]
async fn an_email_arrives_as_it_was_written() {
    let server = MailServer::start().await;

    send(&mailer(&server.url()), ADA, "out_01").await.unwrap();

    let mail = &server.wait_for(1).await[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("seats@example.com", &[ADA.to_owned()][..])
    );
    assert_eq!(mail.header("From").as_deref(), Some("Seatkeeper <seats@example.com>"));
    assert_eq!(mail.header("Message-ID").as_deref(), Some("<out_01@example.com>"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mail.header("X-Seatkeeper-Email").as_deref(), Some("out_01"));
    assert!(mail.header("Date").is_some());
    assert!(mail.header("Content-Type").unwrap().starts_with("multipart/alternative"));
    assert_eq!(mail.text().trim_end(), email().text.trim_end());
    assert_eq!(mail.html().trim_end(), email().html);
}

#[tokio::test]
async fn one_connection_brings_many_emails() {
    let server = MailServer::start().await;
    let mailer = mailer(&server.url_with_login());

    for id in ["out_01", "out_02", "out_03"] {
        send(&mailer, ADA, id).await.unwrap();
        // lettre returns the connection to its pool in a separate task.
        tokio::task::yield_now().await;
    }

    assert_eq!(server.received().len(), 3);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_busy_server_gets_the_email_later() {
    let server = MailServer::start().await;
    let mailer = mailer(&server.url());

    server.be(Mood::Refusing(451));
    let refused = send(&mailer, ADA, "out_01").await;
    server.be(Mood::Friendly);
    let again = send(&mailer, ADA, "out_01").await;

    assert!(matches!(&refused, Err(SendError::Later(why)) if why.contains("451")), "{refused:?}");
    assert_eq!(again, Ok(()));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_not_tried_again() {
    let server = MailServer::start().await;

    server.be(Mood::Refusing(550));
    let refused = send(&mailer(&server.url()), ADA, "out_01").await;

    assert!(matches!(&refused, Err(SendError::Never(why)) if why.contains("550")), "{refused:?}");
}

#[tokio::test]
async fn an_address_that_is_none_is_not_tried_at_all() {
    let server = MailServer::start().await;
    let mailer = mailer(&server.url());

    for bad in ["", "ada", "ada@acme.test\r\nRCPT TO:<eve@evil.test>", "Ada <ada@acme.test>"] {
        assert!(matches!(send(&mailer, bad, "out_01").await, Err(SendError::Never(_))), "{bad}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_wrong_password_is_our_mistake_and_gives_no_email_up() {
    let server = MailServer::start().await;

    server.be(Mood::Locked);
    let refused = send(&mailer(&server.url_with_login()), ADA, "out_01").await;

    assert!(matches!(&refused, Err(SendError::Later(why)) if why.contains("535")), "{refused:?}");
}

#[tokio::test]
async fn a_password_waits_for_encryption_rather_than_travel_without() {
    let server = MailServer::start().await;

    let refused =
        send(&mailer(&format!("{}?tls=required", server.url_with_login())), ADA, "out_01").await;

    assert!(
        matches!(&refused, Err(SendError::Later(why)) if why.contains("STARTTLS")),
        "{refused:?}"
    );
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn a_server_that_was_away_gets_the_email_when_it_is_back() {
    let mut server = MailServer::start().await;
    let mailer = mailer(&server.url());
    send(&mailer, ADA, "out_01").await.unwrap();

    server.close().await;
    let away = send(&mailer, ADA, "out_02").await;
    server.open().await;
    let back = send(&mailer, ADA, "out_02").await;

    assert!(matches!(away, Err(SendError::Later(_))), "{away:?}");
    assert_eq!(back, Ok(()));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn an_email_that_was_given_up_does_not_affect_the_next_one() {
    let server = MailServer::start().await;
    let mailer = mailer(&server.url()).with_patience(Duration::from_millis(300));

    server.be(Mood::Silent);
    let silent = send(&mailer, ADA, "out_01").await;
    // lettre returns even this connection to its pool, in a separate task.
    tokio::task::yield_now().await;
    server.be(Mood::Friendly);
    let next = send(&mailer, ADA, "out_02").await;

    assert!(matches!(silent, Err(SendError::Later(_))), "{silent:?}");
    assert_eq!(next, Ok(()));
    assert_eq!(server.wait_for(1).await[0].header("X-Seatkeeper-Email").as_deref(), Some("out_02"));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn the_drawer_keeps_what_it_is_given() {
    let mailer = Mailer::memory();

    send(&mailer, ADA, "out_01").await.unwrap();

    assert_eq!(mailer.sent().len(), 1);
    assert_eq!((mailer.sent()[0].to.as_str(), &mailer.sent()[0].email), (ADA, &email()));
}
