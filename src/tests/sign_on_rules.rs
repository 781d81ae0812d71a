//! Which accounts single sign-on opens and makes.

use std::time::Duration;

use domain::{
    access::Role,
    id::{GroupId, OrganizationId},
    organization::SeatLimit,
    refusal::SignOnRefusal,
    role::GroupRoles,
    single_sign_on::ProviderKind,
};
use seatkeeper::{
    commands::{self, NewGroupRoles, NewSignOn, SignOnBy, set_group_roles},
    oidc::{BrowserToken, ClientSecret, Issuer, NamedBy, Provider},
};
use serde_json::json;

use crate::support::{
    identity_provider::{CLIENT, CLIENT_SECRET, IdentityProvider, Person},
    sign_on::{provider_form, refusal},
    world::{ACME, TestApp, operator, stories},
};

stories! {
    a_first_sign_in_makes_an_account_for_an_address_of_the_organization,
    a_group_lets_people_in_until_they_leave_it,
    a_person_who_left_the_directory_gets_out_and_not_in_again,
    an_address_that_is_not_certain_makes_no_account,
    of_two_organizations_that_enter_a_domain_at_once_one_has_it,
    an_account_with_rights_elsewhere_is_never_opened,
    an_account_with_a_password_is_opened_only_by_the_rule_of_domains,
    staff_connect_their_account_before_it_is_opened,
    scalekit_answers_for_the_organization_that_was_asked_for,
}

const OTHER: &str = "org_1002";
const ADA: &str = "ada@acme.test";
const BOB: &str = "bob@acme.test";
const IT: &str = "dirgroup_it";

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

/// Acme with a provider that makes accounts.
pub async fn ready(world: TestApp) -> (TestApp, IdentityProvider) {
    let world = world.with_local_providers(|_| {});
    let provider = IdentityProvider::start(&world.clock).await;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let form = NewSignOn { creates_accounts: true, ..provider_form(&provider) };
    world.set_provider(&form).await.unwrap();
    (world, provider)
}

