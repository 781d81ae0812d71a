//! A user who leaves a directory loses the access of the dashboard account with the same e-mail
//! address at once.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
};
use domain::{
    access::Role,
    id::{AccountId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
    resync::ResyncState,
};
use http_body_util::BodyExt;
use seatkeeper::{
    commands::{Error, grant_membership},
    queries,
};
use tokio::time::timeout;
use tower::ServiceExt;

use crate::support::{
    scalekit::Scalekit,
    world::{ACME, TestApp, operator, stories},
};

stories! {
    a_deactivated_person_is_refused_at_the_next_request,
    a_removed_person_is_refused_at_the_next_request,
    a_person_a_resync_finds_missing_is_refused,
    an_open_page_receives_nothing_more,
    a_duplicate_email_who_is_still_there_keeps_the_account,
    staff_keep_theirs,
    coming_back_gives_nothing_back,
    another_organization_is_kept,
    an_address_that_is_changed_on_the_way_out_hides_no_person,
    a_late_event_about_a_person_who_left_takes_nothing,
    an_organization_that_ends_takes_its_peoples_access_and_a_revival_gives_nothing_back,
    a_directory_that_is_switched_off_or_deleted_takes_no_access_away,
}

pub const ADA: &str = "ada@acme.test";
const OTHER: &str = "org_1002";

/// The organization Acme with the user Ada, who is also one of its admins.
pub async fn acme_with_ada(world: &TestApp) -> AccountId {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    world.account(" Ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    world.account("bob@acme.test", Role::TenantViewer, &[ACME]).await;
    account(world, ADA).await
}

pub async fn account(world: &TestApp, email: &str) -> AccountId {
    let ids = world.texts(&format!("select id from accounts where email_key = '{email}'")).await;
    AccountId::new(ids.concat())
}

/// Signs the account in and returns its session cookie.
pub async fn signed_in(world: &TestApp, account: &AccountId) -> String {
    world.cookie_of(account).await
}

async fn listen(world: &TestApp, organization: &str, cookie: &str) -> Response {
    let request =
        Request::get(format!("/live?organization={organization}")).header(header::COOKIE, cookie);
    world.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

pub async fn asks(world: &TestApp, organization: &str, cookie: &str) -> StatusCode {
    listen(world, organization, cookie).await.status()
}

/// The organizations that an account may see, and the number of its sessions.
pub async fn rights(world: &TestApp, account: &AccountId) -> (Vec<OrganizationId>, usize) {
    let sessions = world
        .texts(&format!("select token_hash from sessions where account_id = '{account}'"))
        .await
        .len();
    let viewer = queries::viewer(&world.state, account).await.unwrap().unwrap();
    (viewer.organizations.into_keys().collect(), sessions)
}

pub fn all_of(organizations: &[&str]) -> Vec<OrganizationId> {
    organizations.iter().map(|id| OrganizationId::new(*id)).collect()
}

pub async fn endings(world: &TestApp) -> Vec<String> {
    let columns = "actor || ': ' || before_value || ', ' || reason";
    world
        .texts(&format!(
            "select {columns} from audit_log where action = 'end_membership' order by at, id"
        ))
        .await
}

async fn a_deactivated_person_is_refused_at_the_next_request(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    let (here, there) = (signed_in(&world, &ada).await, signed_in(&world, &ada).await);
    let bob = account(&world, "bob@acme.test").await;
    signed_in(&world, &bob).await;
    assert_eq!(
        (asks(&world, ACME, &here).await, asks(&world, ACME, &there).await),
        (StatusCode::OK, StatusCode::OK)
    );

    world.deactivated(ACME, "ada").await;

    assert_eq!(
        (asks(&world, ACME, &here).await, asks(&world, ACME, &there).await),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
    );
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
    assert_eq!(rights(&world, &bob).await, (all_of(&[ACME]), 1));
    let again = signed_in(&world, &ada).await;
    assert_eq!(
        asks(&world, ACME, &again).await,
        StatusCode::NOT_FOUND,
        "signing in again does not help"
    );
    let event = world
        .texts("select event_id from deliveries order by received_at desc limit 1")
        .await
        .concat();
    assert_eq!(
        endings(&world).await,
        [format!("{event}: Ada@acme.test, Switched off in the directory")]
    );
    world.check().await;
}

async fn a_removed_person_is_refused_at_the_next_request(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;

    world.left(ACME, "ada").await;

    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND);
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
    assert!(
        endings(&world).await.concat().ends_with(": Ada@acme.test, Removed from the directory")
    );
}

async fn a_person_a_resync_finds_missing_is_refused(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[6]).await;
    scalekit.resync(false).await;
    let acme = OrganizationId::new(ACME);
    let two = scalekit.simulator.look(|w| {
        let people = w
            .organization(&acme)
            .unwrap()
            .people()
            .map(|(_, person)| (person.id(), person.email()));
        people.take(2).collect::<Vec<_>>()
    });
    for (_, email) in &two {
        world.account(email, Role::TenantAdmin, &[ACME]).await;
    }
    let (gone, off) = (account(&world, &two[0].1).await, account(&world, &two[1].1).await);
    let cookies = (signed_in(&world, &gone).await, signed_in(&world, &off).await);
    // no webhook reports these two changes
    scalekit.happens(&world, |w, now| w.fire(&acme, &two[0].0, now)).await;
    scalekit.happens(&world, |w, now| w.deactivate(&acme, &two[1].0, now)).await;

    let run = scalekit.resync(false).await;

    assert_eq!(run.state, ResyncState::Done);
    let not_found = (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND);
    assert_eq!(
        (asks(&world, ACME, &cookies.0).await, asks(&world, ACME, &cookies.1).await),
        not_found
    );
    assert_eq!(
        (rights(&world, &gone).await, rights(&world, &off).await),
        ((all_of(&[]), 0), (all_of(&[]), 0))
    );
    let mut found = endings(&world).await;
    found.sort();
    let mut expected = [
        format!("resync: {}, Removed from the directory", two[0].1),
        format!("resync: {}, Switched off in the directory", two[1].1),
    ];
    expected.sort();
    assert_eq!(found, expected);
}

async fn an_open_page_receives_nothing_more(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    let bob = account(&world, "bob@acme.test").await;
    let mut of_ada = listen(&world, ACME, &signed_in(&world, &ada).await).await.into_body();
    let mut of_bob = listen(&world, ACME, &signed_in(&world, &bob).await).await.into_body();
    of_ada.frame().await.unwrap().unwrap();
    of_bob.frame().await.unwrap().unwrap();

    world.left(ACME, "ada").await;

    let patience = Duration::from_secs(10);
    let more = timeout(patience, of_bob.frame()).await.unwrap().unwrap().unwrap();
    assert!(more.into_data().unwrap().starts_with(b"data: "), "Bob's page still gets its changes");
    let last = timeout(patience, of_ada.frame()).await.unwrap().unwrap().unwrap();
    assert!(
        last.into_data().unwrap().starts_with(b"event: signed-out"),
        "Ada's page gets the reason"
    );
    assert!(timeout(patience, of_ada.frame()).await.unwrap().is_none(), "Ada's line has ended");
}

async fn a_duplicate_email_who_is_still_there_keeps_the_account(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;
    let duplicate =
        |kind, active| world.body(ACME, "ada", kind, active).replace("diruser_ada", "diruser_ada2");
    world.post(&duplicate("organization.directory.user_created", "\"active\":true,")).await;

    world.left(ACME, "ada").await;
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::OK);
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 1));

    world.clock.pass(Duration::from_secs(1));
    world.post(&duplicate("organization.directory.user_updated", "\"active\":false,")).await;
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND);
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
}

