//! How long a session lasts, what starts and ends it, and that an open page learns of its end at
//! once.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode, header},
};
use domain::{
    access::Role,
    id::{AccountId, OrganizationId},
    organization::SeatLimit,
};
use futures_util::StreamExt;
use seatkeeper::commands::{
    self, disable_account, grant_membership, set_password, sign_in::SignedIn,
};
use tower::ServiceExt;

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    a_token_has_256_bits_and_only_its_hash_is_stored,
    signing_in_gives_a_new_token_and_ends_the_old_session,
    a_token_that_a_stranger_chose_signs_no_person_in,
    staff_are_signed_out_after_half_an_hour_without_use,
    a_tenant_is_signed_out_after_eight_hours_without_use,
    every_session_ends_after_twelve_hours,
    what_an_open_page_does_by_itself_is_no_use,
    the_last_use_is_written_once_a_minute_at_most,
    a_session_does_not_begin_with_a_password_that_changed_meanwhile,
    more_rights_ask_for_a_new_session,
    signing_out_ends_the_live_connection_at_once,
    a_new_password_ends_the_live_connection_at_once,
    disabling_the_account_ends_the_live_connection_at_once,
    losing_the_membership_ends_the_live_connection_at_once,
    what_another_process_ends_ends_here_at_once,
    a_session_that_runs_out_ends_its_live_connection,
    a_page_that_is_read_keeps_its_live_connection,
    a_page_without_changes_is_notified_of_its_sessions_end,
}

const KIM: &str = "kim@seats.example";
const ADA: &str = "ada@acme.test";

const MINUTE: Duration = Duration::from_mins(1);

async fn account(world: &TestApp, email: &str) -> AccountId {
    AccountId::new(
        world.texts(&format!("select id from accounts where email_key = '{email}'")).await.concat(),
    )
}

/// A staff account, and its session cookie.
async fn kim(world: &TestApp) -> (AccountId, String) {
    world.account(KIM, Role::Staff, &[]).await;
    let account = account(world, KIM).await;
    let cookie = world.cookie_of(&account).await;
    (account, cookie)
}

/// The account of an Acme admin, and its session cookie.
async fn ada(world: &TestApp) -> (AccountId, String) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    let account = account(world, ADA).await;
    let cookie = world.cookie_of(&account).await;
    (account, cookie)
}

async fn is_signed_in(world: &TestApp, cookie: &str) -> bool {
    world.viewer(cookie, &[]).await.is_some()
}

async fn hashes(world: &TestApp) -> Vec<String> {
    world.texts("select token_hash from sessions order by token_hash").await
}

/// The event stream of an open page.
pub struct LiveConnection(BodyDataStream);

impl LiveConnection {
    pub async fn open(world: &TestApp, path: &str, cookie: &str) -> Self {
        let request =
            Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let response = world.router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let mut connection = Self(response.into_body().into_data_stream());
        let first = connection.next().await.unwrap();
        assert!(first.contains("data:") && !first.contains("signed-out"), "{first}");
        connection
    }

    pub async fn next(&mut self) -> Option<String> {
        let said = tokio::time::timeout(Duration::from_secs(5), self.0.next())
            .await
            .expect("the line says nothing for 5 s");
        said.map(|said| String::from_utf8(said.unwrap().to_vec()).unwrap())
    }

    /// The next event says that the session has ended; then the stream ends.
    pub async fn ends(&mut self) {
        let said = self.next().await;
        assert!(said.as_ref().is_some_and(|said| said.contains("event: signed-out")), "{said:?}");
        assert_eq!(self.next().await, None);
    }

    /// No event comes while the stream checks the session twice.
    async fn goes_on(&mut self) {
        let said = tokio::time::timeout(Duration::from_millis(2_500), self.0.next()).await;
        assert!(said.is_err(), "{said:?}");
    }
}

async fn a_token_has_256_bits_and_only_its_hash_is_stored(world: TestApp) {
    let (_, cookie) = kim(&world).await;

    let token = cookie.split_once('=').unwrap().1;
    assert_eq!(token.len(), 43, "32 bytes in base64: {token}");
    let rows = world.texts("select token_hash || ' ' || account_id from sessions").await;
    assert!(rows.len() == 1 && !rows[0].contains(token), "{rows:?}");
    assert!(is_signed_in(&world, &cookie).await);
    let (name, _) = cookie.split_once('=').unwrap();
    assert!(
        !is_signed_in(&world, &format!("{name}={}", hashes(&world).await[0])).await,
        "a stolen row signs no person in"
    );
}

