//! Staff see an organization as its admin does: for some minutes, in one session, with both names
//! in the audit log, and on open pages at once.

use std::time::Duration;

use domain::{
    access::{Role, Staff, Viewer},
    id::{AccountId, OrganizationId},
    organization::SeatLimit,
    refusal::ViewRefusal,
};
use seatkeeper::{
    commands::{self, Actor, Error, NewView},
    queries,
};

use crate::{
    deprovisioning::account,
    sessions::LiveConnection,
    support::world::{ACME, TestApp, scope, stories},
};

stories! {
    staff_see_what_an_admin_sees_until_they_end_it,
    a_view_ends_by_itself_and_the_audit_log_says_so,
    a_view_needs_a_reason_and_a_time_and_an_organization,
    a_view_is_of_one_session_and_ends_with_it,
    tenants_view_as_no_other_person,
    an_open_page_follows_the_view,
}

const SAM: &str = "sam@seats.example";

/// A staff account, and the cookies of two of its sessions.
async fn sam(world: &TestApp) -> (AccountId, [String; 2]) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization("org_1002", SeatLimit::Seats(5)).await;
    world.account(SAM, Role::Staff, &[]).await;
    let account = account(world, SAM).await;
    let cookies = [world.cookie_of(&account).await, world.cookie_of(&account).await];
    (account, cookies)
}

fn view(reason: &str, minutes: &str) -> NewView {
    let organization = OrganizationId::new(ACME);
    NewView { organization, reason: reason.to_owned(), minutes: minutes.to_owned() }
}

fn actor(account: &AccountId) -> Actor {
    Actor::staff(Staff { account: account.clone(), name: "Sam Rivera".to_owned() })
}

async fn begins(world: &TestApp, account: &AccountId, cookie: &str) {
    begins_for(world, account, (cookie, "30")).await;
}

async fn begins_for(world: &TestApp, account: &AccountId, (cookie, minutes): (&str, &str)) {
    let session = world.session_id(cookie).await.unwrap();
    let new = view("Ticket 7", minutes);
    let proof = world.fresh_proof(cookie).await.unwrap();
    commands::begin_view(&world.state, &actor(account), &proof, (&session, &new)).await.unwrap();
}

async fn viewer(world: &TestApp, cookie: &str) -> Viewer {
    world.viewer(cookie, &[]).await.unwrap()
}

async fn log(world: &TestApp) -> Vec<String> {
    let said = "select actor || ' as a ' || target || ': ' || action || ', ' || reason || ', ' || \
                after_value from audit_log where action in ('begin_view', 'end_view') order by id";
    world.texts(said).await
}

async fn staff_see_what_an_admin_sees_until_they_end_it(world: TestApp) {
    let (account, [cookie, _]) = sam(&world).await;
    assert!(viewer(&world, &cookie).await.staff().is_some());

    begins(&world, &account, &cookie).await;

    let seen = viewer(&world, &cookie).await;
    assert_eq!(seen.staff(), None, "the pages of staff are not there");
    assert_eq!(seen.role_in(&OrganizationId::new(ACME)), Some(Role::TenantAdmin));
    assert_eq!(seen.scope(&OrganizationId::new("org_1002")), None);
    let person = queries::person(&world.state, &seen, Some(&OrganizationId::new(ACME))).await;
    let person = person.unwrap();
    let bar = person.view_as.unwrap();
    assert_eq!((bar.reason.as_str(), bar.minutes_left), ("Ticket 7", 30));
    assert_eq!((person.role, person.organizations.len()), (Role::TenantAdmin, 1));
    let page = queries::organization(&world.state, &scope(ACME), &seen).await.unwrap();
    assert_eq!(page.limit_changes, [], "reasons of staff are for staff");

    let session = world.session_id(&cookie).await.unwrap();
    let end =
        || async { commands::end_view(&world.state, &actor(&account), &session).await.unwrap() };
    assert_eq!((end().await, end().await), (true, false));
    assert!(viewer(&world, &cookie).await.staff().is_some());
    let log = log(&world).await;
    assert!(
        log[0].starts_with("Sam Rivera as a tenant admin: begin_view, Ticket 7, until "),
        "{log:?}"
    );
    assert_eq!(log[1], "Sam Rivera as a tenant admin: end_view, Ticket 7, ended by hand");
    assert_eq!(log.len(), 2);
}

