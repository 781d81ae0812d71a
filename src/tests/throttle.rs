//! Failed sign-ins: an attacker cannot guess without limit and cannot lock the owner out.

use std::{collections::HashSet, net::IpAddr, time::Duration};

use domain::{access::Role, refusal::Refusal};
use seatkeeper::commands::{
    Error, begin_first_passkey,
    login_throttle::{self, Visitor},
    sign_in::{Passed, SignIn, Welcome, sign_in},
};

use crate::support::world::{TestApp, stories};

stories! {
    the_counters_survive_a_restart,
    the_counters_hold_for_two_processes,
    a_strangers_failures_do_not_lock_the_owner_out_of_a_known_device,
    a_strangers_failures_do_not_lock_the_owner_out_of_a_known_network,
    strangers_in_many_networks_slow_a_new_device_and_do_not_lock_it_out,
    an_unknown_address_is_limited_like_a_known_one,
    an_ipv6_customer_is_one_source,
    only_failures_count,
    a_stolen_device_cookie_guesses_no_longer_than_a_stranger,
    a_device_is_known_for_its_own_account_alone,
    at_most_twenty_devices_of_an_account_are_known,
    a_refused_attempt_does_not_wait_for_the_database_again,
    attempts_at_the_same_time_are_limited_together,
    a_network_asks_for_so_many_first_passkeys,
    counters_and_devices_that_mean_nothing_any_more_are_removed,
}

const KIM: &str = "kim@seats.example";
/// The password of each account that `TestApp::account` makes.
const PASSWORD: &str = "correct horse battery";
const HOME: &str = "203.0.113.5";
const ELSEWHERE: &str = "198.51.100.7";
/// The number of failures for one e-mail address from one network before attempts are refused.
const LIMIT: usize = 10;

async fn attempt(
    world: &TestApp,
    email: &str,
    password: &str,
    (source, device): (&str, Option<&str>),
) -> Result<Welcome, Error> {
    let (email, password, device) =
        (email.to_owned(), password.to_owned(), device.map(str::to_owned));
    let source = Some(source.parse::<IpAddr>().unwrap());
    let passed = sign_in(&world.state, SignIn { email, password, source, device }).await?;
    let Passed::In(welcome) = passed else { panic!("{passed:?}") };
    Ok(welcome)
}

/// A wrong password that is too long to be hashed, so that the attempt is quick.
fn wrong() -> String {
    "w".repeat(2_000)
}

/// How many of `most` wrong passwords are checked, not refused by the throttle.
async fn guesses(world: &TestApp, email: &str, source: &str, most: usize) -> usize {
    let mut looked_at = 0;
    for _ in 0..most {
        match attempt(world, email, &wrong(), (source, None)).await {
            Err(Error::Refused(Refusal::SignIn)) => looked_at += 1,
            Err(Error::Refused(Refusal::TooManyAttempts)) => {}
            other => panic!("{other:?}"),
        }
    }
    looked_at
}

fn is_refused(outcome: &Result<Welcome, Error>) -> bool {
    matches!(outcome, Err(Error::Refused(Refusal::TooManyAttempts)))
}

async fn the_counters_survive_a_restart(mut world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    assert_eq!(guesses(&world, KIM, ELSEWHERE, LIMIT + 2).await, LIMIT);

    world.crash().await;

    assert_eq!(guesses(&world, KIM, ELSEWHERE, 3).await, 0);
    assert!(
        is_refused(&attempt(&world, KIM, PASSWORD, (ELSEWHERE, None)).await),
        "the right password is refused there, too"
    );
    world.clock.pass(Duration::from_secs(90));
    assert_eq!(guesses(&world, KIM, ELSEWHERE, 3).await, 1, "one more each 90 seconds");
}

