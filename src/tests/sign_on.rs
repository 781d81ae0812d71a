//! Single sign-on with a provider of the organization: the round trip, and everything that a
//! provider or a stranger can send instead of a right answer.

use std::time::Duration;

use domain::{
    access::Role, id::OrganizationId, organization::SeatLimit, refusal::SignOnRefusal,
    single_sign_on::ProviderKind,
};
use seatkeeper::{
    commands::{Actor, NewSignOn, SignOnBy},
    jobs,
    oidc::BrowserToken,
};

use crate::support::{
    identity_provider::{Fault, IdentityProvider, Person},
    sign_on::{provider_form, refusal},
    world::{ACME, TestApp, operator, stories},
};

stories! {
    a_connected_person_signs_in_without_a_password,
    a_public_client_proves_itself_by_pkce_alone,
    an_answer_that_is_not_right_is_refused_with_its_reason,
    a_state_and_a_code_work_once_and_in_one_browser,
    an_answer_of_another_provider_is_refused,
    a_sign_in_that_takes_too_long_or_whose_provider_changed_is_over,
    a_new_key_is_found_and_an_unknown_one_is_looked_for_once_a_minute,
    trying_a_provider_says_what_is_wrong,
    the_secret_stays_with_its_client_and_is_in_no_entry,
    an_address_leads_to_the_organization_of_its_domain;
    sqlite: a_provider_that_does_not_answer_is_given_up,
}

const ADA: &str = "ada@acme.test";

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

/// Acme with a provider, and Ada, whose account is connected with it.
async fn ready(world: TestApp) -> (TestApp, IdentityProvider, Person) {
    let world = world.with_local_providers(|_| {});
    let provider = IdentityProvider::start(&world.clock).await;
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    world.set_provider(&provider_form(&provider)).await.unwrap();
    let person = Person::new(ADA);
    world.connects(&provider, (&world.viewer_of(ADA).await, &person)).await.unwrap();
    (world, provider, person)
}

async fn a_connected_person_signs_in_without_a_password(world: TestApp) {
    let (world, provider, person) = ready(world).await;

    let signed_in = world.signs_on(&provider, &person).await.unwrap();

    assert_eq!(signed_in.account, world.account_id(ADA).await);
    let cookie = world.sign_on_session(signed_in).await;
    let viewer = world.viewer(&cookie, &[]).await.unwrap();
    assert_eq!(viewer.role_in(&acme()), Some(Role::TenantAdmin));
    let stored = world.texts("select method from sessions").await;
    assert_eq!(stored, ["single-sign-on"]);
    let hidden = world.texts("select state_hash from sign_on_flows").await;
    assert_eq!(hidden, [""; 0], "nothing of it is left");
}

async fn a_public_client_proves_itself_by_pkce_alone(world: TestApp) {
    let (world, provider, person) = ready(world).await;
    provider.be_public();
    assert_eq!(
        refusal(world.signs_on(&provider, &person).await),
        SignOnRefusal::ClientRefused,
        "a secret that the provider does not know"
    );

    let public =
        NewSignOn { client_secret: String::new(), has_no_secret: true, ..provider_form(&provider) };
    world.set_provider(&public).await.unwrap();

    world.signs_on(&provider, &person).await.unwrap();
    let by_user_info = Person { by_user_info: true, ..person };
    world.signs_on(&provider, &by_user_info).await.unwrap();
}

async fn an_answer_that_is_not_right_is_refused_with_its_reason(world: TestApp) {
    let (world, provider, person) = ready(world).await;
    for (fault, expected) in [
        (Fault::WrongIssuer, SignOnRefusal::TokenIssuer),
        (Fault::WrongAudience, SignOnRefusal::Audience),
        (Fault::SeveralAudiences, SignOnRefusal::Audience),
        (Fault::WrongParty, SignOnRefusal::Audience),
        (Fault::WrongNonce, SignOnRefusal::Nonce),
        (Fault::NoNonce, SignOnRefusal::Nonce),
        (Fault::SharedSecret, SignOnRefusal::Algorithm),
        (Fault::NoSignature, SignOnRefusal::Algorithm),
        (Fault::BrokenSignature, SignOnRefusal::Signature),
        (Fault::UnknownKey, SignOnRefusal::UnknownKey),
        (Fault::Expired, SignOnRefusal::Expired),
        (Fault::ToCome, SignOnRefusal::Expired),
        (Fault::NoTimes, SignOnRefusal::Token),
        (Fault::WrongAccessToken, SignOnRefusal::AccessToken),
        (Fault::NoIdToken, SignOnRefusal::Token),
    ] {
        provider.misbehave(fault);
        assert_eq!(refusal(world.signs_on(&provider, &person).await), expected, "{fault:?}");
    }
    provider.misbehave(Fault::AnotherPersonInUserInfo);
    let by_user_info = Person { by_user_info: true, ..person.clone() };
    let refused = world.signs_on(&provider, &by_user_info).await;
    assert_eq!(refusal(refused), SignOnRefusal::AccessToken);

    provider.misbehave(Fault::None);
    world.signs_on(&provider, &person).await.unwrap();
}

