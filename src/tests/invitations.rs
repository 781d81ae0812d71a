//! People are invited by e-mail, and make an account or join with the one they have.

use std::time::Duration;

use domain::{
    access::{FreshProof, Role, Viewer},
    id::{InvitationId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
    setting::SettingName,
};
use seatkeeper::{
    commands::{
        self, Acceptance, Accepted, Error, Invited, InvitedTo, NewInvitation, Origin,
        accept_invitation, invite, resend_invitation, revoke_invitation, sign_in::Step, token_hash,
    },
    queries,
};
use views::members::{AccountsQuery, NextStep};

use crate::support::world::{ACME, TestApp, operator, scope, staff, stories};

stories! {
    an_invited_person_makes_an_account_and_the_link_works_once,
    a_link_works_for_three_days,
    a_revoked_invitation_is_over_and_its_email_does_not_leave,
    an_invitation_that_is_sent_again_has_a_new_link_and_the_old_one_ends,
    every_copy_of_an_email_works_after_a_crash_between_composing_and_sending,
    a_member_is_not_invited_and_an_account_elsewhere_is_not_told,
    invitations_of_an_hour_are_bounded,
    invited_staff_set_a_factor_up_before_they_get_in,
    nothing_readable_is_stored,
}

pub const ADA: &str = "ada@acme.test";
pub const OTHER: &str = "org_1002";
pub const PASSWORD: &str = "correct horse battery";

/// What people are invited to.
pub fn at(organization: Option<&str>) -> InvitedTo {
    let staff = || InvitedTo::Staff(FreshProof::of_command_line());
    organization.map_or_else(staff, |id| InvitedTo::Organization(OrganizationId::new(id)))
}

pub fn to(organization: Option<&str>, email: &str, role: Role) -> NewInvitation {
    NewInvitation {
        to: at(organization),
        email: email.to_owned(),
        role,
        by_email: true,
        wants_link: false,
    }
}

pub async fn invited(world: &TestApp, email: &str) -> Result<Invited, Error> {
    invite(&world.state, &operator(), &to(Some(ACME), email, Role::TenantAdmin)).await
}

/// The tokens in the e-mails that leave now.
pub async fn tokens(world: &TestApp) -> Vec<String> {
    let sent = world.all_sent_now().await;
    sent.iter().map(|sent| token(&sent.email.link)).collect()
}

pub fn token(link: &str) -> String {
    link.strip_prefix("https://seats.example/invitations/").unwrap().to_owned()
}

pub fn acceptance(token: &str, name: &str) -> Acceptance {
    Acceptance {
        token: token.to_owned(),
        email: String::new(),
        name: name.to_owned(),
        password: PASSWORD.to_owned(),
        origin: Origin::default(),
    }
}

pub async fn accepted(world: &TestApp, token: &str) -> Result<Accepted, Error> {
    accept_invitation(&world.state, None, &acceptance(token, "Ada Lovelace")).await
}

/// What the person who opens the link can do.
pub async fn next(world: &TestApp, token: &str, viewer: Option<&Viewer>) -> NextStep {
    let hash = token_hash(token).unwrap();
    queries::invitation_page(&world.state, viewer, &hash).await.unwrap().next
}

pub async fn viewer(world: &TestApp, email: &str) -> Viewer {
    let account = queries::account_of(&world.state, email).await.unwrap().unwrap();
    queries::viewer(&world.state, &account).await.unwrap().unwrap()
}

pub fn refused<T>(done: Result<T, Error>) -> Refusal {
    match done {
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was not refused"),
    }
}

pub async fn entries(world: &TestApp) -> Vec<String> {
    let columns = "actor || ': ' || action || ': ' || target || ': ' || coalesce(after_value, '')";
    world
        .texts(&format!(
            "select {columns} from audit_log where organization_id <> '' \
             and action like '%invit%' order by at, id"
        ))
        .await
}

/// An organization with one admin, and one e-mail on its way.
pub async fn ready(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.account("kim@acme.test", Role::TenantAdmin, &[ACME]).await;
}

async fn an_invited_person_makes_an_account_and_the_link_works_once(world: TestApp) {
    ready(&world).await;
    invited(&world, " Ada@Acme.test ").await.unwrap();
    let sent = world.all_sent_now().await;

    assert_eq!((sent.len(), sent[0].to.as_str()), (1, "Ada@Acme.test"));
    let text = &sent[0].email.text;
    assert!(text.contains("Seatkeeper’s operator invites you to org_1001 Ltd"), "{text}");
    let token = token(&sent[0].email.link);
    assert_eq!(next(&world, &token, None).await, NextStep::MakeAccount);
    let Accepted { person, organization, step } = accepted(&world, &token).await.unwrap();

    assert_eq!(organization, Some(OrganizationId::new(ACME)));
    assert!(step.is_none(), "customers need no second step");
    let ada = viewer(&world, ADA).await;
    assert_eq!((ada.account.clone(), ada.name.as_str()), (person.account.clone(), "Ada Lovelace"));
    assert_eq!(ada.role_in(&OrganizationId::new(ACME)), Some(Role::TenantAdmin));
    assert!(world.begin_session("", person).await.is_some(), "it can sign in");
    assert_eq!(refused(accepted(&world, &token).await), Refusal::InvitationUsed);
    assert_eq!(next(&world, &token, None).await, NextStep::Nothing(Refusal::InvitationUsed));
    assert_eq!(
        entries(&world).await,
        [
            "command line (story): invite: Ada@Acme.test: tenant-admin",
            "Ada Lovelace: accept_invitation: Ada@Acme.test: tenant-admin",
        ]
    );
    let page = AccountsQuery::default();
    let page = queries::members_page(&world.state, (&scope(ACME), &staff()), &page).await.unwrap();
    assert_eq!((page.members, page.invitations), (2, vec![]));
}

async fn invited_staff_set_a_factor_up_before_they_get_in(world: TestApp) {
    world.change_setting(SettingName::StaffSecondFactor, "yes").await.unwrap();
    ready(&world).await;
    for (organization, email, role) in
        [(None, "sam@seats.example", Role::Staff), (Some(ACME), ADA, Role::TenantAdmin)]
    {
        invite(&world.state, &operator(), &to(organization, email, role)).await.unwrap();
        let token = tokens(&world).await.remove(0);

        let accepted = accepted(&world, &token).await.unwrap();

        match accepted.step {
            Some(Step::First(token)) => {
                assert!(organization.is_none());
                assert!(queries::first_factor(&world.state, &token, String::new()).await.is_ok());
            }
            step => assert!(organization.is_some() && step.is_none(), "{email}: {step:?}"),
        }
    }
}

async fn a_link_works_for_three_days(world: TestApp) {
    ready(&world).await;
    invited(&world, ADA).await.unwrap();
    let token = tokens(&world).await.remove(0);
    world.clock.pass(Duration::from_hours(72) - Duration::from_secs(1));
    assert_eq!(next(&world, &token, None).await, NextStep::MakeAccount);

    world.clock.pass(Duration::from_secs(1));

    assert_eq!(refused(accepted(&world, &token).await), Refusal::InvitationExpired);
    assert_eq!(next(&world, &token, None).await, NextStep::Nothing(Refusal::InvitationExpired));
    invited(&world, ADA).await.expect("an expired one is in no way of another");
    assert_eq!(refused(accepted(&world, &token).await), Refusal::InvitationExpired);
    let late = invited(&world, "bob@acme.test").await.unwrap();
    world.clock.pass(Duration::from_hours(73));
    assert_eq!(tokens(&world).await, [""; 0], "an e-mail that waited too long does not leave");
    let acme = at(Some(ACME));
    resend_invitation(&world.state, &operator(), &acme, &late.id).await.unwrap();
    let again = tokens(&world).await.remove(0);
    assert_eq!(next(&world, &again, None).await, NextStep::MakeAccount);
}

async fn a_revoked_invitation_is_over_and_its_email_does_not_leave(world: TestApp) {
    ready(&world).await;
    let first = invited(&world, ADA).await.unwrap();
    let token = tokens(&world).await.remove(0);
    let second = invited(&world, "bob@acme.test").await.unwrap();
    let acme = at(Some(ACME));

    for id in [&first.id, &second.id] {
        revoke_invitation(&world.state, &operator(), &acme, id).await.unwrap();
    }

    assert_eq!(refused(accepted(&world, &token).await), Refusal::InvitationRevoked);
    assert_eq!(next(&world, &token, None).await, NextStep::Nothing(Refusal::InvitationRevoked));
    assert_eq!(tokens(&world).await, [""; 0]);
    let dropped = "select last_error from outbox where dropped_at is not null";
    assert_eq!(world.texts(dropped).await, ["The invitation was accepted or revoked."]);
    let again = revoke_invitation(&world.state, &operator(), &acme, &first.id).await;
    assert_eq!(refused(again), Refusal::InvitationRevoked);
    let elsewhere = at(Some(OTHER));
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    let theirs = revoke_invitation(&world.state, &operator(), &elsewhere, &second.id).await;
    assert!(matches!(theirs, Err(Error::Missing)), "{theirs:?}");
    let unknown = InvitationId::new("inv_404");
    let unknown = revoke_invitation(&world.state, &operator(), &acme, &unknown).await;
    assert!(matches!(unknown, Err(Error::Missing)), "{unknown:?}");
}

async fn an_invitation_that_is_sent_again_has_a_new_link_and_the_old_one_ends(world: TestApp) {
    ready(&world).await;
    let acme = at(Some(ACME));
    let id = invited(&world, ADA).await.unwrap().id;
    let old = tokens(&world).await.remove(0);
    world.clock.pass(Duration::from_hours(71));

    resend_invitation(&world.state, &operator(), &acme, &id).await.unwrap();

    assert_eq!(refused(accepted(&world, &old).await), Refusal::InvitationReplaced);
    let new = tokens(&world).await.remove(0);
    world.clock.pass(Duration::from_hours(71));
    accepted(&world, &new).await.unwrap();
    let again = resend_invitation(&world.state, &operator(), &acme, &id).await;
    assert_eq!(refused(again), Refusal::InvitationUsed);

    let waiting = invited(&world, "bob@acme.test").await.unwrap().id;
    resend_invitation(&world.state, &operator(), &acme, &waiting).await.unwrap();
    assert_eq!(tokens(&world).await.len(), 1, "the one that waited does not leave any more");
}

async fn every_copy_of_an_email_works_after_a_crash_between_composing_and_sending(
    mut world: TestApp,
) {
    ready(&world).await;
    invited(&world, ADA).await.unwrap();
    let mail = || async {
        let count = "select cast(count(*) as text) from invitation_links";
        world.texts(count).await.concat()
    };
    // the e-mail is composed and leaves, and the process ends before it is recorded
    let copy = tokens(&world).await.remove(0);
    assert_eq!(mail().await, "1");
    world
        .tamper("update outbox set sent_at = null, attempts = 0 where message = 'invitation'")
        .await;
    world.crash().await;

    let other = tokens(&world).await.remove(0);

    assert_ne!(copy, other);
    for token in [&copy, &other] {
        assert_eq!(next(&world, token, None).await, NextStep::MakeAccount);
    }
    accepted(&world, &copy).await.unwrap();
    assert_eq!(refused(accepted(&world, &other).await), Refusal::InvitationUsed);
}

async fn a_member_is_not_invited_and_an_account_elsewhere_is_not_told(world: TestApp) {
    ready(&world).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    world.account("lee@other.test", Role::TenantViewer, &[OTHER]).await;
    world.account("sam@seats.example", Role::Staff, &[]).await;

    assert_eq!(refused(invited(&world, "KIM@acme.test").await), Refusal::AlreadyMember);
    for email in ["lee@other.test", "sam@seats.example", "new@acme.test"] {
        assert!(invited(&world, email).await.is_ok(), "{email}");
    }
    assert_eq!(refused(invited(&world, "lee@other.test").await), Refusal::InvitationOpen);
    assert_eq!(refused(invited(&world, "acme").await), Refusal::Email("acme".to_owned()));
    let staff_role = to(Some(ACME), "x@acme.test", Role::StaffAdmin);
    let staff_role = invite(&world.state, &operator(), &staff_role).await;
    assert_eq!(refused(staff_role), Refusal::InvitationRole);
    let nowhere = to(Some("org_404"), "x@acme.test", Role::TenantAdmin);
    assert!(matches!(invite(&world.state, &operator(), &nowhere).await, Err(Error::Missing)));
}

async fn invitations_of_an_hour_are_bounded(world: TestApp) {
    ready(&world).await;
    world.organization(OTHER, SeatLimit::Seats(5)).await;
    let acme = at(Some(ACME));
    let mut last = None;
    for n in 0..20 {
        last = Some(invited(&world, &format!("p{n}@acme.test")).await.unwrap().id);
    }

    assert_eq!(refused(invited(&world, ADA).await), Refusal::TooManyInvitations);
    let again = resend_invitation(&world.state, &operator(), &acme, &last.unwrap()).await;
    assert_eq!(refused(again), Refusal::TooManyInvitations);
    let elsewhere = to(Some(OTHER), ADA, Role::TenantViewer);
    invite(&world.state, &operator(), &elsewhere).await.unwrap();
    let by_hand = NewInvitation { by_email: false, ..to(Some(ACME), ADA, Role::TenantViewer) };
    invite(&world.state, &operator(), &by_hand).await.expect("it sends nothing");
    world.clock.pass(Duration::from_hours(1));
    invited(&world, "late@acme.test").await.unwrap();
}

async fn nothing_readable_is_stored(world: TestApp) {
    ready(&world).await;
    let link = NewInvitation { wants_link: true, ..to(Some(ACME), ADA, Role::TenantAdmin) };
    let by_hand = commands::invite(&world.state, &operator(), &link).await.unwrap().link.unwrap();
    let mut all = tokens(&world).await;
    all.push(token(&by_hand));
    assert_eq!(all.len(), 2);

    let stored = [
        "select token_hash from invitation_links",
        "select id || email from invitations",
        "select id || about_id || subject || coalesce(last_error, '') from outbox",
        "select coalesce(target, '') || coalesce(target_id, '') || coalesce(after_value, '') \
         from audit_log",
    ];
    for statement in stored {
        let rows = world.texts(statement).await;
        for token in &all {
            assert!(rows.iter().all(|row| !row.contains(token.as_str())), "{statement}");
        }
    }
    for token in &all {
        assert_eq!(next(&world, token, None).await, NextStep::MakeAccount);
    }
}