async fn the_counters_hold_for_two_processes(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let other = world.beside().await;

    let mut looked_at = 0;
    for _ in 0..LIMIT {
        looked_at +=
            guesses(&world, KIM, ELSEWHERE, 1).await + guesses(&other, KIM, ELSEWHERE, 1).await;
    }

    assert_eq!(looked_at, LIMIT);
    other.close().await;
}

async fn a_strangers_failures_do_not_lock_the_owner_out_of_a_known_device(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let device = attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap().device;

    // also from the owner's own network, as behind a shared proxy
    for source in [HOME, ELSEWHERE] {
        guesses(&world, KIM, source, 3 * LIMIT).await;
    }

    let again = attempt(&world, KIM, PASSWORD, (HOME, None)).await;
    assert!(is_refused(&again), "a device that is not known: {again:?}");
    let mut device = device;
    for source in [HOME, ELSEWHERE, "192.0.2.99"] {
        device = attempt(&world, KIM, PASSWORD, (source, Some(&device))).await.unwrap().device;
    }
}

async fn a_strangers_failures_do_not_lock_the_owner_out_of_a_known_network(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap();

    for stranger in 1..=40 {
        guesses(&world, KIM, &format!("198.51.100.{stranger}"), LIMIT).await;
    }

    attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap();
}

async fn strangers_in_many_networks_slow_a_new_device_and_do_not_lock_it_out(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    let mut looked_at = 0;
    for stranger in 1..=50 {
        looked_at += guesses(&world, KIM, &format!("198.51.100.{stranger}"), LIMIT).await;
    }

    assert_eq!(looked_at, 50, "of 500");
    assert!(is_refused(&attempt(&world, KIM, PASSWORD, (HOME, None)).await));
    world.clock.pass(Duration::from_secs(72));
    attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap();
}

async fn an_unknown_address_is_limited_like_a_known_one(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    for email in [KIM, "unknown@seats.example"] {
        assert_eq!(guesses(&world, email, ELSEWHERE, 2 * LIMIT).await, LIMIT, "{email}");
        assert_eq!(
            guesses(&world, &format!(" {} ", email.to_uppercase()), ELSEWHERE, 1).await,
            0,
            "{email}"
        );
    }
}

async fn an_ipv6_customer_is_one_source(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    let mut looked_at = 0;
    for host in 1..=LIMIT * 2 {
        looked_at += guesses(&world, KIM, &format!("2001:db8:1:2::{host:x}"), 1).await;
    }

    assert_eq!(looked_at, LIMIT);
    assert_eq!(guesses(&world, KIM, "2001:db8:1:3::1", 1).await, 1, "another network");
    assert_eq!(guesses(&world, KIM, "::ffff:198.51.100.7", 2 * LIMIT).await, LIMIT);
    assert_eq!(guesses(&world, KIM, ELSEWHERE, 1).await, 0, "the same client by IPv4");
}

async fn only_failures_count(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;

    for _ in 0..LIMIT * 2 {
        attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap();
    }

    assert_eq!(guesses(&world, KIM, HOME, 2 * LIMIT).await, LIMIT);
}

async fn a_stolen_device_cookie_guesses_no_longer_than_a_stranger(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let device = attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap().device;

    let mut looked_at = 0;
    for source in 1..=LIMIT * 2 {
        let outcome =
            attempt(&world, KIM, &wrong(), (&format!("198.51.100.{source}"), Some(&device))).await;
        looked_at += usize::from(!is_refused(&outcome));
    }

    assert_eq!(looked_at, LIMIT);
    attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap();
}

