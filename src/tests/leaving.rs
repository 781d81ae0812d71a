//! Whoever leaves a directory and has a dashboard account by the same address is out of that organization at once.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
    routing::post,
};
use http_body_util::BodyExt;
use seatkeeper::{
    acts::{Error, grant_membership},
    domain::{
        access::Role,
        id::{AccountId, OrganizationId},
        organization::SeatLimit,
        refusal::Refusal,
        resync::ResyncState,
    },
    http::session,
    reads,
};
use tower::ServiceExt;
use tower_sessions::Session;

use crate::support::{
    scalekit::Scalekit,
    world::{ACME, World, stories},
};

stories! {
    whoever_is_switched_off_is_refused_at_the_next_request,
    whoever_is_removed_is_refused_at_the_next_request,
    whoever_a_resync_finds_gone_is_refused,
    an_open_page_hears_nothing_more,
    a_twin_who_is_still_there_keeps_the_account,
    staff_keep_theirs,
    coming_back_gives_nothing_back,
    another_organization_is_kept,
    an_address_that_is_changed_on_the_way_out_hides_nobody,
    late_news_of_a_leaving_takes_nothing,
}

const ADA: &str = "ada@acme.test";
const OTHER: &str = "org_1002";

/// Acme with Ada in it, who is one of its admins.
async fn acme_with_ada(world: &World) -> AccountId {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    world.joined(ACME, "bob").await;
    world.account(" Ada@acme.test", Role::TenantAdmin, &[ACME]).await;
    world.account("bob@acme.test", Role::TenantViewer, &[ACME]).await;
    account(world, ADA).await
}

async fn account(world: &World, email: &str) -> AccountId {
    let ids = world.texts(&format!("select id from accounts where email_key = '{email}'")).await;
    AccountId::new(ids.concat())
}

/// The cookie that a browser would have from here on.
async fn signed_in(world: &World, account: &AccountId) -> String {
    let account = account.clone();
    let begin = post(move |session: Session| async move { session::begin(&session, &account).await.unwrap() });
    let router = Router::new().route("/in", begin).layer(session::layer(world.desk.clone(), false));
    let response = router.oneshot(Request::post("/in").body(Body::empty()).unwrap()).await.unwrap();
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn listen(world: &World, organization: &str, cookie: &str) -> Response {
    let request = Request::get(format!("/live?organization={organization}")).header(header::COOKIE, cookie);
    world.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn asks(world: &World, organization: &str, cookie: &str) -> StatusCode {
    listen(world, organization, cookie).await.status()
}

/// What they may see, and how often they are signed in.
async fn rights(world: &World, account: &AccountId) -> (Vec<OrganizationId>, usize) {
    let sessions = world.texts(&format!("select token_hash from sessions where account_id = '{account}'")).await.len();
    (reads::viewer(&world.desk, account).await.unwrap().unwrap().organizations, sessions)
}

fn all_of(organizations: &[&str]) -> Vec<OrganizationId> {
    organizations.iter().map(|id| OrganizationId::new(*id)).collect()
}

async fn endings(world: &World) -> Vec<String> {
    let told = "actor || ': ' || before_value || ', ' || reason";
    world.texts(&format!("select {told} from audit where action = 'end_membership' order by at, id")).await
}

async fn whoever_is_switched_off_is_refused_at_the_next_request(world: World) {
    let ada = acme_with_ada(&world).await;
    let (here, there) = (signed_in(&world, &ada).await, signed_in(&world, &ada).await);
    let bob = account(&world, "bob@acme.test").await;
    signed_in(&world, &bob).await;
    assert_eq!((asks(&world, ACME, &here).await, asks(&world, ACME, &there).await), (StatusCode::OK, StatusCode::OK));

    world.deactivated(ACME, "ada").await;

    assert_eq!((asks(&world, ACME, &here).await, asks(&world, ACME, &there).await), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
    assert_eq!(rights(&world, &bob).await, (all_of(&[ACME]), 1));
    let again = signed_in(&world, &ada).await;
    assert_eq!(asks(&world, ACME, &again).await, StatusCode::NOT_FOUND, "signing in again does not help");
    let event = world.texts("select event_id from deliveries order by received_at desc limit 1").await.concat();
    assert_eq!(endings(&world).await, [format!("{event}: Ada@acme.test, Switched off in the directory")]);
    world.check().await;
}

async fn whoever_is_removed_is_refused_at_the_next_request(world: World) {
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;

    world.left(ACME, "ada").await;

    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND);
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
    assert!(endings(&world).await.concat().ends_with(": Ada@acme.test, Removed from the directory"));
}

async fn whoever_a_resync_finds_gone_is_refused(world: World) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[6]).await;
    scalekit.resync(false).await;
    let acme = OrganizationId::new(ACME);
    let two = scalekit.simulator.look(|w| {
        let people = w.organization(&acme).unwrap().people().map(|(_, person)| (person.id(), person.email()));
        people.take(2).collect::<Vec<_>>()
    });
    for (_, email) in &two {
        world.account(email, Role::TenantAdmin, &[ACME]).await;
    }
    let (gone, off) = (account(&world, &two[0].1).await, account(&world, &two[1].1).await);
    let cookies = (signed_in(&world, &gone).await, signed_in(&world, &off).await);
    // nobody hears of it
    scalekit.happens(&world, |w, now| w.fire(&acme, &two[0].0, now)).await;
    scalekit.happens(&world, |w, now| w.deactivate(&acme, &two[1].0, now)).await;

    let run = scalekit.resync(false).await;

    assert_eq!(run.state, ResyncState::Done);
    let not_found = (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND);
    assert_eq!((asks(&world, ACME, &cookies.0).await, asks(&world, ACME, &cookies.1).await), not_found);
    assert_eq!((rights(&world, &gone).await, rights(&world, &off).await), ((all_of(&[]), 0), (all_of(&[]), 0)));
    let mut told = endings(&world).await;
    told.sort();
    let mut expected =
        [format!("resync: {}, Removed from the directory", two[0].1), format!("resync: {}, Switched off in the directory", two[1].1)];
    expected.sort();
    assert_eq!(told, expected);
}

