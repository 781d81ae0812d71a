//! People accept invitations: with a new account, or with the one that they have.

use domain::{access::Role, id::OrganizationId, organization::SeatLimit, refusal::Refusal};
use seatkeeper::commands::{
    Acceptance, Error, NewArchive, accept_invitation, archive_organization, disable_account,
    invite, offer_first_account,
};
use views::members::NextStep;

use crate::{
    invitations::{
        ADA, OTHER, PASSWORD, acceptance, accepted, entries, invited, next, ready, refused, to,
        token, tokens, viewer,
    },
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    a_person_with_an_account_joins_by_signing_in,
    a_person_with_another_address_changes_nothing,
    a_disabled_account_accepts_nothing,
    a_weak_password_leaves_the_invitation_open,
    staff_are_invited_to_the_staff,
    the_first_account_is_made_with_the_link_of_the_console,
    an_archived_organization_takes_no_person,
    of_two_who_accept_at_once_one_gets_in,
}

async fn a_person_with_an_account_joins_by_signing_in(world: TestApp) {
    ready(&world).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    world.account("lee@other.test", Role::TenantViewer, &[OTHER]).await;
    invited(&world, "lee@other.test").await.unwrap();
    let token = tokens(&world).await.remove(0);
    assert_eq!(next(&world, &token, None).await, NextStep::SignIn);
    assert_eq!(refused(accepted(&world, &token).await), Refusal::InvitationNeedsSignIn);

    let lee = viewer(&world, "lee@other.test").await;
    let cookie = world.cookie_of(&lee.account).await;
    assert_eq!(next(&world, &token, Some(&lee)).await, NextStep::Join);
    let done = accept_invitation(&world.state, Some(&lee), &acceptance(&token, "")).await.unwrap();

    assert_eq!(done.person.account, lee.account);
    assert!(world.viewer(&cookie, &[]).await.is_none(), "more rights ask for a new session");
    assert!(world.begin_session("", done.person).await.is_some());
    let lee = viewer(&world, "lee@other.test").await;
    let role = |id| lee.role_in(&OrganizationId::new(id));
    assert_eq!(role(ACME), Some(Role::TenantAdmin), "the role of the invitation");
    assert_eq!(role(OTHER), Some(Role::TenantViewer), "as before");
    let again = accept_invitation(&world.state, Some(&lee), &acceptance(&token, "")).await;
    assert_eq!(refused(again), Refusal::InvitationUsed);
}

async fn a_person_with_another_address_changes_nothing(world: TestApp) {
    ready(&world).await;
    world.account("sam@seats.example", Role::Staff, &[]).await;
    invited(&world, ADA).await.unwrap();
    let mut found = tokens(&world).await;
    invited(&world, "sam@seats.example").await.unwrap();
    found.extend(tokens(&world).await);
    let kim = viewer(&world, "kim@acme.test").await;

    let other = NextStep::Nothing(Refusal::InvitationOfAnother);
    assert_eq!(next(&world, &found[0], Some(&kim)).await, other);
    let done = accept_invitation(&world.state, Some(&kim), &acceptance(&found[0], "Kim")).await;
    assert_eq!(refused(done), Refusal::InvitationOfAnother);
    let sam = viewer(&world, "sam@seats.example").await;
    let done = accept_invitation(&world.state, Some(&sam), &acceptance(&found[1], "")).await;
    assert_eq!(refused(done), Refusal::StaffJoinNothing);
    assert_eq!(entries(&world).await.len(), 2, "two were made, and none was accepted");
    for bad in ["", "unknown", &"a".repeat(1_000), "\0"] {
        let done = accepted(&world, bad).await;
        assert!(matches!(done, Err(Error::Missing)), "{bad}");
    }
}

async fn a_disabled_account_accepts_nothing(world: TestApp) {
    ready(&world).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    world.account("lee@other.test", Role::TenantViewer, &[OTHER]).await;
    disable_account(&world.state, &operator(), "lee@other.test").await.unwrap();
    invited(&world, "lee@other.test").await.unwrap();
    let token = tokens(&world).await.remove(0);

    let nothing = NextStep::Nothing(Refusal::InvitationDisabled);
    assert_eq!(next(&world, &token, None).await, nothing);
    assert_eq!(refused(accepted(&world, &token).await), Refusal::InvitationNeedsSignIn);
}

async fn a_weak_password_leaves_the_invitation_open(world: TestApp) {
    ready(&world).await;
    invited(&world, ADA).await.unwrap();
    let token = tokens(&world).await.remove(0);
    let with = |name: &str, password: &str| Acceptance {
        password: password.to_owned(),
        ..acceptance(&token, name)
    };

    for (new, refusal) in
        [(with("Ada", "short"), Refusal::PasswordTooShort), (with(" ", PASSWORD), Refusal::Name)]
    {
        assert_eq!(refused(accept_invitation(&world.state, None, &new).await), refusal);
    }
    let own = accept_invitation(&world.state, None, &with("Ada", "org_1001 Ltd ada")).await;
    assert!(matches!(refused(own), Refusal::PasswordTooWeak(_)));
    accepted(&world, &token).await.unwrap();
}