async fn a_device_is_known_for_its_own_account_alone(world: TestApp) {
    for email in [KIM, "ada@seats.example"] {
        world.account(email, Role::Staff, &[]).await;
    }
    let first = attempt(&world, "ada@seats.example", PASSWORD, (HOME, None)).await.unwrap().device;
    assert_eq!(guesses(&world, KIM, HOME, 2 * LIMIT).await, LIMIT);
    assert!(is_refused(&attempt(&world, KIM, PASSWORD, (HOME, Some(&first))).await), "it is Ada's");
    world.clock.pass(Duration::from_secs(90));

    // One browser signs in to two accounts with one cookie, and its token changes each time.
    let both = attempt(&world, KIM, PASSWORD, (HOME, Some(&first))).await.unwrap().device;
    guesses(&world, KIM, HOME, 2 * LIMIT).await;
    guesses(&world, "ada@seats.example", HOME, 2 * LIMIT).await;

    let last = attempt(&world, KIM, PASSWORD, (HOME, Some(&both))).await.unwrap().device;
    assert!(
        is_refused(&attempt(&world, KIM, PASSWORD, (HOME, Some(&both))).await),
        "a token that was replaced"
    );
    attempt(&world, "ada@seats.example", PASSWORD, (HOME, Some(&last))).await.unwrap();
    assert_eq!(HashSet::from([first, both, last]).len(), 3);
    assert_eq!(world.texts("select token_hash from known_devices").await.len(), 2);
}

async fn at_most_twenty_devices_of_an_account_are_known(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    for _ in 0..22 {
        attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap();
        world.clock.pass(Duration::from_secs(1));
    }

    assert_eq!(world.texts("select token_hash from known_devices").await.len(), 20);
}

async fn a_refused_attempt_does_not_wait_for_the_database_again(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    guesses(&world, KIM, ELSEWHERE, LIMIT + 1).await;
    let _writer = world.hold_everything().await;

    let again = attempt(&world, KIM, PASSWORD, (ELSEWHERE, None));

    let refused =
        tokio::time::timeout(Duration::from_secs(2), again).await.expect("it waits for the writer");
    assert!(is_refused(&refused));
}

async fn attempts_at_the_same_time_are_limited_together(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let other = world.beside().await;

    let at_once = (0..20)
        .flat_map(|_| [guesses(&world, KIM, ELSEWHERE, 1), guesses(&other, KIM, ELSEWHERE, 1)]);
    let looked_at: usize = futures_util::future::join_all(at_once).await.into_iter().sum();

    assert_eq!(looked_at, LIMIT);
    other.close().await;
}

async fn a_network_asks_for_so_many_first_passkeys(world: TestApp) {
    let from = |source: &str| Visitor { source: Some(source.parse().unwrap()), device: None };
    let (here, home) = (from(ELSEWHERE), from(HOME));
    let ask = || begin_first_passkey(&world.state, "made up", &here);

    let answers = futures_util::future::join_all((0..1_010).map(|_| ask())).await;

    let is = |refusal: &Refusal| {
        let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
        refused.filter(|why| matches!(why, Error::Refused(one) if one == refusal)).count()
    };
    assert_eq!((is(&Refusal::StepOver), is(&Refusal::TooManyAttempts)), (1_000, 10));
    let another = begin_first_passkey(&world.state, "made up", &home).await;
    assert!(matches!(another, Err(Error::Refused(Refusal::StepOver))));
}

async fn counters_and_devices_that_mean_nothing_any_more_are_removed(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    attempt(&world, KIM, PASSWORD, (HOME, None)).await.unwrap();
    guesses(&world, KIM, ELSEWHERE, LIMIT).await;
    let counters = "select key from sign_in_counters where full_at > 0";
    login_throttle::remove_expired(&world.state).await.unwrap();
    assert!(!world.texts(counters).await.is_empty());

    world.clock.pass(Duration::from_hours(2));
    login_throttle::remove_expired(&world.state).await.unwrap();
    assert_eq!(world.texts(counters).await, [""; 0]);
    assert_eq!(world.texts("select token_hash from known_devices").await.len(), 1);

    world.clock.pass(login_throttle::DEVICE_LASTS);
    login_throttle::remove_expired(&world.state).await.unwrap();
    assert_eq!(world.texts("select token_hash from known_devices").await, [""; 0]);
}