async fn in_groups(world: &TestApp, user: &str, groups: &[&str]) {
    world.clock.pass(Duration::from_secs(1));
    let groups: Vec<String> =
        groups.iter().map(|id| format!(r#"{{"id":"{id}","name":"it"}}"#)).collect();
    let fields = format!(r#""active":true,"groups":[{}],"#, groups.join(","));
    let body = world.body(ACME, user, "organization.directory.user_updated", &fields);
    world.post(&body).await;
}

async fn map(world: &TestApp, role: Role) {
    let roles = GroupRoles { dashboard: Some(role), ..GroupRoles::default() };
    let (organization, group) = (acme(), GroupId::new(IT));
    let new = NewGroupRoles { organization, group, roles, expected_version: None };
    set_group_roles(&world.state, &operator(), &new).await.unwrap();
}

async fn a_first_sign_in_makes_an_account_for_an_address_of_the_organization(world: TestApp) {
    let (world, provider) = ready(world).await;
    let person = Person { verified: None, ..Person::new("Ada@Acme.test") };
    let refused = world.signs_on(&provider, &person).await;
    assert_eq!(refusal(refused), SignOnRefusal::NoAccount, "no rule lets her in");
    world.set_domains("acme.test, acme.example").await;

    let signed_in = world.signs_on(&provider, &person).await.unwrap();

    let viewer = world.viewer_of(ADA).await;
    assert_eq!((viewer.account.clone(), viewer.name.as_str()), (signed_in.account, "Ada Lovelace"));
    assert_eq!(viewer.role_in(&acme()), Some(Role::TenantViewer));
    let again = world.signs_on(&provider, &Person { email: None, ..person }).await.unwrap();
    assert_eq!(again.account, viewer.account, "known by its subject, also without an address");
    let actions = world
        .texts(
            "select action from audit_log where target_id is not null \
             and action not like 'set_%' order by action",
        )
        .await;
    assert_eq!(actions, ["connect_identity", "create_account", "grant_membership"]);

    let form = NewSignOn { creates_accounts: false, ..provider_form(&provider) };
    world.set_provider(&form).await.unwrap();
    let refused = world.signs_on(&provider, &Person::new(BOB)).await;
    assert_eq!(refusal(refused), SignOnRefusal::NoAccount, "the organization does not allow it");
}

async fn a_group_lets_people_in_until_they_leave_it(world: TestApp) {
    let (world, provider) = ready(world).await;
    in_groups(&world, "ada", &[IT]).await;
    in_groups(&world, "bob", &[]).await;
    map(&world, Role::TenantAdmin).await;
    let ada = Person::new(ADA);
    let refused = world.signs_on(&provider, &Person::new(BOB)).await;
    assert_eq!(refusal(refused), SignOnRefusal::NoAccount);

    let signed_in = world.signs_on(&provider, &ada).await.unwrap();

    let cookie = world.sign_on_session(signed_in).await;
    assert_eq!(world.viewer_of(ADA).await.role_in(&acme()), Some(Role::TenantAdmin));
    world.account("boss@acme.test", Role::TenantAdmin, &[ACME]).await;
    in_groups(&world, "ada", &[]).await;
    assert_eq!(world.viewer_of(ADA).await.role_in(&acme()), None, "no group gives access");
    assert!(world.viewer(&cookie, &[]).await.is_none(), "the session has ended");
    assert_eq!(refusal(world.signs_on(&provider, &ada).await), SignOnRefusal::NoAccount);

    in_groups(&world, "ada", &[IT]).await;
    world.signs_on(&provider, &ada).await.unwrap();
    assert_eq!(world.viewer_of(ADA).await.role_in(&acme()), Some(Role::TenantAdmin));
    world.check().await;
}

async fn a_person_who_left_the_directory_gets_out_and_not_in_again(world: TestApp) {
    let (world, provider) = ready(world).await;
    world.set_domains("acme.test").await;
    world.joined(ACME, "ada").await;
    let ada = Person::new(ADA);
    let signed_in = world.signs_on(&provider, &ada).await.unwrap();
    let cookie = world.sign_on_session(signed_in).await;

    world.left(ACME, "ada").await;

    assert!(world.viewer(&cookie, &[]).await.is_none());
    assert_eq!(refusal(world.signs_on(&provider, &ada).await), SignOnRefusal::LeftDirectory);
    world.joined(ACME, "bob").await;
    world.deactivated(ACME, "bob").await;
    let refused = world.signs_on(&provider, &Person::new(BOB)).await;
    assert_eq!(refusal(refused), SignOnRefusal::LeftDirectory);
}

async fn an_address_that_is_not_certain_makes_no_account(world: TestApp) {
    let (world, provider) = ready(world).await;
    in_groups(&world, "ada", &[IT]).await;
    map(&world, Role::TenantViewer).await;
    for verified in [None, Some(false)] {
        let refused = world.signs_on(&provider, &Person { verified, ..Person::new(ADA) }).await;
        assert_eq!(refusal(refused), SignOnRefusal::EmailNotVerified);
    }
    for email in [None, Some("no address".to_owned())] {
        let refused = world.signs_on(&provider, &Person { email, ..Person::new(ADA) }).await;
        assert_eq!(refusal(refused), SignOnRefusal::NoEmail);
    }
    // another organization owns the domain
    world.organization(OTHER, SeatLimit::Unlimited).await;
    let other = OrganizationId::new(OTHER);
    commands::set_sign_on_domains(&world.state, &operator(), &other, "acme.test").await.unwrap();
    let refused = world.signs_on(&provider, &Person::new(ADA)).await;
    assert_eq!(refusal(refused), SignOnRefusal::NoAccount);
    let taken =
        commands::set_sign_on_domains(&world.state, &operator(), &acme(), "acme.test").await;
    assert_eq!(refusal(taken), SignOnRefusal::DomainTaken);
}

async fn of_two_organizations_that_enter_a_domain_at_once_one_has_it(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.organization(OTHER, SeatLimit::Unlimited).await;
    let (other, operator, beside) = (OrganizationId::new(OTHER), operator(), world.beside().await);
    for round in 0..10 {
        let (ours, domain) = (acme(), format!("d{round}.test"));

        let (one, another) = tokio::join!(
            commands::set_sign_on_domains(&world.state, &operator, &ours, &domain),
            commands::set_sign_on_domains(&beside.state, &operator, &other, &domain),
        );

        assert!(one.is_ok() != another.is_ok(), "{one:?} {another:?}");
        assert_eq!(refusal(one.and(another)), SignOnRefusal::DomainTaken);
    }
    beside.close().await;
}

async fn an_account_with_rights_elsewhere_is_never_opened(world: TestApp) {
    let (world, provider) = ready(world).await;
    world.set_domains("acme.test").await;
    world.organization(OTHER, SeatLimit::Unlimited).await;
    world.account("sam@acme.test", Role::StaffAdmin, &[]).await;
    world.account(BOB, Role::TenantViewer, &[ACME, OTHER]).await;
    world.account("cy@acme.test", Role::TenantViewer, &[OTHER]).await;
    for email in ["sam@acme.test", BOB, "cy@acme.test"] {
        let refused = world.signs_on(&provider, &Person::new(email)).await;
        assert_eq!(refusal(refused), SignOnRefusal::OtherRights, "{email}");
        let viewer = world.viewer_of(email).await;
        if !viewer.role.is_staff() {
            let refused = world.connects(&provider, (&viewer, &Person::new(email))).await;
            assert_eq!(refusal(refused), SignOnRefusal::OtherRights, "{email}");
        }
    }

    // rights that came later count, too
    world.account(ADA, Role::TenantViewer, &[ACME]).await;
    world.signs_on(&provider, &Person::new(ADA)).await.unwrap();
    let to = [OrganizationId::new(OTHER)];
    commands::grant_membership(&world.state, &operator(), ADA, &to).await.unwrap();
    let refused = world.signs_on(&provider, &Person::new(ADA)).await;
    assert_eq!(refusal(refused), SignOnRefusal::OtherRights);
    // and so do those of an account that is no member any more
    commands::revoke_membership(&world.state, &operator(), ADA, &[acme()]).await.unwrap();
    let refused = world.signs_on(&provider, &Person::new(ADA)).await;
    assert_eq!(refusal(refused), SignOnRefusal::OtherRights);
}

async fn an_account_with_a_password_is_opened_only_by_the_rule_of_domains(world: TestApp) {
    let (world, provider) = ready(world).await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    world.account(BOB, Role::TenantViewer, &[ACME]).await;
    let refused = world.signs_on(&provider, &Person::new(ADA)).await;
    assert_eq!(refusal(refused), SignOnRefusal::NotConnected);
    world.set_domains("acme.test").await;

    world.signs_on(&provider, &Person::new(ADA)).await.unwrap();

    // one identity opens one account
    let viewer = world.viewer_of(BOB).await;
    let refused = world.connects(&provider, (&viewer, &Person::new(ADA))).await;
    assert_eq!(refusal(refused), SignOnRefusal::ConnectedToAnother);
    commands::disable_account(&world.state, &operator(), ADA).await.unwrap();
    let refused = world.signs_on(&provider, &Person::new(ADA)).await;
    assert_eq!(refusal(refused), SignOnRefusal::Disabled);
    // who is no member any more is let in by no address
    commands::revoke_membership(&world.state, &operator(), BOB, &[acme()]).await.unwrap();
    let refused = world.signs_on(&provider, &Person::new(BOB)).await;
    assert_eq!(refusal(refused), SignOnRefusal::NotConnected);
}

fn of_installation(provider: &IdentityProvider) -> Provider {
    Provider {
        issuer: Issuer::of_installation(&provider.issuer).unwrap(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(ClientSecret(CLIENT_SECRET.to_owned())),
        named_by: NamedBy::Installation,
        scalekit_organization: None,
    }
}

async fn staff_connect_their_account_before_it_is_opened(world: TestApp) {
    let provider = IdentityProvider::start(&world.clock).await;
    let world =
        world.with_local_providers(|it| it.staff_provider = Some(of_installation(&provider)));
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let sam = Person::new("sam@seats.example");
    let browser = BrowserToken::fresh().unwrap();
    let signs_on = async || {
        let to = world.begin(&browser, SignOnBy::Staff).await?;
        let answer = provider.signs_in(&to, &sam);
        world.comes_back_to(None, &browser, (&answer, None)).await
    };
    assert_eq!(refusal(signs_on().await), SignOnRefusal::StaffNotConnected);

    let viewer = world.viewer_of("sam@seats.example").await;
    world.connects(&provider, (&viewer, &sam)).await.unwrap();

    assert_eq!(signs_on().await.unwrap().unwrap().account, viewer.account);
    let actor = seatkeeper::commands::Actor::of_viewer(&viewer);
    let issuer = provider.issuer.as_str();
    assert!(commands::disconnect_identity(&world.state, &actor, &viewer, issuer).await.unwrap());
    assert_eq!(refusal(signs_on().await), SignOnRefusal::StaffNotConnected);
}

async fn scalekit_answers_for_the_organization_that_was_asked_for(world: TestApp) {
    let provider = IdentityProvider::start(&world.clock).await;
    let world =
        world.with_local_providers(|it| it.scalekit_provider = Some(of_installation(&provider)));
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.set_domains("acme.test").await;
    let form = NewSignOn {
        kind: ProviderKind::Scalekit,
        creates_accounts: true,
        ..provider_form(&provider)
    };
    world.set_provider(&form).await.unwrap();
    let ada = Person { organization: Some(ACME.to_owned()), ..Person::new(ADA) };
    let browser = BrowserToken::fresh().unwrap();
    let signs_on = async |by: SignOnBy, person: &Person| {
        let to = world.begin(&browser, by).await?;
        assert!(to.contains(&format!("organization_id={ACME}")), "{to}");
        let answer = provider.signs_in(&to, person);
        world.comes_back_to(None, &browser, (&answer, None)).await
    };
    for organization in [Some(OTHER.to_owned()), None] {
        let person = Person { organization, ..ada.clone() };
        let refused = signs_on(SignOnBy::Organization(acme()), &person).await;
        assert_eq!(refusal(refused), SignOnRefusal::AnotherOrganization);
    }
    let unverified = Person { verified: None, ..ada.clone() };
    let refused = signs_on(SignOnBy::Organization(acme()), &unverified).await;
    assert_eq!(refusal(refused), SignOnRefusal::EmailNotVerified, "absent is not true");

    // Scalekit may start it; its token signs no person in, and begins the same way
    let now = world.clock.now().seconds();
    let token = |organization: &str, exp: i64| {
        provider.signed(&json!({"iss": provider.issuer, "iat": now, "exp": exp,
            "organization_id": organization, "connection_id": "conn_1", "login_hint": ADA}))
    };
    let signed_in = signs_on(SignOnBy::Scalekit(token(ACME, now + 60)), &ada).await.unwrap();
    assert_eq!(signed_in.unwrap().account, world.account_id(ADA).await);
    for (token, expected) in [
        (token(ACME, now - 61), SignOnRefusal::Expired),
        (token(OTHER, now + 60), SignOnRefusal::NotSetUp),
        (format!("{}x", token(ACME, now + 60)), SignOnRefusal::Signature),
        ("no token".to_owned(), SignOnRefusal::Token),
    ] {
        let refused = world.begin(&browser, SignOnBy::Scalekit(token)).await;
        assert_eq!(refusal(refused), expected);
    }
}