async fn signing_in_gives_a_new_token_and_ends_the_old_session(world: TestApp) {
    let (kim, first) = kim(&world).await;
    let hash = world.texts("select password_hash from accounts").await.concat();

    let second =
        world.begin_session(&first, SignedIn { account: kim, password_hash: hash }).await.unwrap();

    assert_ne!(first, second);
    assert!(!is_signed_in(&world, &first).await && is_signed_in(&world, &second).await);
    let gone = world.end_session(&second).await;
    assert!(gone.contains("=; Max-Age=0; "), "{gone}");
    assert!(!is_signed_in(&world, &second).await);
    assert_eq!(hashes(&world).await, [""; 0]);
}

async fn a_token_that_a_stranger_chose_signs_no_person_in(world: TestApp) {
    let (kim, known) = kim(&world).await;
    let name = known.split_once('=').unwrap().0;
    let chosen = format!("{name}={}", "A".repeat(43));
    let hash = world.texts("select password_hash from accounts").await.concat();

    let given =
        world.begin_session(&chosen, SignedIn { account: kim, password_hash: hash }).await.unwrap();

    assert_ne!(given, chosen);
    assert!(is_signed_in(&world, &given).await && !is_signed_in(&world, &chosen).await);
}

async fn staff_are_signed_out_after_half_an_hour_without_use(world: TestApp) {
    let (_, cookie) = kim(&world).await;

    world.clock.pass(29 * MINUTE);
    assert!(is_signed_in(&world, &cookie).await);
    world.clock.pass(29 * MINUTE);
    assert!(is_signed_in(&world, &cookie).await, "it was used meanwhile");
    world.clock.pass(30 * MINUTE);

    assert!(!is_signed_in(&world, &cookie).await);
}

async fn a_tenant_is_signed_out_after_eight_hours_without_use(world: TestApp) {
    let (_, cookie) = ada(&world).await;

    world.clock.pass((8 * 60 - 1) * MINUTE);
    assert!(is_signed_in(&world, &cookie).await);
    let again = world.cookie_of(&account(&world, ADA).await).await;
    world.clock.pass(8 * 60 * MINUTE);

    assert!(!is_signed_in(&world, &again).await);
}

async fn every_session_ends_after_twelve_hours(world: TestApp) {
    let (_, cookie) = kim(&world).await;

    for _ in 0..35 {
        world.clock.pass(20 * MINUTE);
        assert!(is_signed_in(&world, &cookie).await);
    }
    world.clock.pass(20 * MINUTE);

    assert!(!is_signed_in(&world, &cookie).await, "12 hours");
}

async fn what_an_open_page_does_by_itself_is_no_use(world: TestApp) {
    let (_, cookie) = kim(&world).await;

    for _ in 0..2 {
        world.clock.pass(14 * MINUTE);
        assert!(world.viewer(&cookie, &[("x-seatkeeper-live", "1")]).await.is_some());
        drop(LiveConnection::open(&world, "/live", &cookie).await);
    }
    world.clock.pass(2 * MINUTE);

    assert!(!is_signed_in(&world, &cookie).await);
}

async fn the_last_use_is_written_once_a_minute_at_most(world: TestApp) {
    let (_, cookie) = kim(&world).await;
    let used_at =
        || async { world.texts("select cast(used_at as text) from sessions").await.concat() };
    let begun = used_at().await;

    world.clock.pass(59 * Duration::from_secs(1));
    is_signed_in(&world, &cookie).await;
    assert_eq!(used_at().await, begun);
    world.clock.pass(Duration::from_secs(1));
    is_signed_in(&world, &cookie).await;

    assert_eq!(used_at().await, world.clock.now().nanos().to_string());
}

