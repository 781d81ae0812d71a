//! A new e-mail address of one's own account: confirmed by a link, told to the old address, and
//! silent about the accounts of others.

use std::time::Duration;

use domain::{
    access::Role, id::AccountId, organization::SeatLimit, refusal::Refusal, text::ExternalText,
};
use seatkeeper::{
    commands::{self, Actor, Error, NewAddress, Origin},
    queries,
};

use crate::{
    deprovisioning::account,
    own_account::visitor,
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    a_new_address_counts_when_its_link_is_used_and_the_old_one_is_told,
    the_link_to_a_new_address_works_for_a_day,
    the_page_says_which_address_waits_for_its_link,
    an_address_that_cannot_be_one_is_refused,
    a_wrong_present_password_sends_no_link,
    the_form_says_nothing_about_an_address_that_another_account_has,
    an_address_that_another_account_got_meanwhile_is_not_taken,
    two_accounts_that_confirm_an_address_at_once_make_one,
    a_disabled_account_gets_no_address,
    links_to_new_addresses_are_limited,
    a_new_address_keeps_the_directory_in_charge,
    a_link_to_an_old_address_resets_nothing,
}

const KIM: &str = "kim@seats.example";
const SAM: &str = "sam@seats.example";
const NEW: &str = "kim@new.test";
const PASSWORD: &str = "correct horse battery";

async fn asks(world: &TestApp, of: &str, email: &str) -> Result<(), Error> {
    asks_with(world, of, (email, PASSWORD)).await
}

async fn asks_with(world: &TestApp, of: &str, (email, present): (&str, &str)) -> Result<(), Error> {
    let viewer = queries::viewer(&world.state, &account(world, of).await).await.unwrap().unwrap();
    let (email, present) = (email.to_owned(), present.to_owned());
    let form = NewAddress { email, present, visitor: visitor("203.0.113.5") };
    commands::ask_for_address(&world.state, &Actor::of_viewer(&viewer), &viewer, &form).await
}

/// The tokens of the e-mails that leave, each with its recipient.
async fn tokens(world: &TestApp) -> Vec<(String, String)> {
    let sent = world.sent_now().await.into_iter();
    let sent = sent.filter_map(|sent| {
        let token = sent.email.link.strip_prefix("https://seats.example/confirm-address/")?;
        Some((sent.to.clone(), token.to_owned()))
    });
    sent.collect()
}

async fn token(world: &TestApp, of: &str, email: &str) -> String {
    asks(world, of, email).await.unwrap();
    let tokens = tokens(world).await;
    assert_eq!((tokens.len(), tokens[0].0.as_str()), (1, email));
    tokens[0].1.clone()
}

async fn confirms(world: &TestApp, token: &str) -> Result<AccountId, Error> {
    commands::confirm_address(&world.state, token, Origin::default()).await
}

fn has_ended(outcome: &Result<AccountId, Error>) -> bool {
    matches!(outcome, Err(Error::Refused(Refusal::LinkEnded)))
}

async fn emails(world: &TestApp) -> Vec<String> {
    world.texts("select email || ' ' || email_key from accounts order by email_key").await
}

async fn a_new_address_counts_when_its_link_is_used_and_the_old_one_is_told(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let kim = account(&world, KIM).await;
    let cookie = world.cookie_of(&kim).await;
    let token = token(&world, KIM, "Kim@New.test").await;
    let asked = queries::address_link(&world.state, &token).await.unwrap();
    assert_eq!(asked, ExternalText::new("Kim@New.test"));
    assert_eq!(emails(&world).await, [format!("{KIM} {KIM}")], "the link was only looked at");

    assert_eq!(confirms(&world, &token).await.unwrap(), kim);

    assert_eq!(emails(&world).await, ["Kim@New.test kim@new.test"]);
    assert!(world.viewer(&cookie, &[]).await.is_some(), "the sessions go on");
    assert!(has_ended(&confirms(&world, &token).await), "it works once");
    let sent = world.sent_now().await;
    assert_eq!(sent.iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), [KIM]);
    assert!(sent[0].email.subject.contains("was changed"), "{}", sent[0].email.subject);
    assert!(!sent[0].email.text.contains("new.test"), "{}", sent[0].email.text);
    let log = world.texts(
        "select action || ' ' || coalesce(before_value, '') || ' → ' || after_value \
         from audit_log where action in ('ask_for_address', 'change_address') order by at, id",
    );
    let expected = [
        "ask_for_address  → Kim@New.test".to_owned(),
        format!("change_address {KIM} → Kim@New.test"),
    ];
    assert_eq!(log.await, expected);
}

async fn the_link_to_a_new_address_works_for_a_day(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let token = token(&world, KIM, NEW).await;

    world.clock.pass(Duration::from_hours(24) - Duration::from_secs(1));
    assert!(queries::address_link(&world.state, &token).await.is_ok());
    world.clock.pass(Duration::from_secs(1));

    assert!(has_ended(&confirms(&world, &token).await));
    assert!(matches!(queries::address_link(&world.state, &token).await, Err(Error::Missing)));
}

async fn the_page_says_which_address_waits_for_its_link(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let viewer = queries::viewer(&world.state, &account(&world, KIM).await).await.unwrap().unwrap();
    let asked = async || queries::own_account(&world.state, &viewer, None).await.unwrap().asked;
    assert_eq!(asked().await, None);

    let token = token(&world, KIM, NEW).await;
    let until = world.clock.now().plus(Duration::from_hours(24));
    assert_eq!(asked().await, Some((ExternalText::new(NEW), until)));
    confirms(&world, &token).await.unwrap();

    assert_eq!(asked().await, None);
}

