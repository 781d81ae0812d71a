//! What is worth a stolen session needs a proof of the last minutes, and a session gets another
//! token with each proof and each change of rights.

use std::time::Duration;

use domain::{access::Role, refusal::Refusal};
use seatkeeper::commands::{
    Error, NewStaffChange, StaffChange, change_staff_account,
    sign_in::{SignIn, sign_in},
};

use crate::{
    deprovisioning::account,
    sessions::LiveConnection,
    support::world::{TestApp, operator, stories},
};

stories! {
    a_proof_lasts_five_minutes_and_the_password_renews_it,
    a_wrong_password_proves_nothing_and_counts_as_a_failed_sign_in,
    a_stolen_token_has_no_part_in_a_later_proof,
    a_new_password_is_a_proof,
    another_role_gives_each_session_another_token,
    requests_under_way_share_one_new_token,
}

const KIM: &str = "kim@seats.example";
const PASSWORD: &str = "correct horse battery";
const ANOTHER: &str = "a passphrase that stays secret";
const FOUR_MINUTES: Duration = Duration::from_mins(4);
/// Longer than any request.
const A_WHILE: Duration = Duration::from_secs(21);

async fn kim(world: &TestApp) -> String {
    world.account(KIM, Role::Staff, &[]).await;
    world.cookie_of(&account(world, KIM).await).await
}

async fn is_signed_in(world: &TestApp, cookie: &str) -> bool {
    world.viewer(cookie, &[]).await.is_some()
}

async fn is_fresh(world: &TestApp, cookie: &str) -> bool {
    match world.fresh_proof(cookie).await {
        Ok(_) => true,
        Err(Error::Refused(Refusal::ProofTooOld) | Error::Missing) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn gives(world: &TestApp, role: Role) {
    let new = NewStaffChange {
        account: account(world, KIM).await,
        change: StaffChange::Role(role),
        expected: None,
    };
    let proof = domain::access::FreshProof::of_command_line();
    assert!(change_staff_account(&world.state, &operator(), &proof, &new).await.unwrap());
}

async fn a_proof_lasts_five_minutes_and_the_password_renews_it(world: TestApp) {
    let cookie = kim(&world).await;
    assert!(is_fresh(&world, &cookie).await, "the password of the sign-in");
    world.clock.pass(FOUR_MINUTES);
    assert!(is_fresh(&world, &cookie).await);
    world.clock.pass(FOUR_MINUTES);
    assert!(!is_fresh(&world, &cookie).await && is_signed_in(&world, &cookie).await);

    let confirmed = world.confirm_identity(&cookie, PASSWORD).await.unwrap();

    assert!(is_fresh(&world, &confirmed).await);
    world.clock.pass(FOUR_MINUTES);
    assert!(is_fresh(&world.beside().await, &confirmed).await, "in every process");
    world.clock.pass(FOUR_MINUTES);
    assert!(!is_fresh(&world, &confirmed).await);
}

async fn a_wrong_password_proves_nothing_and_counts_as_a_failed_sign_in(world: TestApp) {
    let cookie = kim(&world).await;
    world.clock.pass(FOUR_MINUTES * 2);

    let mut refused = Vec::new();
    for _ in 0..12 {
        match world.confirm_identity(&cookie, "a wrong password").await {
            Err(Error::Refused(refusal)) => refused.push(refusal),
            other => panic!("{other:?}"),
        }
    }

    assert_eq!(refused[0], Refusal::PresentPassword);
    assert_eq!(refused[11], Refusal::TooManyAttempts, "as many as at the sign-in");
    let (email, password) = (KIM.to_owned(), PASSWORD.to_owned());
    let source = Some([203, 0, 113, 5].into());
    let attempt = SignIn { email, password, source, device: None };
    let signs_in = sign_in(&world.state, attempt).await;
    assert!(matches!(signs_in, Err(Error::Refused(Refusal::TooManyAttempts))), "{signs_in:?}");
    assert!(!is_fresh(&world, &cookie).await && is_signed_in(&world, &cookie).await);
}

async fn a_stolen_token_has_no_part_in_a_later_proof(world: TestApp) {
    let stolen = kim(&world).await;
    world.clock.pass(FOUR_MINUTES * 2);

    let confirmed = world.confirm_identity(&stolen, PASSWORD).await.unwrap();

    assert_ne!(confirmed, stolen);
    assert!(is_signed_in(&world, &stolen).await, "a request may be under way");
    assert!(is_fresh(&world, &confirmed).await && !is_fresh(&world, &stolen).await);
    world.clock.pass(A_WHILE);
    assert!(!is_signed_in(&world, &stolen).await);
    assert!(is_fresh(&world, &confirmed).await);
}

async fn a_new_password_is_a_proof(world: TestApp) {
    let cookie = kim(&world).await;
    world.clock.pass(FOUR_MINUTES * 2);

    let renewed = world.change_password(&cookie, (PASSWORD, ANOTHER)).await.unwrap();

    assert!(is_fresh(&world, &renewed).await);
    assert!(!is_signed_in(&world, &cookie).await, "no request keeps the old token");
}

async fn another_role_gives_each_session_another_token(world: TestApp) {
    let first = kim(&world).await;
    let second = world.cookie_of(&account(&world, KIM).await).await;
    let mut open = LiveConnection::open(&world, "/live?only=session", &first).await;
    assert_eq!(world.renewed_cookie(&first).await, None, "as long as nothing changes");

    gives(&world, Role::StaffAdmin).await;

    let renewed = world.renewed_cookie(&first).await.expect("another token");
    assert_ne!(renewed, first);
    assert_eq!(world.renewed_cookie(&renewed).await, None, "once");
    assert_eq!(world.viewer(&renewed, &[]).await.unwrap().role, Role::StaffAdmin);
    assert!(is_signed_in(&world, &first).await, "a request may be under way");
    world.clock.pass(A_WHILE);
    assert!(!is_signed_in(&world, &first).await && is_signed_in(&world, &renewed).await);
    assert!(world.renewed_cookie(&second).await.is_some(), "with its next request, however late");
    assert_eq!(open.next().await, None, "it connects again with the new token");
}

async fn requests_under_way_share_one_new_token(world: TestApp) {
    let cookie = kim(&world).await;
    gives(&world, Role::StaffAdmin).await;

    let answers = futures_util::future::join_all((0..4).map(|_| world.renewed_cookie(&cookie)));
    let renewed: Vec<String> = answers.await.into_iter().flatten().collect();

    assert_eq!(renewed.len(), 1, "{renewed:?}");
    assert!(is_signed_in(&world, &renewed[0]).await);
}