async fn a_state_and_a_code_work_once_and_in_one_browser(world: TestApp) {
    let (world, provider, person) = ready(world).await;
    let (browser, another) = (BrowserToken::fresh().unwrap(), BrowserToken::fresh().unwrap());
    let to = world.begin(&browser, SignOnBy::Organization(acme())).await.unwrap();
    let answer = provider.signs_in(&to, &person);

    // a stranger's browser cannot finish it, and does not use it up
    let refused = world.comes_back(&another, &answer).await;
    assert_eq!(refusal(refused), SignOnRefusal::FlowOver);
    world.comes_back(&browser, &answer).await.unwrap();
    let refused = world.comes_back(&browser, &answer).await;
    assert_eq!(refusal(refused), SignOnRefusal::FlowOver, "a second time");

    // a code in another sign-in: PKCE binds it to the first one
    let first = world.begin(&browser, SignOnBy::Organization(acme())).await.unwrap();
    let second = world.begin(&browser, SignOnBy::Organization(acme())).await.unwrap();
    let (stolen, mut mixed) =
        (provider.signs_in(&first, &person), provider.signs_in(&second, &person));
    mixed.insert("code".to_owned(), stolen["code"].clone());
    let refused = world.comes_back(&browser, &mixed).await;
    assert_eq!(refusal(refused), SignOnRefusal::CodeRefused);
    let refused = world.comes_back(&browser, &stolen).await;
    assert_eq!(refusal(refused), SignOnRefusal::CodeRefused, "the provider took it once");

    let without = [("state".to_owned(), "made up".to_owned())].into();
    let refused = world.comes_back(&browser, &without).await;
    assert_eq!(refusal(refused), SignOnRefusal::FlowOver);
}

async fn an_answer_of_another_provider_is_refused(world: TestApp) {
    let (world, provider, person) = ready(world).await;
    let browser = BrowserToken::fresh().unwrap();
    let begin = async || {
        let to = world.begin(&browser, SignOnBy::Organization(acme())).await.unwrap();
        provider.signs_in(&to, &person)
    };

    let mut answer = begin().await;
    answer.insert("iss".to_owned(), "https://another.test".to_owned());
    let refused = world.comes_back(&browser, &answer).await;
    assert_eq!(refusal(refused), SignOnRefusal::AnotherProvider);

    let mut answer = begin().await;
    answer.remove("iss");
    let refused = world.comes_back(&browser, &answer).await;
    assert_eq!(refusal(refused), SignOnRefusal::AnotherProvider, "it says that it names itself");

    let answer = begin().await;
    let refused = world.comes_back_to(None, &browser, (&answer, None)).await;
    assert_eq!(refusal(refused), SignOnRefusal::AnotherProvider, "at another address");

    let mut answer = begin().await;
    answer.remove("code");
    let refused = world.comes_back(&browser, &answer).await;
    assert_eq!(refusal(refused), SignOnRefusal::Denied);
}

async fn a_sign_in_that_takes_too_long_or_whose_provider_changed_is_over(world: TestApp) {
    let (world, provider, person) = ready(world).await;
    let browser = BrowserToken::fresh().unwrap();
    let to = world.begin(&browser, SignOnBy::Organization(acme())).await.unwrap();
    let answer = provider.signs_in(&to, &person);
    world.clock.pass(Duration::from_mins(10));
    let refused = world.comes_back(&browser, &answer).await;
    assert_eq!(refusal(refused), SignOnRefusal::FlowOver);

    let to = world.begin(&browser, SignOnBy::Organization(acme())).await.unwrap();
    let answer = provider.signs_in(&to, &person);
    let another = NewSignOn { client_id: "another".to_owned(), ..provider_form(&provider) };
    world.set_provider(&another).await.unwrap();
    let refused = world.comes_back(&browser, &answer).await;
    assert_eq!(refusal(refused), SignOnRefusal::FlowOver, "the provider is another one");

    world.begin(&browser, SignOnBy::Organization(acme())).await.unwrap();
    world.clock.pass(Duration::from_mins(10));
    jobs::cleanup::remove_expired(&world.state).await.unwrap();
    assert_eq!(world.texts("select state_hash from sign_on_flows").await, [""; 0]);
}

async fn a_new_key_is_found_and_an_unknown_one_is_looked_for_once_a_minute(world: TestApp) {
    let (world, provider, person) = ready(world).await;
    world.signs_on(&provider, &person).await.unwrap();
    let before = provider.asked_for_keys();
    provider.rotate("second");

    world.signs_on(&provider, &person).await.unwrap();

    assert_eq!(provider.asked_for_keys(), before + 1);
    provider.rotate("third");
    let refused = world.signs_on(&provider, &person).await;
    assert_eq!(refusal(refused), SignOnRefusal::UnknownKey, "within the minute");
    assert_eq!(provider.asked_for_keys(), before + 1);
    world.clock.pass(Duration::from_mins(1));
    world.signs_on(&provider, &person).await.unwrap();
    assert_eq!(provider.asked_for_keys(), before + 2);
}

