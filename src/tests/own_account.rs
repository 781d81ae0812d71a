//! What an account's owner changes: the name, the password and the sessions.

use std::time::Duration;

use domain::{access::Role, id::SessionId, refusal::Refusal};
use seatkeeper::{
    commands::{
        self, Actor, Error,
        login_throttle::Visitor,
        sign_in::{SignIn, sign_in},
    },
    queries,
};
use views::account::OwnSession;

use crate::{
    deprovisioning::account,
    sessions::LiveConnection,
    support::world::{TestApp, stories},
};

stories! {
    a_new_name_is_shown_and_recorded,
    a_new_password_ends_the_other_sessions_and_this_one_goes_on_with_a_new_token,
    a_wrong_present_password_changes_nothing_and_counts_as_a_failed_sign_in,
    a_new_password_keeps_the_rules_and_a_weak_one_costs_no_attempt,
    two_changes_of_a_password_at_once_make_one,
    each_session_says_where_it_is_and_when_it_was_used,
    one_session_is_ended_and_its_open_page_is_told_in_every_process,
    all_other_sessions_are_ended,
    a_session_of_another_account_is_not_ended,
    a_test_email_goes_to_the_person_who_asks_for_it,
}

const KIM: &str = "kim@seats.example";
const SAM: &str = "sam@seats.example";
/// The password of each account that `TestApp::account` makes.
const PASSWORD: &str = "correct horse battery";
const ANOTHER: &str = "a passphrase that stays secret";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// The session cookie of a staff account.
async fn kim(world: &TestApp) -> String {
    world.account(KIM, Role::Staff, &[]).await;
    another_of_kim(world).await
}

async fn another_of_kim(world: &TestApp) -> String {
    world.cookie_of(&account(world, KIM).await).await
}

async fn is_signed_in(world: &TestApp, cookie: &str) -> bool {
    world.viewer(cookie, &[]).await.is_some()
}

async fn signs_in(world: &TestApp, password: &str) -> Result<(), Error> {
    let (email, password) = (KIM.to_owned(), password.to_owned());
    let source = Some([203, 0, 113, 5].into());
    sign_in(&world.state, SignIn { email, password, source, device: None }).await.map(|_| ())
}

async fn log(world: &TestApp, action: &str) -> Vec<String> {
    let select = "select actor || ': ' || coalesce(before_value, '') || ' → ' || \
        coalesce(after_value, '') from audit_log where action = ";
    world.texts(&format!("{select}'{action}' order by at, id")).await
}

/// The sessions as the page of this session shows them.
async fn listed(world: &TestApp, cookie: &str) -> Vec<OwnSession> {
    let viewer = world.viewer(cookie, &[]).await.unwrap();
    let this = world.session_id(cookie).await;
    queries::own_account(&world.state, &viewer, this.as_ref()).await.unwrap().sessions
}

async fn ends(world: &TestApp, cookie: &str, session: &SessionId) -> bool {
    let viewer = world.viewer(cookie, &[]).await.unwrap();
    commands::end_session(&world.state, &Actor::of_viewer(&viewer), &viewer, session).await.unwrap()
}

async fn a_new_name_is_shown_and_recorded(world: TestApp) {
    let cookie = kim(&world).await;
    let viewer = world.viewer(&cookie, &[]).await.unwrap();
    let actor = Actor::of_viewer(&viewer);
    let set = |name: &'static str| commands::set_name(&world.state, &actor, &viewer, name);

    assert!(set("  Kim Park ").await.unwrap());
    assert!(!set(KIM).await.unwrap(), "the name that the viewer had");
    for name in ["", "  ", "Kim\nPark"] {
        assert!(matches!(set(name).await, Err(Error::Refused(Refusal::Name))), "{name:?}");
    }

    assert_eq!(world.viewer(&cookie, &[]).await.unwrap().name, "Kim Park", "the session goes on");
    assert_eq!(log(&world, "set_name").await, [format!("{KIM}: {KIM} → Kim Park")]);
}

async fn a_new_password_ends_the_other_sessions_and_this_one_goes_on_with_a_new_token(
    world: TestApp,
) {
    let first = kim(&world).await;
    let other = another_of_kim(&world).await;
    let mut open = LiveConnection::open(&world, "/live", &other).await;
    let mut mine = LiveConnection::open(&world, "/live", &first).await;

    let renewed = world.change_password(&first, (PASSWORD, ANOTHER)).await.unwrap();

    open.ends().await;
    assert_eq!(mine.next().await, None, "it connects again with the new token, and covers no page");
    assert_ne!(renewed, first);
    for (cookie, goes_on) in [(&renewed, true), (&first, false), (&other, false)] {
        assert_eq!(is_signed_in(&world, cookie).await, goes_on);
    }
    assert!(signs_in(&world, PASSWORD).await.is_err());
    signs_in(&world, ANOTHER).await.unwrap();
    assert_eq!(log(&world, "change_password").await.len(), 1);
    let sent = world.sent().await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, KIM));
    assert_eq!(sent[0].email.subject, "Your Seatkeeper password was changed");
}

