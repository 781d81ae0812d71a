//! A forgotten password: the link, its end, and that no request says whether an account exists.

use std::time::Duration;

use domain::{access::Role, refusal::Refusal};
use seatkeeper::{
    channels::email::mailer::Sent,
    commands::{
        self, Error, Origin,
        sign_in::{Passed, SignIn, Step, sign_in},
    },
    jobs::cleanup,
    queries,
};

use crate::{
    deprovisioning::account,
    own_account::visitor,
    passkeys::with_passkey,
    support::world::{TestApp, operator, stories},
};

stories! {
    a_link_sets_a_password_once_and_ends_all_sessions,
    a_link_leaves_the_second_factor_in_place,
    a_link_works_for_an_hour,
    two_uses_of_a_link_at_once_make_one,
    a_weak_password_leaves_the_link_as_it_was,
    an_unknown_address_gets_the_same_answer_and_leaves_nothing,
    a_disabled_account_gets_no_link_and_its_link_works_no_more,
    the_link_goes_to_the_address_as_the_account_has_it,
    a_new_password_ends_the_links_that_were_sent_before,
    a_new_password_ends_the_links_whose_email_has_not_left,
    requests_are_limited_and_leave_working_links_in_the_mailbox,
    an_owner_at_a_known_network_is_not_held_up_by_strangers,
    an_email_that_leaves_twice_works_in_either_copy_once,
    an_email_that_waited_too_long_is_not_sent,
    the_database_has_no_token,
    links_that_are_over_are_removed,
}

const KIM: &str = "kim@seats.example";
const PASSWORD: &str = "correct horse battery";
const ANOTHER: &str = "a passphrase that stays secret";
const HOME: &str = "203.0.113.5";
const ELSEWHERE: &str = "198.51.100.7";

async fn asks(world: &TestApp, email: &str, network: &str) -> Result<(), Error> {
    commands::ask_for_reset(&world.state, email, &visitor(network)).await
}

/// Asks for a link and gives its token.
async fn token(world: &TestApp) -> String {
    asks(world, KIM, HOME).await.unwrap();
    let sent = world.sent_now().await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, KIM));
    token_in(&sent[0])
}

fn token_in(sent: &Sent) -> String {
    let token = sent.email.link.strip_prefix("https://seats.example/reset-password/");
    token.unwrap_or_else(|| panic!("{}", sent.email.link)).to_owned()
}

async fn resets(world: &TestApp, token: &str, new: &str) -> Result<(), Error> {
    commands::reset_password(&world.state, token, new.to_owned(), Origin::default()).await
}

fn has_ended(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::Refused(Refusal::LinkEnded)))
}

async fn signs_in(world: &TestApp, password: &str) -> bool {
    let (email, password) = (KIM.to_owned(), password.to_owned());
    let source = Some(HOME.parse().unwrap());
    sign_in(&world.state, SignIn { email, password, source, device: None }).await.is_ok()
}

async fn a_link_sets_a_password_once_and_ends_all_sessions(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let cookie = world.cookie_of(&account(&world, KIM).await).await;
    let token = token(&world).await;
    assert!(queries::reset_link(&world.state, &token).await.is_ok());
    assert!(world.viewer(&cookie, &[]).await.is_some(), "a link that is looked at changes nothing");

    resets(&world, &token, ANOTHER).await.unwrap();

    assert!(world.viewer(&cookie, &[]).await.is_none());
    assert!(signs_in(&world, ANOTHER).await && !signs_in(&world, PASSWORD).await);
    assert!(has_ended(&resets(&world, &token, "another good horse to ride").await));
    assert!(matches!(queries::reset_link(&world.state, &token).await, Err(Error::Missing)));
    let log =
        world.texts("select actor || ' ' || target from audit_log where action = 'reset_password'");
    assert_eq!(log.await, [format!("{KIM} {KIM}")]);
    let sent = world.sent_now().await;
    assert_eq!(sent[0].email.subject, "Your Seatkeeper password was changed");
}

