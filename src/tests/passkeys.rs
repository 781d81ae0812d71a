//! Passkeys: they are added, open an account without its password, and confirm an identity.

use std::time::Duration;

use domain::{
    access::{FreshProof, Role},
    passkey::CEREMONY_LASTS,
    refusal::{PasskeyRefusal, Refusal, SignOnRefusal},
    setting::SettingName,
};
use seatkeeper::{
    commands::{
        self, Asked, Error, FirstPasskey, NewPasskey, NewSetting, Origin, PasskeyProof,
        PasskeySignIn, Signed, begin_first_passkey, begin_identity_by_passkey,
        begin_sign_in_by_passkey, change_setting,
        login_throttle::Visitor,
        set_first_passkey,
        sign_in::{Passed, SignIn, Step, Welcome, sign_in},
        sign_in_by_passkey,
    },
    jobs::cleanup,
    queries,
};
use serde_json::Value;
use views::factors::FactorsPage;

use crate::{
    sign_on_rules::ready,
    support::{
        authenticator::{HERE, Phone},
        identity_provider::Person,
        world::{ACME, TestApp, operator, stories},
    },
};

stories! {
    a_passkey_is_added_and_the_other_sessions_end,
    a_passkey_signs_in_without_a_password_and_is_a_fresh_proof,
    an_answer_counts_once_in_all_processes_and_for_some_minutes,
    an_answer_counts_on_this_site_and_for_its_challenge_alone,
    a_passkey_opens_no_account_but_its_own,
    a_copy_of_a_passkey_is_refused_and_the_owner_is_told,
    answers_that_are_refused_count_as_failed_sign_ins,
    a_disabled_account_is_like_none,
    a_required_single_sign_on_refuses_a_passkey,
    a_passkey_confirms_an_identity,
    staff_who_need_a_factor_may_take_a_passkey,
}

pub const KIM: &str = "kim@seats.example";
const EVE: &str = "eve@seats.example";
const PASSWORD: &str = "correct horse battery";

fn visitor() -> Visitor {
    Visitor { source: Some([203, 0, 113, 5].into()), device: None }
}