async fn staff_are_invited_to_the_staff(world: TestApp) {
    ready(&world).await;
    world.account("sam@seats.example", Role::StaffAdmin, &[]).await;
    let new = |email| to(None, email, Role::Staff);
    let tried = async |email| refused(invite(&world.state, &operator(), &new(email)).await);
    assert_eq!(tried("SAM@seats.example").await, Refusal::AlreadyStaff);
    assert_eq!(tried("kim@acme.test").await, Refusal::AddressOfCustomer);
    let tenant = to(None, "x@seats.example", Role::TenantViewer);
    let tenant = invite(&world.state, &operator(), &tenant).await;
    assert_eq!(refused(tenant), Refusal::InvitationRole);

    invite(&world.state, &operator(), &new("noor@seats.example")).await.unwrap();
    let token = tokens(&world).await.remove(0);
    let accepted = accepted(&world, &token).await.unwrap();

    assert_eq!(accepted.organization, None);
    let noor = viewer(&world, "noor@seats.example").await;
    assert_eq!((noor.role, noor.organizations.len()), (Role::Staff, 0));
    let about = "select action from audit_log where organization_id = '' order by at, id";
    let about = world.texts(about).await;
    assert_eq!(about[about.len() - 3..], ["invite", "create_account", "accept_invitation"]);
}

async fn the_first_account_is_made_with_the_link_of_the_console(world: TestApp) {
    let link = offer_first_account(&world.state).await.unwrap().unwrap();
    let token = token(&link);
    assert_eq!(next(&world, &token, None).await, NextStep::MakeAccount);
    let new = |email: &str| Acceptance { email: email.into(), ..acceptance(&token, "Sam") };
    let no_address = accept_invitation(&world.state, None, &new("sam")).await;
    assert_eq!(refused(no_address), Refusal::Email("sam".to_owned()));
    let beside = world.beside().await;
    let elsewhere = accept_invitation(&beside.state, None, &new("eve@seats.example")).await;
    assert!(matches!(elsewhere, Err(Error::Missing)), "it is in the memory of one process");

    let (sam, kim) = (new("sam@seats.example"), new("kim@seats.example"));
    let (one, other) = tokio::join!(
        accept_invitation(&world.state, None, &sam),
        accept_invitation(&world.state, None, &kim)
    );

    assert!(one.is_ok() != other.is_ok());
    let late = refused(if one.is_ok() { other } else { one });
    assert_eq!(late, Refusal::FirstAccountExists);
    assert_eq!(world.texts("select role from accounts").await, ["staff-admin"]);
    assert_eq!(next(&world, &token, None).await, NextStep::Nothing(Refusal::FirstAccountExists));
    assert_eq!(offer_first_account(&world.state).await.unwrap(), None);
}

async fn an_archived_organization_takes_no_person(world: TestApp) {
    ready(&world).await;
    invited(&world, ADA).await.unwrap();
    let token = tokens(&world).await.remove(0);
    invited(&world, "bob@acme.test").await.unwrap();
    let organization = OrganizationId::new(ACME);
    let archive = NewArchive { organization, reason: "Story".to_owned(), expected: None };
    archive_organization(&world.state, &operator(), &archive).await.unwrap();

    assert_eq!(refused(accepted(&world, &token).await), Refusal::InvitationArchived);
    let nothing = NextStep::Nothing(Refusal::InvitationArchived);
    assert_eq!(next(&world, &token, None).await, nothing);
    assert_eq!(refused(invited(&world, "cy@acme.test").await), Refusal::Archived);
    assert_eq!(tokens(&world).await, [""; 0]);
}

async fn of_two_who_accept_at_once_one_gets_in(world: TestApp) {
    ready(&world).await;
    invited(&world, ADA).await.unwrap();
    let token = tokens(&world).await.remove(0);
    let (one, other) = (acceptance(&token, "Ada One"), acceptance(&token, "Ada Two"));

    let (one, other) = tokio::join!(
        accept_invitation(&world.state, None, &one),
        accept_invitation(&world.state, None, &other)
    );

    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let late = refused(if one.is_ok() { other } else { one });
    let known = [Refusal::InvitationUsed, Refusal::InvitationNeedsSignIn];
    assert!(known.contains(&late), "{late:?}");
    assert_eq!(world.texts("select name from accounts where name like 'Ada%'").await.len(), 1);
    assert_eq!(entries(&world).await.len(), 2);
}