async fn a_wrong_present_password_changes_nothing_and_counts_as_a_failed_sign_in(world: TestApp) {
    let cookie = kim(&world).await;
    // it is too long to be hashed, so that the attempts are quick
    let wrong = "w".repeat(2_000);

    for _ in 0..10 {
        let refused = world.change_password(&cookie, (&wrong, ANOTHER)).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::PresentPassword))), "{refused:?}");
    }

    let refused = world.change_password(&cookie, (PASSWORD, ANOTHER)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::TooManyAttempts))), "{refused:?}");
    let refused = signs_in(&world, PASSWORD).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::TooManyAttempts))), "{refused:?}");
    assert!(is_signed_in(&world, &cookie).await);
    world.clock.pass(Duration::from_secs(90));
    world.change_password(&cookie, (PASSWORD, ANOTHER)).await.unwrap();
}

async fn a_new_password_keeps_the_rules_and_a_weak_one_costs_no_attempt(world: TestApp) {
    let cookie = kim(&world).await;

    for _ in 0..12 {
        let refused = world.change_password(&cookie, (PASSWORD, "short")).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::PasswordTooShort))), "{refused:?}");
    }
    let refused = world.change_password(&cookie, (PASSWORD, "password1234")).await;
    let Err(Error::Refused(Refusal::PasswordTooWeak(why))) = refused else { panic!("{refused:?}") };
    assert!(why.contains("very common password"), "{why}");

    signs_in(&world, PASSWORD).await.unwrap();
}

async fn two_changes_of_a_password_at_once_make_one(world: TestApp) {
    let cookies = [kim(&world).await, another_of_kim(&world).await];

    let (one, other) = tokio::join!(
        world.change_password(&cookies[0], (PASSWORD, ANOTHER)),
        world.change_password(&cookies[1], (PASSWORD, "another good horse to ride")),
    );

    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let (kept, password) =
        one.map_or_else(|_| (other.unwrap(), "another good horse to ride"), |one| (one, ANOTHER));
    assert!(is_signed_in(&world, &kept).await);
    signs_in(&world, password).await.unwrap();
    assert_eq!(log(&world, "change_password").await.len(), 1);
}

async fn each_session_says_where_it_is_and_when_it_was_used(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let kim = account(&world, KIM).await;
    let begun = world.clock.now();
    let firefox = world.cookie_of_browser(&kim, FIREFOX).await;
    world.clock.pass(Duration::from_mins(2));
    world.cookie_of_browser(&kim, CHROME).await;
    world.clock.pass(Duration::from_mins(1));

    let sessions = listed(&world, &firefox).await;

    let words: Vec<_> = sessions.iter().map(|one| (one.device.as_str(), one.is_this)).collect();
    assert_eq!(words, [("Firefox on Linux", true), ("Chrome on Windows", false)]);
    assert_eq!((sessions[0].signed_in_at, sessions[0].used_at), (begun, world.clock.now()));
    world.clock.pass(Duration::from_mins(29));
    is_signed_in(&world, &firefox).await;
    let left = listed(&world, &firefox).await;
    assert_eq!(left.len(), 1, "one that has expired is not listed");
}

async fn one_session_is_ended_and_its_open_page_is_told_in_every_process(world: TestApp) {
    let (mine, other) = (kim(&world).await, another_of_kim(&world).await);
    let beside = world.beside().await;
    let mut open = LiveConnection::open(&beside, "/live", &other).await;
    let session = world.session_id(&other).await.unwrap();

    assert!(ends(&world, &mine, &session).await);

    open.ends().await;
    assert!(!is_signed_in(&beside, &other).await && is_signed_in(&world, &mine).await);
    assert!(!ends(&world, &mine, &session).await, "it has ended already");
    assert_eq!(log(&world, "end_session").await, [format!("{KIM}: Unknown browser → ")]);
    beside.close().await;
}

async fn all_other_sessions_are_ended(world: TestApp) {
    let mine = kim(&world).await;
    let others = [another_of_kim(&world).await, another_of_kim(&world).await];
    let (viewer, this) =
        (world.viewer(&mine, &[]).await.unwrap(), world.session_id(&mine).await.unwrap());
    let actor = Actor::of_viewer(&viewer);
    let end = || commands::end_other_sessions(&world.state, &actor, &viewer, &this);

    assert_eq!((end().await.unwrap(), end().await.unwrap()), (2, 0));

    assert!(is_signed_in(&world, &mine).await);
    for other in &others {
        assert!(!is_signed_in(&world, other).await);
    }
    assert_eq!(log(&world, "end_other_sessions").await, [format!("{KIM}: 2 sessions → ")]);
}

async fn a_session_of_another_account_is_not_ended(world: TestApp) {
    let mine = kim(&world).await;
    world.account(SAM, Role::Staff, &[]).await;
    let theirs = world.cookie_of(&account(&world, SAM).await).await;
    let session = world.session_id(&theirs).await.unwrap();

    assert!(!ends(&world, &mine, &session).await);

    assert!(is_signed_in(&world, &theirs).await);
    assert_eq!(log(&world, "end_session").await, [""; 0]);
    assert!(!listed(&world, &mine).await.iter().any(|one| one.id == session));
}

/// Where requests come from.
pub fn visitor(network: &str) -> Visitor {
    Visitor { source: Some(network.parse().unwrap()), device: None }
}

async fn a_test_email_goes_to_the_person_who_asks_for_it(world: TestApp) {
    let cookie = kim(&world).await;
    let viewer = world.viewer(&cookie, &[]).await.unwrap();

    commands::send_test_email(&world.state, &Actor::of_viewer(&viewer), &viewer).await.unwrap();

    let queued = "select recipient || ': ' || message from outbox";
    assert_eq!(world.texts(queued).await, ["kim@seats.example: test_email"]);
    assert_eq!(log(&world, "send_test_email").await.len(), 1);
}