pub fn refused<T: std::fmt::Debug>(done: Result<T, Error>) -> Refusal {
    match done {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

pub fn passkey_refused<T: std::fmt::Debug>(done: Result<T, Error>) -> PasskeyRefusal {
    match refused(done) {
        Refusal::Passkey(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// An account in a browser.
async fn signed_in(world: &TestApp, email: &str, role: Role) -> String {
    world.account(email, role, &[]).await;
    world.cookie_of(&world.account_id(email).await).await
}

/// Adds a passkey in this session: the session that goes on, and the phone.
pub async fn adds(world: &TestApp, cookie: &str, name: &str) -> (String, Phone) {
    let mut phone = Phone::default();
    let asked = world.asks_for_passkey(cookie).await.unwrap();
    let new = NewPasskey { signed: phone.makes(HERE, &asked).await, name: name.to_owned() };
    let (_, renewed) = world.add_passkey(cookie, new).await.unwrap();
    (renewed, phone)
}

pub async fn with_passkey(world: &TestApp, email: &str, role: Role) -> (String, Phone) {
    let cookie = signed_in(world, email, role).await;
    adds(world, &cookie, "Phone").await
}

pub async fn asks(world: &TestApp) -> Asked {
    begin_sign_in_by_passkey(&world.state, &visitor()).await.unwrap()
}

pub async fn passes(world: &TestApp, signed: Signed) -> Result<Welcome, Error> {
    let form = PasskeySignIn { signed, visitor: visitor(), origin: Origin::default() };
    sign_in_by_passkey(&world.state, &form).await
}

pub async fn signs_in(world: &TestApp, phone: &mut Phone) -> Result<Welcome, Error> {
    let signed = phone.signs(HERE, &asks(world).await).await;
    passes(world, signed).await
}

pub async fn by_password(world: &TestApp, email: &str) -> Passed {
    let (email, password) = (email.to_owned(), PASSWORD.to_owned());
    let attempt = SignIn { email, password, source: None, device: None };
    sign_in(&world.state, attempt).await.unwrap()
}

pub async fn page(world: &TestApp, email: &str) -> FactorsPage {
    let viewer = world.viewer_of(email).await;
    queries::own_factors(&world.state, &viewer, "Firefox on Linux".to_owned()).await.unwrap()
}

pub async fn entries(world: &TestApp) -> Vec<String> {
    let select = "select action || ': ' || coalesce(before_value, '') || ' → ' || \
        coalesce(after_value, '') from audit_log where action like '%factor%' or action like \
        '%passkey%' order by at, id";
    world.texts(select).await
}

async fn a_passkey_is_added_and_the_other_sessions_end(world: TestApp) {
    let cookie = signed_in(&world, KIM, Role::Staff).await;
    let other = world.cookie_of(&world.account_id(KIM).await).await;
    let asked = world.asks_for_passkey(&cookie).await.unwrap();
    let options: Value = serde_json::from_str(&asked.options).unwrap();
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["rp"]["id"], "seats.example");
    let new = NewPasskey {
        signed: Phone::default().makes(HERE, &asked).await,
        name: " Kim’s phone ".to_owned(),
    };
    let named = |name: &str| NewPasskey { name: name.to_owned(), ..new.clone() };
    let too_long = world.add_passkey(&cookie, named(&"ü".repeat(61))).await;
    assert_eq!(passkey_refused(too_long), PasskeyRefusal::Name);

    let (codes, renewed) = world.add_passkey(&cookie, new.clone()).await.unwrap();

    assert_eq!(codes.len(), 10);
    assert!(renewed != cookie && world.viewer(&renewed, &[]).await.is_some());
    for ended in [&cookie, &other] {
        assert!(world.viewer(ended, &[]).await.is_none());
    }
    let shown = page(&world, KIM).await;
    assert!(shown.offers_passkeys && shown.factors.is_any() && !shown.factors.has_app);
    assert_eq!(shown.passkeys.len(), 1);
    assert_eq!((&*shown.passkeys[0].stored_name, shown.passkeys[0].used_at), ("Kim’s phone", None));
    let again = world.add_passkey(&renewed, new).await;
    assert_eq!(passkey_refused(again), PasskeyRefusal::Over, "an answer counts once");
    let second = world.asks_for_passkey(&renewed).await.unwrap();
    let second: Value = serde_json::from_str(&second.options).unwrap();
    assert_eq!(second["user"]["id"], options["user"]["id"], "one account for the phone");
    assert_eq!(second["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(entries(&world).await, ["add_factor:  → passkey “Kim’s phone”"]);
    let sent = world.all_sent_now().await;
    assert_eq!((sent.len(), &*sent[0].to), (1, KIM));
    assert!(sent[0].email.subject.contains("passkey was added"));
}

async fn a_passkey_signs_in_without_a_password_and_is_a_fresh_proof(world: TestApp) {
    let (_, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    world.tamper("delete from sessions").await;
    world.clock.pass(Duration::from_hours(1));

    let welcome = signs_in(&world, &mut phone).await.unwrap();

    let cookie = world.passkey_session(welcome.person).await.unwrap();
    assert_eq!(world.viewer(&cookie, &[]).await.unwrap().email, KIM);
    assert!(world.fresh_proof(&cookie).await.is_ok());
    assert_eq!(world.texts("select method from sessions").await, ["passkey"]);
    assert_eq!(page(&world, KIM).await.passkeys[0].used_at, Some(world.clock.now()));
    let known = "select email_key from known_devices d join accounts a on a.id = d.account_id";
    assert_eq!(world.texts(known).await, [KIM], "the browser is a known device");
    let Passed::Step(Step::Second(token)) = by_password(&world, KIM).await else {
        panic!("the password alone is not enough any more");
    };
    let step = queries::second_step(&world.state, &token).await.unwrap();
    assert!(step.takes_passkey && !step.factors.has_app);
}

async fn an_answer_counts_once_in_all_processes_and_for_some_minutes(world: TestApp) {
    let (_, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    let (signed, beside) = (phone.signs(HERE, &asks(&world).await).await, world.beside().await);

    let (one, other) =
        tokio::join!(passes(&world, signed.clone()), passes(&beside, signed.clone()));

    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(passkey_refused(one.and(other)), PasskeyRefusal::Over);
    assert_eq!(passkey_refused(passes(&world, signed).await), PasskeyRefusal::Over);
    let late = phone.signs(HERE, &asks(&world).await).await;
    world.clock.pass(CEREMONY_LASTS);
    assert_eq!(passkey_refused(passes(&world, late).await), PasskeyRefusal::Over);
    cleanup::remove_expired(&world.state).await.unwrap();
    assert_eq!(world.texts("select kind from passkey_ceremonies").await, [""; 0]);
    signs_in(&world, &mut phone).await.unwrap();
}

async fn an_answer_counts_on_this_site_and_for_its_challenge_alone(world: TestApp) {
    let (cookie, mut phone) = with_passkey(&world, KIM, Role::Staff).await;

    for page in ["https://login.seats.example", "https://seats.example:8443"] {
        let elsewhere = phone.signs(page, &asks(&world).await).await;
        let refusal = passkey_refused(passes(&world, elsewhere).await);
        assert_eq!(refusal, PasskeyRefusal::NotAccepted, "{page}");
    }
    let (asked, another) = (asks(&world).await, asks(&world).await);
    let swapped = Signed { token: another.token, ..phone.signs(HERE, &asked).await };
    assert_eq!(passkey_refused(passes(&world, swapped).await), PasskeyRefusal::NotAccepted);
    for credential in ["", "{}", "[]", "\0"] {
        let token = asks(&world).await.token;
        let odd = passes(&world, Signed { token, credential: credential.to_owned() }).await;
        assert_eq!(passkey_refused(odd), PasskeyRefusal::NotAccepted, "{credential:?}");
    }
    let asked = world.asks_for_passkey(&cookie).await.unwrap();
    let mut new =
        NewPasskey { signed: Phone::default().makes(HERE, &asked).await, name: String::new() };
    let for_sign_in = passes(&world, new.signed.clone()).await;
    assert_eq!(passkey_refused(for_sign_in), PasskeyRefusal::Over, "it was asked for another use");
    let asked = world.asks_for_passkey(&cookie).await.unwrap();
    new.signed = Phone::default().makes("https://login.seats.example", &asked).await;
    let elsewhere = world.add_passkey(&cookie, new).await;
    assert_eq!(passkey_refused(elsewhere), PasskeyRefusal::NotAdded);
    assert_eq!(page(&world, KIM).await.passkeys.len(), 1);
}

async fn a_passkey_opens_no_account_but_its_own(world: TestApp) {
    let (kim, mut kims) = with_passkey(&world, KIM, Role::StaffAdmin).await;
    let (eve, mut eves) = with_passkey(&world, EVE, Role::Staff).await;
    let handle = |signed: &Signed| -> Value {
        let credential: Value = serde_json::from_str(&signed.credential).unwrap();
        credential["response"]["userHandle"].clone()
    };
    let of_kim = handle(&kims.signs(HERE, &asks(&world).await).await);

    for claimed in [of_kim, Value::Null] {
        let mut signed = eves.signs(HERE, &asks(&world).await).await;
        let mut credential: Value = serde_json::from_str(&signed.credential).unwrap();
        credential["response"]["userHandle"] = claimed;
        signed.credential = credential.to_string();
        assert_eq!(passkey_refused(passes(&world, signed).await), PasskeyRefusal::NotAccepted);
    }

    let asked = world.asks_for_passkey(&eve).await.unwrap();
    let new =
        NewPasskey { signed: Phone::default().makes(HERE, &asked).await, name: String::new() };
    let into_kims = world.add_passkey(&kim, new).await;
    assert_eq!(passkey_refused(into_kims), PasskeyRefusal::Over);
    let ids = page(&world, EVE).await.passkeys;
    let (removed, _) = world.remove_passkey(&kim, &ids[0].id).await.unwrap();
    assert!(!removed && page(&world, EVE).await.passkeys.len() == 1);
    let welcome = signs_in(&world, &mut eves).await.unwrap();
    assert_eq!(welcome.person.account, world.account_id(EVE).await);
}

async fn a_copy_of_a_passkey_is_refused_and_the_owner_is_told(world: TestApp) {
    let (_, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    let mut copy = phone.clone();
    for _ in 0..2 {
        signs_in(&world, &mut phone).await.unwrap();
    }
    world.all_sent_now().await;

    let refusal = passkey_refused(signs_in(&world, &mut copy).await);

    assert_eq!(refusal, PasskeyRefusal::Copied);
    assert_eq!(entries(&world).await[1], "refuse_passkey: Phone → ");
    let sent = world.all_sent_now().await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].email.subject.contains("passkey of your account was refused"));
    signs_in(&world, &mut phone).await.unwrap();
}

async fn answers_that_are_refused_count_as_failed_sign_ins(world: TestApp) {
    let (_, mut phone) = with_passkey(&world, KIM, Role::Staff).await;

    let mut looked_at = 0;
    let last = loop {
        let signed = phone.signs("https://login.seats.example", &asks(&world).await).await;
        match refused(passes(&world, signed).await) {
            Refusal::Passkey(PasskeyRefusal::NotAccepted) => looked_at += 1,
            other => break other,
        }
    };

    assert_eq!((looked_at, last), (10, Refusal::TooManyAttempts));
    assert_eq!(refused(signs_in(&world, &mut phone).await), Refusal::TooManyAttempts);
}

async fn a_disabled_account_is_like_none(world: TestApp) {
    let (_, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    let before = phone.signs(HERE, &asks(&world).await).await;
    let welcome = signs_in(&world, &mut phone).await.unwrap();

    commands::disable_account(&world.state, &operator(), KIM).await.unwrap();

    assert_eq!(passkey_refused(passes(&world, before).await), PasskeyRefusal::NotAccepted);
    let begun = world.passkey_session(welcome.person).await;
    assert_eq!(refused(begun), Refusal::SignIn, "disabled in the meantime");
}

async fn a_required_single_sign_on_refuses_a_passkey(world: TestApp) {
    const ADA: &str = "ada@acme.test";
    let (world, provider) = ready(world).await;
    world.set_domains("acme.test").await;
    world.account(ADA, Role::TenantAdmin, &[ACME]).await;
    world.signs_on(&provider, &Person::new(ADA)).await.unwrap();
    let cookie = world.cookie_of(&world.account_id(ADA).await).await;
    let (cookie, mut phone) = adds(&world, &cookie, "Phone").await;
    let by_passkey = signs_in(&world, &mut phone).await.unwrap();
    let by_passkey = world.passkey_session(by_passkey.person).await.unwrap();

    world.require_sign_on(true).await.unwrap();

    for ended in [cookie, by_passkey] {
        assert!(world.viewer(&ended, &[]).await.is_none());
    }
    let welcome = signs_in(&world, &mut phone).await.unwrap();
    let begun = world.passkey_session(welcome.person).await;
    assert_eq!(refused(begun), Refusal::SignOn(SignOnRefusal::Required));
    world.require_sign_on(false).await.unwrap();
    let welcome = signs_in(&world, &mut phone).await.unwrap();
    assert!(world.passkey_session(welcome.person).await.is_ok());
}

async fn a_passkey_confirms_an_identity(world: TestApp) {
    let (cookie, mut phone) = with_passkey(&world, KIM, Role::Staff).await;
    let (_, mut eves) = with_passkey(&world, EVE, Role::Staff).await;
    world.clock.pass(FreshProof::LASTS);
    assert!(world.fresh_proof(&cookie).await.is_err());
    let kim = world.viewer_of(KIM).await;
    assert!(queries::identity(&world.state, &kim).await.unwrap().takes_passkey);
    let here = visitor();
    let ask = || begin_identity_by_passkey(&world.state, &kim, &here);
    let form = |signed| PasskeyProof { signed, visitor: visitor(), origin: Origin::default() };
    let asked = ask().await.unwrap();
    let options: Value = serde_json::from_str(&asked.options).unwrap();
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);

    let signed = phone.signs(HERE, &asked).await;
    let confirmed = world.confirm_by_passkey(&cookie, form(signed.clone())).await.unwrap();

    assert!(confirmed != cookie && world.fresh_proof(&confirmed).await.is_ok());
    let again = world.confirm_by_passkey(&confirmed, form(signed)).await;
    assert_eq!(passkey_refused(again), PasskeyRefusal::Over);
    let for_sign_in = phone.signs(HERE, &asks(&world).await).await;
    let for_sign_in = world.confirm_by_passkey(&confirmed, form(for_sign_in)).await;
    assert_eq!(passkey_refused(for_sign_in), PasskeyRefusal::Over);
    let mut asked = ask().await.unwrap();
    let mut options: Value = serde_json::from_str(&asked.options).unwrap();
    options["allowCredentials"] = Value::Null;
    asked.options = options.to_string();
    let of_eve = form(eves.signs(HERE, &asked).await);
    let of_eve = world.confirm_by_passkey(&confirmed, of_eve).await;
    assert_eq!(passkey_refused(of_eve), PasskeyRefusal::NotAccepted);
}

async fn staff_who_need_a_factor_may_take_a_passkey(world: TestApp) {
    let (eves_cookie, _) = with_passkey(&world, EVE, Role::Staff).await;
    world.account(KIM, Role::Staff, &[]).await;
    let name = SettingName::StaffSecondFactor;
    let on = NewSetting { name, value: "yes".to_owned(), expected: None };
    let proof = FreshProof::of_command_line();
    change_setting(&world.state, &operator(), &proof, &on).await.unwrap();
    let Passed::Step(Step::First(token)) = by_password(&world, KIM).await else { panic!() };
    let device = "Firefox on Linux".to_owned();
    let page = queries::first_factor(&world.state, &token, device).await.unwrap();
    assert!(page.offers_passkeys);
    let mut phone = Phone::default();
    let form = |token: &str, signed| FirstPasskey {
        token: token.to_owned(),
        new: NewPasskey { signed, name: page.device.clone() },
        visitor: visitor(),
        origin: Origin::default(),
    };

    let of_eve = phone.makes(HERE, &world.asks_for_passkey(&eves_cookie).await.unwrap()).await;
    let of_eve = set_first_passkey(&world.state, &form(&token, of_eve)).await;
    assert_eq!(passkey_refused(of_eve), PasskeyRefusal::Over, "it was asked of another account");
    let unknown = begin_first_passkey(&world.state, "made up", &visitor()).await.map(|_| ());
    assert_eq!(refused(unknown), Refusal::StepOver);
    let mut phone = Phone::default();
    let asked = begin_first_passkey(&world.state, &token, &visitor()).await.unwrap();
    let made = form(&token, phone.makes(HERE, &asked).await);
    let (welcome, codes) = set_first_passkey(&world.state, &made).await.unwrap();

    assert_eq!(codes.len(), 10);
    let cookie = world.passkey_session(welcome.person).await.unwrap();
    assert!(world.viewer(&cookie, &[]).await.is_some());
    assert_eq!(refused(set_first_passkey(&world.state, &made).await), Refusal::StepOver);
    assert!(matches!(by_password(&world, KIM).await, Passed::Step(Step::Second(_))));
    assert!(signs_in(&world, &mut phone).await.is_ok());
}