async fn staff_keep_theirs(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    world.account(ADA, Role::Staff, &[]).await;
    let ada = account(&world, ADA).await;
    // no command makes such a membership; if there is one, the directory must not end it
    world.tamper(&format!("insert into account_organizations (organization_id, account_id) values ('{ACME}', '{ada}')")).await;
    let cookie = signed_in(&world, &ada).await;

    world.deactivated(ACME, "ada").await;
    world.left(ACME, "ada").await;

    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::OK);
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 1));
    assert_eq!(endings(&world).await, [""; 0]);
}

async fn coming_back_gives_nothing_back(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;
    world.deactivated(ACME, "ada").await;

    world.joined(ACME, "ada").await;

    assert_eq!(world.usage(ACME).await.used, 2, "the seat is back");
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND);
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
    // only a person gives the access back
    let acme = [OrganizationId::new(ACME)];
    assert!(matches!(
        grant_membership(&world.state, &operator(), ADA, &[OrganizationId::new(OTHER)]).await,
        Err(Error::Missing)
    ));
    assert_eq!(
        grant_membership(&world.state, &operator(), " ADA@acme.test", &acme).await.unwrap(),
        1
    );
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 0));
    assert_eq!(
        grant_membership(&world.state, &operator(), ADA, &acme).await.unwrap(),
        0,
        "they see it already"
    );
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let staff = grant_membership(&world.state, &operator(), "sam@seats.example", &acme).await;
    assert!(matches!(staff, Err(Error::Refused(Refusal::StaffSeeEverything))), "{staff:?}");
}