async fn trying_a_provider_says_what_is_wrong(world: TestApp) {
    let (world, provider, _) = ready(world).await;
    world.tries_provider(&operator()).await.unwrap();
    for (fault, expected) in [
        (Fault::Huge, SignOnRefusal::TooLarge),
        (Fault::Redirects, SignOnRefusal::Redirects),
        (Fault::Error, SignOnRefusal::Answer),
        (Fault::NoJson, SignOnRefusal::Unreadable),
        (Fault::MetadataOfAnother, SignOnRefusal::IssuerDiffers),
        (Fault::PlainEndpoint, SignOnRefusal::Endpoint),
        (Fault::NoPkce, SignOnRefusal::NoPkce),
        (Fault::NoKeys, SignOnRefusal::NoKeys),
    ] {
        provider.misbehave(fault);
        assert_eq!(refusal(world.tries_provider(&operator()).await), expected, "{fault:?}");
    }
    let nowhere = NewSignOn { issuer: "http://127.0.0.1:1".to_owned(), ..provider_form(&provider) };
    world.set_provider(&nowhere).await.unwrap();
    let refused = world.tries_provider(&operator()).await;
    assert_eq!(refusal(refused), SignOnRefusal::Unreachable);
    let other = OrganizationId::new("org_404");
    let missing = seatkeeper::commands::try_sign_on(&world.state, &operator(), &other).await;
    assert!(matches!(missing, Err(seatkeeper::commands::Error::Missing)), "{missing:?}");
}

async fn a_provider_that_does_not_answer_is_given_up(world: TestApp) {
    let (world, provider, _) = ready(world).await;
    provider.misbehave(Fault::Slow);

    let refused = world.tries_provider(&operator()).await;

    assert_eq!(refusal(refused), SignOnRefusal::TooSlow);
}

async fn the_secret_stays_with_its_client_and_is_in_no_entry(world: TestApp) {
    let (world, provider, _) = ready(world).await;
    let without = NewSignOn { client_secret: String::new(), ..provider_form(&provider) };
    assert!(!world.set_provider(&without).await.unwrap(), "it is kept");
    let makes = NewSignOn { creates_accounts: true, ..without.clone() };
    assert!(world.set_provider(&makes).await.unwrap());
    for another in [
        NewSignOn { client_id: "another".to_owned(), ..without.clone() },
        NewSignOn { issuer: "https://another.test".to_owned(), ..without.clone() },
    ] {
        let refused = world.set_provider(&another).await;
        assert_eq!(refusal(refused), SignOnRefusal::ClientSecret, "it goes to no other place");
    }
    for (bad, expected) in [
        (
            NewSignOn { issuer: "http://acme.test".to_owned(), ..without.clone() },
            SignOnRefusal::Issuer,
        ),
        (NewSignOn { client_id: String::new(), ..without.clone() }, SignOnRefusal::ClientId),
        (NewSignOn { kind: ProviderKind::Scalekit, ..without }, SignOnRefusal::NoScalekit),
    ] {
        assert_eq!(refusal(world.set_provider(&bad).await), expected);
    }
    let entries = world
        .texts(
            "select coalesce(before_value, '') || ' ' || coalesce(after_value, '') || ' ' || \
             coalesce(reason, '') from audit_log where action = 'set_single_sign_on' order by at, id",
        )
        .await;
    assert_eq!(entries.len(), 2);
    assert!(entries[1].ends_with("(client seatkeeper+acme), makes accounts "), "{entries:?}");
    let secret = crate::support::identity_provider::CLIENT_SECRET;
    assert!(entries.iter().all(|entry| !entry.contains(secret)), "{entries:?}");
}

async fn an_address_leads_to_the_organization_of_its_domain(world: TestApp) {
    let (world, provider, person) = ready(world).await;
    let browser = BrowserToken::fresh().unwrap();
    let by = || SignOnBy::Address("Someone@ACME.test".to_owned());
    let refused = world.begin(&browser, by()).await;
    assert_eq!(refusal(refused), SignOnRefusal::Domain);

    world.set_domains("acme.test").await;

    let to = world.begin(&browser, by()).await.unwrap();
    let answer = provider.signs_in(&to, &person);
    world.comes_back(&browser, &answer).await.unwrap();
    for unknown in ["someone@another.test", "someone", ""] {
        let refused = world.begin(&browser, SignOnBy::Address(unknown.to_owned())).await;
        assert_eq!(refusal(refused), SignOnRefusal::Domain, "{unknown}");
    }
    // another program may start it, too: that begins a sign-in, and signs no person in
    let to = world.begin(&browser, SignOnBy::Issuer(provider.issuer.clone())).await.unwrap();
    assert!(to.starts_with(&provider.issuer), "{to}");
    let other = SignOnBy::Issuer("https://another.test".to_owned());
    assert_eq!(refusal(world.begin(&browser, other).await), SignOnRefusal::NotSetUp);
    let admin = Actor::of_viewer(&world.viewer_of(ADA).await);
    let missing = NewSignOn { client_secret: "x".to_owned(), ..provider_form(&provider) };
    let set = seatkeeper::commands::set_sign_on(&world.state, &admin, &acme(), &missing).await;
    assert!(set.unwrap(), "an admin of the organization may change it");
}