async fn a_link_leaves_the_second_factor_in_place(world: TestApp) {
    with_passkey(&world, KIM, Role::Staff).await;
    world.all_sent_now().await;
    let token = token(&world).await;

    resets(&world, &token, ANOTHER).await.unwrap();

    let (email, password) = (KIM.to_owned(), ANOTHER.to_owned());
    let attempt = SignIn { email, password, source: None, device: None };
    let passed = sign_in(&world.state, attempt).await.unwrap();
    assert!(matches!(passed, Passed::Step(Step::Second(_))), "{passed:?}");
}

async fn a_link_works_for_an_hour(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let (early, late) = (token(&world).await, token(&world).await);

    world.clock.pass(Duration::from_hours(1) - Duration::from_secs(1));
    assert!(queries::reset_link(&world.state, &early).await.is_ok());
    world.clock.pass(Duration::from_secs(1));

    assert!(has_ended(&resets(&world, &late, ANOTHER).await));
    assert!(signs_in(&world, PASSWORD).await);
}

async fn two_uses_of_a_link_at_once_make_one(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let (token, beside) = (token(&world).await, world.beside().await);

    let (one, other) = tokio::join!(
        resets(&world, &token, ANOTHER),
        resets(&beside, &token, "another good horse to ride"),
    );

    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert!(has_ended(if one.is_ok() { &other } else { &one }));
    assert_eq!(signs_in(&world, ANOTHER).await, one.is_ok());
    beside.close().await;
}

async fn a_weak_password_leaves_the_link_as_it_was(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let token = token(&world).await;

    let refused = resets(&world, &token, "kim@seats.example").await;

    assert!(matches!(refused, Err(Error::Refused(Refusal::PasswordTooWeak(_)))), "{refused:?}");
    resets(&world, &token, ANOTHER).await.unwrap();
}

async fn an_unknown_address_gets_the_same_answer_and_leaves_nothing(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    asks(&world, KIM, HOME).await.unwrap();
    asks(&world, "unknown@seats.example", HOME).await.unwrap();
    assert_eq!(world.outbox().await.len(), 2, "the same work");

    let sent = world.sent_now().await;
    assert_eq!(sent.iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), [KIM]);
    assert_eq!(world.recipients().await, [KIM]);
    for text in ["", "a passphrase", "kim@seats.example\nBcc: all@evil.test"] {
        let refused = asks(&world, text, HOME).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Address))), "{text:?} {refused:?}");
    }
}

async fn a_disabled_account_gets_no_link_and_its_link_works_no_more(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let token = token(&world).await;
    commands::disable_account(&world.state, &operator(), KIM).await.unwrap();

    asks(&world, KIM, ELSEWHERE).await.unwrap();

    assert_eq!(world.sent_now().await.len(), 0);
    assert!(matches!(queries::reset_link(&world.state, &token).await, Err(Error::Missing)));
    assert!(has_ended(&resets(&world, &token, ANOTHER).await));
    commands::enable_account(&world.state, &operator(), KIM).await.unwrap();
    assert!(signs_in(&world, PASSWORD).await);
}

async fn the_link_goes_to_the_address_as_the_account_has_it(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    // the same key, and perhaps the mailbox of another person
    asks(&world, "ｋim@SEATS.example", HOME).await.unwrap();

    let sent = world.sent_now().await;
    assert_eq!(sent.iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), [KIM]);
}

async fn a_new_password_ends_the_links_that_were_sent_before(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let cookie = world.cookie_of(&account(&world, KIM).await).await;
    let token = token(&world).await;

    world.change_password(&cookie, (PASSWORD, ANOTHER)).await.unwrap();

    assert!(has_ended(&resets(&world, &token, "another good horse to ride").await));
}

async fn a_new_password_ends_the_links_whose_email_has_not_left(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let cookie = world.cookie_of(&account(&world, KIM).await).await;
    asks(&world, KIM, HOME).await.unwrap();
    world.clock.pass(Duration::from_secs(1));

    world.change_password(&cookie, (PASSWORD, ANOTHER)).await.unwrap();

    let sent = world.sent_now().await;
    let subjects: Vec<_> = sent.iter().map(|sent| sent.email.subject.as_str()).collect();
    assert_eq!(subjects, ["Your Seatkeeper password was changed"]);
    let token = token(&world).await;
    resets(&world, &token, "another good horse to ride").await.unwrap();
}

