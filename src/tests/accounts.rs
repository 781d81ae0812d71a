//! Who may sign in: an account is disabled, enabled again, and gets another password.

use std::time::Duration;

use domain::{access::Role, id::AccountId, organization::SeatLimit, refusal::Refusal};
use seatkeeper::{
    commands::{
        self, Error, disable_account, enable_account, set_password,
        sign_in::{Passed, SignIn, sign_in},
    },
    jobs::check_invariants,
    queries,
};

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    a_disabled_account_is_out_at_once_and_cannot_sign_in,
    a_new_password_ends_what_the_old_one_began,
    a_disabled_account_gets_no_emails,
    staff_that_come_back_are_missed_by_no_check,
    accounts_are_listed_by_address,
    a_password_is_kept_as_an_argon2id_hash_alone,
}

const KIM: &str = "kim@seats.example";
/// The password of each account that `TestApp::account` makes.
const PASSWORD: &str = "correct horse battery";

async fn signed_in(world: &TestApp, password: &str) -> Result<AccountId, Error> {
    let attempt =
        SignIn { email: KIM.to_owned(), password: password.to_owned(), source: None, device: None };
    match sign_in(&world.state, attempt).await? {
        Passed::In(welcome) => Ok(welcome.person.account),
        other @ Passed::Step(_) => panic!("{other:?}"),
    }
}

/// Inserts a session of this account. There is no cookie, because only the HTTP routes need one.
async fn session(world: &TestApp, account: &AccountId) {
    world
        .tamper(&format!(
            "insert into sessions (token_hash, account_id, created_at, used_at) values ('t', '{account}', {0}, {0})",
            i64::MAX
        ))
        .await;
}

async fn sessions(world: &TestApp) -> usize {
    world.texts("select token_hash from sessions").await.len()
}

async fn a_disabled_account_is_out_at_once_and_cannot_sign_in(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let kim = signed_in(&world, PASSWORD).await.unwrap();
    session(&world, &kim).await;
    assert!(queries::viewer(&world.state, &kim).await.unwrap().is_some());

    assert!(disable_account(&world.state, &operator(), " KIM@seats.example").await.unwrap());

    assert_eq!(
        (queries::viewer(&world.state, &kim).await.unwrap(), sessions(&world).await),
        (None, 0)
    );
    assert!(matches!(signed_in(&world, PASSWORD).await, Err(Error::Refused(Refusal::SignIn))));
    assert!(!disable_account(&world.state, &operator(), KIM).await.unwrap(), "it was out before");

    assert!(enable_account(&world.state, &operator(), KIM).await.unwrap());
    assert_eq!(signed_in(&world, PASSWORD).await.unwrap(), kim);
    assert!(!enable_account(&world.state, &operator(), KIM).await.unwrap());
    let unknown = disable_account(&world.state, &operator(), "unknown@seats.example").await;
    assert!(matches!(unknown, Err(Error::Refused(Refusal::NoAccount(_)))), "{unknown:?}");
}

async fn a_new_password_ends_what_the_old_one_began(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let kim = signed_in(&world, PASSWORD).await.unwrap();
    session(&world, &kim).await;

    let short = set_password(&world.state, &operator(), KIM, "short".to_owned()).await;
    assert!(matches!(short, Err(Error::Refused(Refusal::PasswordTooShort))), "{short:?}");
    assert_eq!(sessions(&world).await, 1);
    set_password(&world.state, &operator(), KIM, "another good horse".to_owned()).await.unwrap();

    assert_eq!(sessions(&world).await, 0);
    assert!(matches!(signed_in(&world, PASSWORD).await, Err(Error::Refused(Refusal::SignIn))));
    assert_eq!(signed_in(&world, "another good horse").await.unwrap(), kim);
}

async fn a_disabled_account_gets_no_emails(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.account(KIM, Role::Staff, &[]).await;
    world.account("ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    world.account("bob@acme.test", Role::TenantAdmin, &[ACME]).await;
    disable_account(&world.state, &operator(), "ada@acme.test").await.unwrap();
    disable_account(&world.state, &operator(), KIM).await.unwrap();

    world.joined(ACME, "cleo").await;
    world.post("no JSON at all").await;

    assert_eq!(world.recipients().await, ["bob@acme.test"]);
}

async fn staff_that_come_back_are_missed_by_no_check(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.clock.pass(Duration::from_hours(1));
    disable_account(&world.state, &operator(), KIM).await.unwrap();
    world.joined(ACME, "cleo").await;
    world.clock.pass(Duration::from_hours(1));

    enable_account(&world.state, &operator(), KIM).await.unwrap();
    world.clock.pass(Duration::from_hours(1));

    assert!(check_invariants::work_off(&world.state).await.unwrap());
    assert_eq!(
        world.texts("select sentence from violations").await,
        [""; 0],
        "there was no recipient"
    );
}

async fn accounts_are_listed_by_address(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    world.account("sam@seats.example", Role::StaffAdmin, &[]).await;
    world.account("ada@acme.test", Role::TenantViewer, &[ACME]).await;
    disable_account(&world.state, &operator(), "sam@seats.example").await.unwrap();

    let rows = queries::accounts(&world.state).await.unwrap();

    let listed: Vec<_> =
        rows.iter().map(|row| (row.email.as_str(), row.role, row.disabled)).collect();
    assert_eq!(
        listed,
        [("ada@acme.test", "tenant-viewer", false), ("sam@seats.example", "staff-admin", true)]
    );
    let organizations = |row: &queries::AccountRow| -> Vec<_> {
        row.organizations.iter().map(|own| (own.id.to_string(), own.role)).collect()
    };
    assert_eq!(organizations(&rows[0]), [(ACME.to_owned(), "tenant-viewer")]);
    assert_eq!(organizations(&rows[1]), []);
    commands::enable_account(&world.state, &operator(), "sam@seats.example").await.unwrap();
}

async fn a_password_is_kept_as_an_argon2id_hash_alone(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    world.account("sam@seats.example", Role::Staff, &[]).await;
    set_password(&world.state, &operator(), KIM, "another good horse".to_owned()).await.unwrap();

    let hashes = world.texts("select password_hash from accounts order by email_key").await;

    // 19 MiB and two passes, as OWASP recommends
    assert!(
        hashes.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")),
        "{hashes:?}"
    );
    assert!(hashes.iter().all(|hash| !hash.contains("horse")), "{hashes:?}");
    let salts: Vec<_> = hashes.iter().filter_map(|hash| hash.split('$').nth(4)).collect();
    assert!(salts.len() == 2 && salts[0] != salts[1], "{hashes:?}");
}