async fn another_organization_is_kept(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    world.account(ADA, Role::TenantAdmin, &[ACME, OTHER]).await;
    let ada = account(&world, ADA).await;
    let cookie = signed_in(&world, &ada).await;

    world.left(ACME, "ada").await;

    assert_eq!(rights(&world, &ada).await, (all_of(&[OTHER]), 0));
    assert_eq!(asks(&world, OTHER, &cookie).await, StatusCode::NOT_FOUND, "that session is over");
    let again = signed_in(&world, &ada).await;
    assert_eq!(
        (asks(&world, OTHER, &again).await, asks(&world, ACME, &again).await),
        (StatusCode::OK, StatusCode::NOT_FOUND)
    );
}

async fn an_address_that_is_changed_on_the_way_out_hides_no_person(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    world.clock.pass(Duration::from_secs(1));

    let off = world
        .body(ACME, "ada", "organization.directory.user_updated", "\"active\":false,")
        .replace(ADA, "deleted.17@acme.test");
    world.post(&off).await;

    assert_eq!(
        world
            .people(ACME)
            .await
            .iter()
            .filter(|row| row.email.as_ref().is_some_and(|email| *email == "deleted.17@acme.test"))
            .count(),
        1
    );
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
}

async fn a_late_event_about_a_person_who_left_takes_nothing(world: TestApp) {
    let late = world.body(ACME, "ada", "organization.directory.user_updated", "\"active\":false,");
    world.clock.pass(Duration::from_secs(5));
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;

    world.post(&late).await;

    assert_eq!(world.outcomes().await.last().map(String::as_str), Some("stale"));
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::OK);
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 1));
}

async fn an_organization_that_ends_takes_its_peoples_access_and_a_revival_gives_nothing_back(
    world: TestApp,
) {
    let ada = acme_with_ada(&world).await;
    world.account("owner@elsewhere.test", Role::TenantAdmin, &[ACME]).await;
    let owner = account(&world, "owner@elsewhere.test").await;
    let cookie = signed_in(&world, &ada).await;
    for (kind, data) in
        [("organization.deleted", ""), ("organization.created", ",\"display_name\":\"Acme\"")]
    {
        world.clock.pass(Duration::from_secs(1));
        let (n, at) = (world.number(), world.clock.now().rfc3339());
        let body = format!(
            r#"{{"id":"evt_{n}","type":"{kind}","occurred_at":"{at}","organization_id":"{ACME}","data":{{"id":"{ACME}"{data}}}}}"#
        );
        assert_eq!(world.post(&body).await, StatusCode::OK);
        assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND, "{kind}");
    }
    world.joined(ACME, "ada").await;

    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
    assert_eq!(
        rights(&world, &owner).await.0,
        all_of(&[ACME]),
        "no directory user was ever behind this account"
    );
    let ended = endings(&world).await;
    assert_eq!(ended.len(), 2, "Ada's and Bob's: {ended:?}");
    assert!(ended[0].ends_with("The organization was deleted in Scalekit"));
}

async fn a_directory_that_is_switched_off_or_deleted_takes_no_access_away(world: TestApp) {
    let ada = acme_with_ada(&world).await;
    for kind in ["organization.directory_disabled", "organization.directory_deleted"] {
        world.clock.pass(Duration::from_secs(1));
        let (n, at) = (world.number(), world.clock.now().rfc3339());
        let body = format!(
            r#"{{"id":"evt_{n}","type":"{kind}","occurred_at":"{at}","organization_id":"{ACME}","data":{{"id":"dir_1"}}}}"#
        );
        assert_eq!(world.post(&body).await, StatusCode::OK);
    }

    assert_eq!(world.usage(ACME).await.used, 2, "the seats are kept, and what belongs to them");
    assert_eq!(rights(&world, &ada).await.0, all_of(&[ACME]));
}
