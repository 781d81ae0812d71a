//! Passkeys that are renamed and taken away, and those that staff need.

use domain::{
    access::{FreshProof, Role},
    factor::Factors,
    refusal::{PasskeyRefusal, Refusal},
    setting::SettingName,
};
use seatkeeper::commands::{
    self, Actor, NewSetting, change_setting, rename_passkey, sign_in::Passed,
};

use crate::{
    passkeys::{
        KIM, adds, asks, by_password, entries, page, passes, passkey_refused, refused, signs_in,
        with_passkey,
    },
    support::{
        authenticator::HERE,
        world::{TestApp, operator, stories},
    },
};

stories! {
    a_removed_passkey_opens_nothing,
    a_passkey_is_renamed,
    a_passkey_is_enough_for_staff_and_the_last_one_stays,
    a_colleague_takes_passkeys_away,
}

async fn a_removed_passkey_opens_nothing(world: TestApp) {
    let (cookie, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    let id = page(&world, KIM).await.passkeys[0].id.clone();
    let signed = phone.signs(HERE, &asks(&world).await).await;

    let (removed, renewed) = world.remove_passkey(&cookie, &id).await.unwrap();

    assert!(removed && renewed != cookie);
    assert_eq!(passkey_refused(passes(&world, signed).await), PasskeyRefusal::NotAccepted);
    assert_eq!(page(&world, KIM).await.factors, Factors::default(), "the codes went, too");
    assert!(matches!(by_password(&world, KIM).await, Passed::In(_)));
    assert!(!world.remove_passkey(&renewed, &id).await.unwrap().0);
    assert_eq!(entries(&world).await[1], "remove_factor: passkey “Phone” → ");
    let sent = world.all_sent_now().await;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().any(|one| one.email.subject.contains("passkey was removed")));
}

async fn a_passkey_is_renamed(world: TestApp) {
    with_passkey(&world, KIM, Role::Staff).await;
    let viewer = world.viewer_of(KIM).await;
    let (actor, id) = (Actor::of_viewer(&viewer), page(&world, KIM).await.passkeys[0].id.clone());
    let rename = |name: &'static str| {
        let (state, by, id) = (&world.state, (&actor, &viewer), &id);
        async move { rename_passkey(state, by, (id, name)).await }
    };

    assert!(rename(" Work laptop ").await.unwrap());

    assert!(!rename("Work laptop").await.unwrap(), "it is called so already");
    assert_eq!(passkey_refused(rename("a\nb").await), PasskeyRefusal::Name);
    assert_eq!(page(&world, KIM).await.passkeys[0].stored_name, "Work laptop");
    assert_eq!(entries(&world).await[1], "rename_passkey: Phone → Work laptop");
}

async fn a_passkey_is_enough_for_staff_and_the_last_one_stays(world: TestApp) {
    let (cookie, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    let on = NewSetting {
        name: SettingName::StaffSecondFactor,
        value: "yes".to_owned(),
        expected: None,
    };
    let proof = FreshProof::of_command_line();
    change_setting(&world.state, &operator(), &proof, &on).await.unwrap();

    assert!(world.viewer(&cookie, &[]).await.is_some());
    let welcome = signs_in(&world, &mut phone).await.unwrap();
    let cookie = world.passkey_session(welcome.person).await.unwrap();
    let shown = page(&world, KIM).await;
    assert!(shown.is_needed);
    let last = world.remove_passkey(&cookie, &shown.passkeys[0].id).await;
    assert_eq!(refused(last), Refusal::FactorNeeded);
    let (cookie, _) = adds(&world, &cookie, "Key in the safe").await;
    let (removed, _) = world.remove_passkey(&cookie, &shown.passkeys[0].id).await.unwrap();
    assert!(removed, "another one is there now");
}

async fn a_colleague_takes_passkeys_away(world: TestApp) {
    let (cookie, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    let (cookie, _) = adds(&world, &cookie, "Laptop").await;
    let signed = phone.signs(HERE, &asks(&world).await).await;
    world.all_sent_now().await;

    let actor = operator();
    let reset = || commands::reset_factors(&world.state, &actor, KIM);
    assert!(reset().await.unwrap() && !reset().await.unwrap());

    assert!(world.viewer(&cookie, &[]).await.is_none());
    assert_eq!(passkey_refused(passes(&world, signed).await), PasskeyRefusal::NotAccepted);
    assert_eq!(entries(&world).await[2], "reset_factors: 2 passkeys → ");
    assert_eq!(world.all_sent_now().await.len(), 1);
    assert!(matches!(by_password(&world, KIM).await, Passed::In(_)));
}