async fn requests_are_limited_and_leave_working_links_in_the_mailbox(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    for email in [KIM, "unknown@seats.example"] {
        for network in 1..=3 {
            asks(&world, email, &format!("198.51.100.{network}")).await.unwrap();
        }
        let refused = asks(&world, email, ELSEWHERE).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::TooManyLinks))), "{refused:?}");
    }

    let sent = world.sent_now().await;
    assert_eq!(sent.len(), 3, "no more than three in the mailbox");
    world.clock.pass(Duration::from_mins(20) - Duration::from_secs(1));
    assert!(asks(&world, KIM, ELSEWHERE).await.is_err());
    assert!(signs_in(&world, PASSWORD).await, "signing in is counted apart");
    resets(&world, &token_in(&sent[0]), ANOTHER).await.unwrap();
    world.clock.pass(Duration::from_secs(1));
    asks(&world, KIM, ELSEWHERE).await.unwrap();
}

async fn an_owner_at_a_known_network_is_not_held_up_by_strangers(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    assert!(signs_in(&world, PASSWORD).await);

    for network in 1..=9 {
        let _ = asks(&world, KIM, &format!("198.51.100.{network}")).await; // most are refused
    }

    asks(&world, KIM, HOME).await.unwrap();
}

async fn an_email_that_leaves_twice_works_in_either_copy_once(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    asks(&world, KIM, HOME).await.unwrap();
    let first = world.sent_now().await;
    // as if the worker had stopped after the mail server took the e-mail
    world.tamper("update outbox set sent_at = null, due_at = 0").await;
    let second = world.sent_now().await;
    assert_eq!((first.len(), second.len()), (1, 1));
    let (first, second) = (token_in(&first[0]), token_in(&second[0]));
    assert_ne!(first, second);

    for token in [&first, &second] {
        assert!(queries::reset_link(&world.state, token).await.is_ok());
    }
    resets(&world, &second, ANOTHER).await.unwrap();

    assert!(has_ended(&resets(&world, &first, "another good horse to ride").await));
    world
        .tamper("update outbox set sent_at = null, due_at = 0 where message = 'password_reset'")
        .await;
    let subjects: Vec<_> =
        world.sent_now().await.into_iter().map(|sent| sent.email.subject).collect();
    assert_eq!(subjects, ["Your Seatkeeper password was changed"], "no copy of a used link leaves");
}

async fn an_email_that_waited_too_long_is_not_sent(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    asks(&world, KIM, HOME).await.unwrap();

    world.clock.pass(Duration::from_hours(1));

    assert_eq!(world.sent_now().await.len(), 0);
    let why = world.texts("select last_error from outbox").await;
    assert_eq!(why, ["The link would not work any more."]);
}

async fn the_database_has_no_token(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let token = token(&world).await;

    let stored = world
        .texts("select id || account_id || kind from account_links")
        .await
        .into_iter()
        .chain(world.texts("select token_hash || link_id from account_link_tokens").await)
        .chain(world.texts("select id || about_id || subject from outbox").await)
        .collect::<String>();

    assert!(stored.contains("lnk_") && !stored.contains(&token), "{stored}");
    let hash = world.texts("select token_hash from account_link_tokens").await.concat();
    assert!(has_ended(&resets(&world, &hash, ANOTHER).await), "a stolen row opens nothing");
}

async fn links_that_are_over_are_removed(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    token(&world).await;
    let count = async || world.texts("select id from account_links").await.len();
    let remove = async || cleanup::remove_expired(&world.state).await.unwrap();

    world.clock.pass(Duration::from_hours(25));
    remove().await;
    assert_eq!(count().await, 1);
    world.clock.pass(Duration::from_secs(1));
    remove().await;

    assert_eq!(count().await, 0);
    assert_eq!(world.texts("select token_hash from account_link_tokens").await, [""; 0]);
}