async fn an_address_that_cannot_be_one_is_refused(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    for text in
        ["", "kim", "kim@new.test\nBcc: all@evil.test", &format!("{}@a.test", "k".repeat(250))]
    {
        let refused = asks(&world, KIM, text).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Address))), "{text:?} {refused:?}");
    }
    let refused = asks(&world, KIM, " KIM@seats.example ").await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::AddressIsTheSame))), "{refused:?}");
    assert_eq!(world.outbox().await, [""; 0]);
}

async fn a_wrong_present_password_sends_no_link(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let wrong = "w".repeat(2_000);

    for _ in 0..10 {
        let refused = asks_with(&world, KIM, (NEW, &wrong)).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::PresentPassword))), "{refused:?}");
    }
    let refused = asks_with(&world, KIM, (NEW, PASSWORD)).await;

    assert!(matches!(refused, Err(Error::Refused(Refusal::TooManyAttempts))), "{refused:?}");
    assert_eq!(tokens(&world).await, []);
}

async fn the_form_says_nothing_about_an_address_that_another_account_has(world: TestApp) {
    for email in [KIM, SAM] {
        world.account(email, Role::Staff, &[]).await;
    }

    asks(&world, KIM, "SAM@seats.example").await.unwrap();

    let rows = "select (select count(*) from account_links) * 10 + (select count(*) from outbox)";
    let rows = format!("select cast(n as text) from ({rows} as n) c");
    assert_eq!(world.texts(&rows).await, ["11"], "the same rows as for another address");
    let sent = world.sent_now().await;
    assert_eq!(sent.iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), [SAM]);
    assert_eq!(sent[0].email.subject, "Your address was entered in Seatkeeper again");
    assert!(!sent[0].email.text.contains("kim"), "{}", sent[0].email.text);
    assert_eq!(world.texts("select token_hash from account_link_tokens").await, [""; 0]);
}

async fn an_address_that_another_account_got_meanwhile_is_not_taken(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let token = token(&world, KIM, NEW).await;
    asks(&world, KIM, NEW).await.unwrap();
    world.account(NEW, Role::Staff, &[]).await;

    assert!(has_ended(&confirms(&world, &token).await));

    // the e-mail that still waited goes to the owner of the address, as one that tells of it
    let sent = world.sent_now().await;
    let subjects: Vec<_> = sent.iter().map(|sent| sent.email.subject.as_str()).collect();
    assert_eq!(subjects, ["Your address was entered in Seatkeeper again"]);
    assert_eq!(emails(&world).await.len(), 2);
}

async fn two_accounts_that_confirm_an_address_at_once_make_one(world: TestApp) {
    for email in [KIM, SAM] {
        world.account(email, Role::Staff, &[]).await;
    }
    let links = [token(&world, KIM, NEW).await, token(&world, SAM, NEW).await];
    let beside = world.beside().await;

    let (one, other) = tokio::join!(confirms(&world, &links[0]), confirms(&beside, &links[1]));

    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert!(has_ended(if one.is_ok() { &other } else { &one }));
    let with_it = "select id from accounts where email_key = 'kim@new.test'";
    assert_eq!(world.texts(with_it).await.len(), 1);
    beside.close().await;
}

async fn a_disabled_account_gets_no_address(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let token = token(&world, KIM, NEW).await;

    commands::disable_account(&world.state, &operator(), KIM).await.unwrap();

    assert!(matches!(queries::address_link(&world.state, &token).await, Err(Error::Missing)));
    assert!(has_ended(&confirms(&world, &token).await));
    assert_eq!(emails(&world).await, [format!("{KIM} {KIM}")]);
}

async fn links_to_new_addresses_are_limited(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    for n in 0..5 {
        asks(&world, KIM, &format!("kim{n}@new.test")).await.unwrap();
    }
    let refused = asks(&world, KIM, NEW).await;

    assert!(matches!(refused, Err(Error::Refused(Refusal::TooManyLinks))), "{refused:?}");
    world.clock.pass(Duration::from_mins(20));
    asks(&world, KIM, NEW).await.unwrap();
}

async fn a_new_address_keeps_the_directory_in_charge(world: TestApp) {
    const ADA: &str = "ada@acme.test";
    world.organization(ACME, SeatLimit::Seats(5)).await;
    // access is given first, so that the membership belongs to the address
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    world.joined(ACME, "ada").await;
    let token = token(&world, ADA, NEW).await;
    confirms(&world, &token).await.unwrap();
    let cookie = world.cookie_of(&account(&world, NEW).await).await;
    assert_eq!(world.viewer(&cookie, &[]).await.unwrap().organizations.len(), 1);

    world.left(ACME, "ada").await;

    assert!(world.viewer(&cookie, &[]).await.is_none(), "the session ended with the access");
    assert_eq!(world.texts("select account_id from account_organizations").await, [""; 0]);
}

async fn a_link_to_an_old_address_resets_nothing(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let confirm = token(&world, KIM, NEW).await;
    commands::ask_for_reset(&world.state, KIM, &visitor("203.0.113.5")).await.unwrap();
    let sent = world.sent_now().await;
    let reset = sent[0].email.link.rsplit('/').next().unwrap().to_owned();
    // one more request still waits to be sent
    commands::ask_for_reset(&world.state, KIM, &visitor("203.0.113.5")).await.unwrap();

    confirms(&world, &confirm).await.unwrap();

    let refused = commands::reset_password(
        &world.state,
        &reset,
        "a passphrase that stays secret".to_owned(),
        Origin::default(),
    );
    assert!(matches!(refused.await, Err(Error::Refused(Refusal::LinkEnded))));
    let sent = world.sent_now().await;
    let subjects: Vec<_> = sent.iter().map(|sent| sent.email.subject.as_str()).collect();
    assert_eq!(subjects, ["The e-mail address of your Seatkeeper account was changed"]);
}
