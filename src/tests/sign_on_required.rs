//! What it means that an organization requires single sign-on, and accounts without a password.

use domain::{
    access::Role,
    id::OrganizationId,
    organization::SeatLimit,
    refusal::{Refusal, SignOnRefusal},
};
use seatkeeper::commands::{
    self, Actor, Error, NewSignOn,
    sign_in::{Passed, SignIn, SignedIn, sign_in},
};

use crate::{
    sign_on_rules::ready,
    support::{
        identity_provider::Person,
        sign_on::{provider_form, refusal},
        world::{ACME, TestApp, operator, stories},
    },
};

stories! {
    a_required_sign_on_is_said_after_the_right_password_alone,
    requiring_it_ends_the_sessions_that_began_with_a_password,
    it_is_required_only_after_an_admin_has_used_it,
    an_account_without_a_password_is_like_none,
}

const OTHER: &str = "org_1002";
const ADA: &str = "ada@acme.test";
const BOB: &str = "bob@acme.test";
const PASSWORD: &str = "correct horse battery";

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

async fn with_password(world: &TestApp, email: &str, password: &str) -> Result<SignedIn, Error> {
    let (email, password) = (email.to_owned(), password.to_owned());
    let attempt = SignIn { email, password, source: None, device: None };
    let passed = sign_in(&world.state, attempt).await?;
    let Passed::In(welcome) = passed else { panic!("{passed:?}") };
    Ok(welcome.person)
}

/// Whether a session begins with the password of this account.
async fn begins(world: &TestApp, email: &str) -> bool {
    let person = with_password(world, email, PASSWORD).await.unwrap();
    world.begin_session("", person).await.is_some()
}

async fn a_required_sign_on_is_said_after_the_right_password_alone(world: TestApp) {
    let (world, provider) = ready(world).await;
    world.set_domains("acme.test").await;
    world.organization(OTHER, SeatLimit::Unlimited).await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    world.account(BOB, Role::TenantViewer, &[ACME, OTHER]).await;
    world.account("sam@acme.test", Role::Staff, &[]).await;
    world.signs_on(&provider, &Person::new(ADA)).await.unwrap();

    assert!(world.require_sign_on(true).await.unwrap());

    let wrong = with_password(&world, ADA, "a wrong password").await;
    assert!(matches!(wrong, Err(Error::Refused(Refusal::SignIn))), "{wrong:?}");
    assert!(!begins(&world, ADA).await, "the organization requires single sign-on");
    assert!(begins(&world, BOB).await, "who has rights elsewhere keeps the password");
    assert!(begins(&world, "sam@acme.test").await, "and so do staff");
    let signed_in = world.signs_on(&provider, &Person::new(ADA)).await.unwrap();
    world.sign_on_session(signed_in).await;
    for change in [
        commands::remove_sign_on(&world.state, &operator(), &acme()).await,
        world
            .set_provider(&NewSignOn {
                issuer: "https://a.test".into(),
                ..provider_form(&provider)
            })
            .await,
    ] {
        assert_eq!(refusal(change), SignOnRefusal::RequiredNow);
    }
    assert!(world.require_sign_on(false).await.unwrap());
    assert!(begins(&world, ADA).await);
    let entries = world
        .texts("select after_value from audit_log where action = 'require_single_sign_on' order by at, id")
        .await;
    assert_eq!(entries, ["required", "not required"]);
}

async fn requiring_it_ends_the_sessions_that_began_with_a_password(world: TestApp) {
    let (world, provider) = ready(world).await;
    world.set_domains("acme.test").await;
    world.organization(OTHER, SeatLimit::Unlimited).await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    world.account(BOB, Role::TenantViewer, &[ACME, OTHER]).await;
    let signed_in = world.signs_on(&provider, &Person::new(ADA)).await.unwrap();
    let by_sign_on = world.sign_on_session(signed_in).await;
    let by_password = world.cookie_of(&world.account_id(ADA).await).await;
    let elsewhere = world.cookie_of(&world.account_id(BOB).await).await;

    world.require_sign_on(true).await.unwrap();

    assert!(world.viewer(&by_password, &[]).await.is_none());
    assert!(world.viewer(&by_sign_on, &[]).await.is_some());
    assert!(world.viewer(&elsewhere, &[]).await.is_some());
}

async fn it_is_required_only_after_an_admin_has_used_it(world: TestApp) {
    let (world, provider) = ready(world).await;
    world.set_domains("acme.test").await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    world.account(BOB, Role::TenantViewer, &[ACME]).await;
    world.connects(&provider, (&world.viewer_of(ADA).await, &Person::new(ADA))).await.unwrap();
    world.signs_on(&provider, &Person::new(BOB)).await.unwrap();
    assert_eq!(refusal(world.require_sign_on(true).await), SignOnRefusal::NotTried);

    world.signs_on(&provider, &Person::new(ADA)).await.unwrap();

    assert!(world.require_sign_on(true).await.unwrap());
    assert!(!world.require_sign_on(true).await.unwrap(), "it is already");
    let other = OrganizationId::new("org_404");
    let missing = commands::require_sign_on(&world.state, &operator(), &other, true).await;
    assert!(matches!(missing, Err(Error::Missing)), "{missing:?}");
}

async fn an_account_without_a_password_is_like_none(world: TestApp) {
    let (world, provider) = ready(world).await;
    world.set_domains("acme.test").await;
    world.signs_on(&provider, &Person::new(ADA)).await.unwrap();

    for password in ["", PASSWORD] {
        let refused = with_password(&world, ADA, password).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::SignIn))), "{refused:?}");
    }
    let cookie = world.cookie_of(&world.account_id(ADA).await).await;
    let refused = world.change_password(&cookie, ("", "a passphrase that stays secret")).await;
    assert_eq!(refusal(refused), SignOnRefusal::NoPassword);
    let viewer = world.viewer_of(ADA).await;
    let actor = Actor::of_viewer(&viewer);
    let issuer = provider.issuer.as_str();
    let refused = commands::disconnect_identity(&world.state, &actor, &viewer, issuer).await;
    assert_eq!(refusal(refused), SignOnRefusal::NoPassword, "nothing else opens it");
}