async fn an_open_page_hears_nothing_more(world: World) {
    let ada = acme_with_ada(&world).await;
    let bob = account(&world, "bob@acme.test").await;
    let mut of_ada = listen(&world, ACME, &signed_in(&world, &ada).await).await.into_body();
    let mut of_bob = listen(&world, ACME, &signed_in(&world, &bob).await).await.into_body();
    of_ada.frame().await.unwrap().unwrap();
    of_bob.frame().await.unwrap().unwrap();

    world.left(ACME, "ada").await;

    let heard = |body| tokio::time::timeout(Duration::from_secs(10), body);
    let more = heard(of_bob.frame()).await.unwrap().unwrap().unwrap();
    assert!(more.into_data().unwrap().starts_with(b"data: "), "Bob's page is told as ever");
    assert!(heard(of_ada.frame()).await.unwrap().is_none(), "Ada's line has ended");
}

async fn a_twin_who_is_still_there_keeps_the_account(world: World) {
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;
    let twin = |kind, active| world.body(ACME, "ada", kind, active).replace("diruser_ada", "diruser_ada2");
    world.post(&twin("organization.directory.user_created", "\"active\":true,")).await;

    world.left(ACME, "ada").await;
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::OK);
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 1));

    world.clock.pass(Duration::from_secs(1));
    world.post(&twin("organization.directory.user_updated", "\"active\":false,")).await;
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND);
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
}

async fn staff_keep_theirs(world: World) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    world.account(ADA, Role::Staff, &[]).await;
    let ada = account(&world, ADA).await;
    // nobody makes such a membership; if there were one, it would be as little of the directory's business
    world.tamper(&format!("insert into account_organizations (organization_id, account_id) values ('{ACME}', '{ada}')")).await;
    let cookie = signed_in(&world, &ada).await;

    world.deactivated(ACME, "ada").await;
    world.left(ACME, "ada").await;

    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::OK);
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 1));
    assert_eq!(endings(&world).await, [""; 0]);
}

async fn coming_back_gives_nothing_back(world: World) {
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;
    world.deactivated(ACME, "ada").await;

    world.joined(ACME, "ada").await;

    assert_eq!(world.usage(ACME).await.used, 2, "the seat is back");
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::NOT_FOUND);
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
    // a person has to
    let acme = [OrganizationId::new(ACME)];
    assert!(matches!(grant_membership(&world.desk, ADA, &[OrganizationId::new(OTHER)]).await, Err(Error::Missing)));
    assert_eq!(grant_membership(&world.desk, " ADA@acme.test", &acme).await.unwrap(), 1);
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 0));
    assert_eq!(grant_membership(&world.desk, ADA, &acme).await.unwrap(), 0, "they see it already");
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let staff = grant_membership(&world.desk, "sam@seats.example", &acme).await;
    assert!(matches!(staff, Err(Error::Refused(Refusal::StaffSeeEverything))), "{staff:?}");
}

async fn another_organization_is_kept(world: World) {
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
    assert_eq!((asks(&world, OTHER, &again).await, asks(&world, ACME, &again).await), (StatusCode::OK, StatusCode::NOT_FOUND));
}

async fn an_address_that_is_changed_on_the_way_out_hides_nobody(world: World) {
    let ada = acme_with_ada(&world).await;
    world.clock.pass(Duration::from_secs(1));

    let off = world.body(ACME, "ada", "organization.directory.user_updated", "\"active\":false,").replace(ADA, "deleted.17@acme.test");
    world.post(&off).await;

    assert_eq!(world.people(ACME).await.iter().filter(|row| row.email.as_deref() == Some("deleted.17@acme.test")).count(), 1);
    assert_eq!(rights(&world, &ada).await, (all_of(&[]), 0));
}

async fn late_news_of_a_leaving_takes_nothing(world: World) {
    let late = world.body(ACME, "ada", "organization.directory.user_updated", "\"active\":false,");
    world.clock.pass(Duration::from_secs(5));
    let ada = acme_with_ada(&world).await;
    let cookie = signed_in(&world, &ada).await;

    world.post(&late).await;

    assert_eq!(world.outcomes().await.last().map(String::as_str), Some("stale"));
    assert_eq!(asks(&world, ACME, &cookie).await, StatusCode::OK);
    assert_eq!(rights(&world, &ada).await, (all_of(&[ACME]), 1));
}