async fn a_view_ends_by_itself_and_the_audit_log_says_so(world: TestApp) {
    let (account, [cookie, _]) = sam(&world).await;
    begins(&world, &account, &cookie).await;

    // a use of the session does not make it longer
    world.clock.pass(Duration::from_mins(20));
    assert!(viewer(&world, &cookie).await.view_as.is_some());
    world.clock.pass(Duration::from_mins(9));
    assert_eq!(commands::end_views(&world.state).await.unwrap(), 0);
    world.clock.pass(Duration::from_mins(1));
    assert!(viewer(&world, &cookie).await.staff().is_some(), "before any job has run");

    let end = || commands::end_views(&world.state);
    assert_eq!((end().await.unwrap(), end().await.unwrap()), (1, 0));
    let last = log(&world).await.pop().unwrap();
    assert!(last.contains("end_view, Ticket 7, its time was over"), "{last}");
}

async fn a_view_needs_a_reason_and_a_time_and_an_organization(world: TestApp) {
    let (account, [cookie, _]) = sam(&world).await;
    let session = world.session_id(&cookie).await.unwrap();
    let proof = world.fresh_proof(&cookie).await.unwrap();
    let begins = |new: NewView| {
        let (state, actor, session) = (world.state.clone(), actor(&account), session.clone());
        let proof = proof.clone();
        async move { commands::begin_view(&state, &actor, &proof, (&session, &new)).await }
    };

    for (new, refusal) in [
        (view(" \u{200b}", "30"), ViewRefusal::ReasonMissing.into()),
        (view("Ticket 7", "61"), ViewRefusal::Minutes.into()),
        (view("Ticket 7", ""), ViewRefusal::Minutes.into()),
    ] {
        let refused = begins(new).await;
        assert!(matches!(&refused, Err(Error::Refused(why)) if *why == refusal), "{refused:?}");
    }
    let nowhere = NewView { organization: OrganizationId::new("org_404"), ..view("Why", "5") };
    assert!(matches!(begins(nowhere).await, Err(Error::Missing)));
    let other = world.session_id("").await;
    assert_eq!((other, log(&world).await), (None, vec![]));
    assert!(viewer(&world, &cookie).await.staff().is_some());
}

async fn a_view_is_of_one_session_and_ends_with_it(world: TestApp) {
    let (account, [cookie, other]) = sam(&world).await;
    begins(&world, &account, &cookie).await;

    assert!(viewer(&world, &other).await.staff().is_some(), "another browser stays as it is");
    // the limit of a staff session, not of a tenant's
    world.clock.pass(Duration::from_mins(29));
    assert!(viewer(&world, &cookie).await.view_as.is_some());
    world.end_session(&cookie).await;

    assert!(world.viewer(&cookie, &[]).await.is_none());
    let last = log(&world).await.pop().unwrap();
    assert!(last.contains("end_view"), "{last}");
    let again = world.cookie_of(&account).await;
    assert!(viewer(&world, &again).await.staff().is_some());
}

async fn tenants_view_as_no_other_person(world: TestApp) {
    sam(&world).await;
    world.account("kim@acme.test", Role::TenantViewer, &[ACME]).await;
    let kim = account(&world, "kim@acme.test").await;
    let cookie = world.cookie_of(&kim).await;

    // no form lets them, and even such a row gives no rights
    begins(&world, &kim, &cookie).await;

    let seen = viewer(&world, &cookie).await;
    assert_eq!((seen.role, seen.view_as), (Role::TenantViewer, None));
}

async fn an_open_page_follows_the_view(world: TestApp) {
    let (account, [cookie, _]) = sam(&world).await;
    let here = format!("/live?organization={ACME}");
    let beside = world.beside().await;
    let mut all = LiveConnection::open(&world, "/live", &cookie).await;
    let mut only = LiveConnection::open(&world, "/live?only=session", &cookie).await;

    begins_for(&beside, &account, (&cookie, "10")).await;

    assert_eq!((all.next().await, only.next().await), (None, None), "they connect again");
    let mut own = LiveConnection::open(&world, &here, &cookie).await;
    world.clock.pass(Duration::from_mins(10));
    assert!(viewer(&world, &cookie).await.staff().is_some());
    assert_eq!(own.next().await, None, "when its time is over, too");
    beside.close().await;
}