async fn a_session_does_not_begin_with_a_password_that_changed_meanwhile(world: TestApp) {
    let (kim, _) = kim(&world).await;
    let hash = world.texts("select password_hash from accounts").await.concat();
    let person = SignedIn { account: kim.clone(), password_hash: hash };

    set_password(&world.state, &operator(), KIM, "another good horse".to_owned()).await.unwrap();
    assert_eq!(world.begin_session("", person).await, None);

    let hash = world.texts("select password_hash from accounts").await.concat();
    disable_account(&world.state, &operator(), KIM).await.unwrap();
    assert_eq!(world.begin_session("", SignedIn { account: kim, password_hash: hash }).await, None);
    assert_eq!(hashes(&world).await, [""; 0]);
}

async fn more_rights_ask_for_a_new_session(world: TestApp) {
    let (_, cookie) = ada(&world).await;
    world.organization("org_1002", SeatLimit::Seats(1)).await;

    grant_membership(&world.state, &operator(), ADA, &[OrganizationId::new("org_1002")])
        .await
        .unwrap();

    assert!(!is_signed_in(&world, &cookie).await, "the old token does not get the new right");
}

async fn signing_out_ends_the_live_connection_at_once(world: TestApp) {
    let (_, cookie) = kim(&world).await;
    let other = world.cookie_of(&account(&world, KIM).await).await;
    let (mut connection, mut others) = (
        LiveConnection::open(&world, "/live", &cookie).await,
        LiveConnection::open(&world, "/live", &other).await,
    );

    world.end_session(&cookie).await;

    connection.ends().await;
    others.goes_on().await;
}

async fn a_new_password_ends_the_live_connection_at_once(world: TestApp) {
    let (_, cookie) = kim(&world).await;
    let mut connection = LiveConnection::open(&world, "/live", &cookie).await;

    set_password(&world.state, &operator(), KIM, "another good horse".to_owned()).await.unwrap();

    connection.ends().await;
}

async fn disabling_the_account_ends_the_live_connection_at_once(world: TestApp) {
    let (_, cookie) = ada(&world).await;
    let mut connection =
        LiveConnection::open(&world, &format!("/live?organization={ACME}"), &cookie).await;

    disable_account(&world.state, &operator(), ADA).await.unwrap();

    connection.ends().await;
}

async fn losing_the_membership_ends_the_live_connection_at_once(world: TestApp) {
    let (_, cookie) = ada(&world).await;
    let mut connection =
        LiveConnection::open(&world, &format!("/live?organization={ACME}"), &cookie).await;

    world.left(ACME, "ada").await;

    connection.ends().await;
}

async fn what_another_process_ends_ends_here_at_once(world: TestApp) {
    let (_, cookie) = kim(&world).await;
    let beside = world.beside().await;
    let mut connection = LiveConnection::open(&world, "/live", &cookie).await;

    disable_account(&beside.state, &operator(), KIM).await.unwrap();
    connection.ends().await;

    commands::enable_account(&beside.state, &operator(), KIM).await.unwrap();
    let cookie = world.cookie_of(&account(&world, KIM).await).await;
    let mut connection = LiveConnection::open(&world, "/live", &cookie).await;
    beside.end_session(&cookie).await;
    connection.ends().await;
}

async fn a_session_that_runs_out_ends_its_live_connection(world: TestApp) {
    let (_, cookie) = kim(&world).await;
    let mut connection = LiveConnection::open(&world, "/live", &cookie).await;
    world.clock.pass(29 * MINUTE);
    connection.goes_on().await;

    world.clock.pass(MINUTE);

    connection.ends().await;
}

async fn a_page_that_is_read_keeps_its_live_connection(world: TestApp) {
    let (_, cookie) = kim(&world).await;
    let mut connection = LiveConnection::open(&world, "/live", &cookie).await;
    world.clock.pass(20 * MINUTE);
    assert!(is_signed_in(&world, &cookie).await);

    world.clock.pass(20 * MINUTE);
    connection.goes_on().await;

    world.clock.pass(10 * MINUTE);
    connection.ends().await;
}

async fn a_page_without_changes_is_notified_of_its_sessions_end(world: TestApp) {
    let (_, cookie) = ada(&world).await;
    let mut connection = LiveConnection::open(&world, "/live?only=session", &cookie).await;
    world.joined(ACME, "bob").await;
    connection.goes_on().await;

    world.end_session(&cookie).await;

    connection.ends().await;
}
