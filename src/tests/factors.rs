//! The second step of a sign-in: an authenticator app and its recovery codes.

use std::time::Duration;

use domain::{
    access::{FreshProof, Role, Viewer},
    factor::{APP_PERIOD, Factors, RecoveryCode, STEP_LASTS},
    organization::SeatLimit,
    refusal::Refusal,
    setting::SettingName,
};
use seatkeeper::{
    commands::{
        self, Actor, Error, FirstFactor, NewApp, NewSetting, NewStaffChange, Origin, SecondStep,
        StaffChange, begin_app, change_setting, change_staff_account,
        login_throttle::Visitor,
        second_step, set_first_factor,
        sign_in::{Passed, SignIn, Step, Welcome, sign_in},
    },
    jobs::cleanup,
    queries,
};

use crate::{
    deprovisioning::account,
    support::world::{ACME, TestApp, operator, stories},
};

stories! {
    an_app_counts_once_its_code_is_shown_and_ends_the_other_sessions,
    a_sign_in_with_an_app_has_two_steps_and_no_session_before_the_second,
    a_code_works_once_also_in_another_process,
    a_recovery_code_works_once_and_the_owner_is_told,
    a_wrong_code_counts_as_a_failed_sign_in,
    a_second_step_ends_with_its_time_and_with_another_password,
    new_recovery_codes_end_the_old_ones,
    an_app_is_removed_with_its_codes,
    staff_who_need_a_factor_set_one_up_before_they_get_in,
    a_staff_admin_takes_the_factors_of_a_colleague_away,
    a_code_confirms_an_identity,
    nothing_that_signs_in_is_stored_readably,
}

const KIM: &str = "kim@seats.example";
const PASSWORD: &str = "correct horse battery";
const ANOTHER: &str = "a passphrase that stays secret";
const HALF_A_MINUTE: Duration = Duration::from_secs(APP_PERIOD);

/// The app of a person, as their phone has it.
struct Phone(Vec<u8>);

impl Phone {
    /// With the secret that a page shows.
    fn scans(secret: &str) -> Self {
        let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
        Self(secret.as_bytes().to_vec())
    }

    fn code(&self, world: &TestApp) -> String {
        let app = totp_rs::Builder::new().with_secret(self.0.clone()).build().unwrap();
        let seconds = world.clock.now().nanos() / 1_000_000_000;
        app.generate(u64::try_from(seconds).unwrap()).to_string()
    }

    /// The code after the one that was used.
    fn next_code(&self, world: &TestApp) -> String {
        world.clock.pass(HALF_A_MINUTE);
        self.code(world)
    }
}

fn visitor() -> Visitor {
    Visitor { source: Some([203, 0, 113, 5].into()), device: None }
}

async fn passes(world: &TestApp, password: &str) -> Result<Passed, Error> {
    let (email, password) = (KIM.to_owned(), password.to_owned());
    let Visitor { source, device } = visitor();
    sign_in(&world.state, SignIn { email, password, source, device }).await
}

/// The token of the browser whose password was right.
async fn first_step(world: &TestApp) -> String {
    match passes(world, PASSWORD).await.unwrap() {
        Passed::Step(Step::Second(token)) => token,
        other => panic!("{other:?}"),
    }
}

async fn types(world: &TestApp, token: &str, code: &str) -> Result<Welcome, Error> {
    let (token, code) = (token.to_owned(), code.to_owned());
    let form = SecondStep { token, code, visitor: visitor(), origin: Origin::default() };
    second_step(&world.state, &form).await
}

fn refused<T: std::fmt::Debug>(done: Result<T, Error>) -> Refusal {
    match done {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn viewer(world: &TestApp) -> Viewer {
    queries::viewer(&world.state, &account(world, KIM).await).await.unwrap().unwrap()
}

async fn factors(world: &TestApp) -> Factors {
    queries::own_factors(&world.state, &viewer(world).await, String::new()).await.unwrap().factors
}

async fn entries(world: &TestApp) -> Vec<String> {
    let select = "select action || ': ' || coalesce(before_value, '') || ' → ' || \
        coalesce(after_value, '') from audit_log where action like '%factor%' or action like \
        '%recovery%' order by at, id";
    world.texts(select).await
}

/// Kim in a browser that begins to set up an app: the session, the token and the phone.
async fn begins(world: &TestApp, role: Role) -> (String, String, Phone) {
    world.account(KIM, role, &[]).await;
    let cookie = world.cookie_of(&account(world, KIM).await).await;
    let (viewer, proof) = (viewer(world).await, world.fresh_proof(&cookie).await.unwrap());
    let token = begin_app(&world.state, &viewer, &proof).await.unwrap();
    let page = queries::new_app(&world.state, &viewer, &proof, &token).await.unwrap();
    (cookie, token, Phone::scans(&page.secret))
}

/// Kim with an app: the session that goes on, the phone and the recovery codes.
async fn with_app(world: &TestApp, role: Role) -> (String, Phone, Vec<RecoveryCode>) {
    let (cookie, token, phone) = begins(world, role).await;
    let code = phone.code(world);
    let (codes, renewed) = world.add_app(&cookie, NewApp { token, code }).await.unwrap();
    (renewed, phone, codes)
}

async fn an_app_counts_once_its_code_is_shown_and_ends_the_other_sessions(world: TestApp) {
    let (cookie, token, phone) = begins(&world, Role::Staff).await;
    let other = world.cookie_of(&account(&world, KIM).await).await;
    assert!(matches!(passes(&world, PASSWORD).await.unwrap(), Passed::In(_)), "not yet");
    let add =
        |code: &str| world.add_app(&cookie, NewApp { token: token.clone(), code: code.to_owned() });
    let code = phone.code(&world);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for typed in [wrong, "", "12345", "zw00-0000-0000-0000-0000-0001"] {
        assert_eq!(refused(add(typed).await), Refusal::AppCode, "{typed}");
    }

    let (codes, renewed) = add(&code).await.unwrap();

    assert_eq!((codes.len(), factors(&world).await.codes_left), (RecoveryCode::COUNT, 10));
    assert!(factors(&world).await.has_app && renewed != cookie);
    assert!(world.viewer(&renewed, &[]).await.is_some());
    for ended in [&cookie, &other] {
        assert!(world.viewer(ended, &[]).await.is_none());
    }
    let again = world.add_app(&renewed, NewApp { token, code }).await;
    assert_eq!(refused(again), Refusal::SetUpOver, "a set-up is done once");
    let proof = world.fresh_proof(&renewed).await.unwrap();
    let second = begin_app(&world.state, &viewer(&world).await, &proof).await;
    assert_eq!(refused(second), Refusal::AppThere);
    assert_eq!(entries(&world).await, ["add_factor:  → authenticator app"]);
    let sent = world.sent().await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, KIM);
    assert!(sent[0].email.subject.contains("authenticator app was added"));
}

async fn a_sign_in_with_an_app_has_two_steps_and_no_session_before_the_second(world: TestApp) {
    let (_, phone, _) = with_app(&world, Role::Staff).await;
    world.tamper("delete from sessions").await;
    assert!(passes(&world, "a wrong password").await.is_err());

    let token = first_step(&world).await;

    assert_eq!(world.texts("select id from sessions").await, [""; 0]);
    assert!(queries::second_step(&world.state, &token).await.unwrap().factors.has_app);
    let code = phone.next_code(&world);
    assert_eq!(refused(types(&world, "another token", &code).await), Refusal::StepOver);
    let welcome = types(&world, &token, &code).await.unwrap();
    assert!(world.begin_session("", welcome.person).await.is_some());
    let again = phone.next_code(&world);
    assert_eq!(refused(types(&world, &token, &again).await), Refusal::StepOver, "once");
}

async fn a_code_works_once_also_in_another_process(world: TestApp) {
    let (_, phone, _) = with_app(&world, Role::Staff).await;
    let used_at_the_set_up = phone.code(&world);
    let token = first_step(&world).await;
    assert_eq!(refused(types(&world, &token, &used_at_the_set_up).await), Refusal::CodeUsed);
    let (code, beside) = (phone.next_code(&world), world.beside().await);
    let (one, other) = (first_step(&world).await, first_step(&beside).await);

    let (first, second) = tokio::join!(types(&world, &one, &code), types(&beside, &other, &code));

    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let refusal = first.and(second).map(|_| ());
    assert_eq!(refused(refusal), Refusal::CodeUsed);
    world.clock.pass(HALF_A_MINUTE);
    let still = first_step(&world).await;
    let older = types(&world, &still, &used_at_the_set_up).await;
    assert_eq!(refused(older), Refusal::Code, "and older ones");
    types(&world, &still, &phone.code(&world)).await.unwrap();
}

async fn a_recovery_code_works_once_and_the_owner_is_told(world: TestApp) {
    let (_, _, codes) = with_app(&world, Role::Staff).await;
    let typed = codes[3].to_string().to_uppercase().replace('-', " ");
    world.all_sent_now().await;

    types(&world, &first_step(&world).await, &typed).await.unwrap();

    assert_eq!(factors(&world).await.codes_left, 9);
    let again = types(&world, &first_step(&world).await, &typed).await;
    assert_eq!(refused(again), Refusal::Code);
    assert_eq!(entries(&world).await[1], "use_recovery_code:  → 9 left");
    let sent = world.all_sent_now().await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].email.subject.contains("recovery code was used"));
}

async fn a_wrong_code_counts_as_a_failed_sign_in(world: TestApp) {
    let (_, phone, codes) = with_app(&world, Role::Staff).await;
    let token = first_step(&world).await;

    let mut looked_at = 0;
    let last = loop {
        match refused(types(&world, &token, "nothing like a code").await) {
            Refusal::Code => looked_at += 1,
            other => break other,
        }
    };

    assert_eq!((looked_at, last), (10, Refusal::TooManyAttempts));
    for right in [phone.next_code(&world), codes[0].to_string()] {
        assert_eq!(refused(types(&world, &token, &right).await), Refusal::TooManyAttempts);
    }
    let password = passes(&world, PASSWORD).await.map(|_| ());
    assert_eq!(refused(password), Refusal::TooManyAttempts, "one limit for both steps");
    assert_eq!(factors(&world).await.codes_left, 10);
}

async fn a_second_step_ends_with_its_time_and_with_another_password(world: TestApp) {
    let (cookie, phone, _) = with_app(&world, Role::Staff).await;
    let late = first_step(&world).await;
    world.clock.pass(STEP_LASTS);
    assert_eq!(refused(types(&world, &late, &phone.code(&world)).await), Refusal::StepOver);
    let outdated = first_step(&world).await;

    world.change_password(&cookie, (PASSWORD, ANOTHER)).await.unwrap();

    let code = phone.next_code(&world);
    assert_eq!(refused(types(&world, &outdated, &code).await), Refusal::StepOver);
    cleanup::remove_expired(&world.state).await.unwrap();
    let rows = world.texts("select kind from factor_steps").await;
    assert_eq!(rows, ["second_step"], "the one whose time is over went");
}

async fn new_recovery_codes_end_the_old_ones(world: TestApp) {
    let (cookie, _, old) = with_app(&world, Role::Staff).await;

    let (new, renewed) = world.make_recovery_codes(&cookie).await.unwrap();

    assert!(renewed != cookie && new.len() == 10 && !new.contains(&old[0]));
    let token = first_step(&world).await;
    assert_eq!(refused(types(&world, &token, &old[0].to_string()).await), Refusal::Code);
    types(&world, &token, &new[0].to_string()).await.unwrap();
    assert_eq!(entries(&world).await[1], "make_recovery_codes: 10 left → 10 left");
}

async fn an_app_is_removed_with_its_codes(world: TestApp) {
    let (cookie, _, _) = with_app(&world, Role::Staff).await;

    let (removed, renewed) = world.remove_app(&cookie).await.unwrap();

    assert!(removed && renewed != cookie);
    assert_eq!(factors(&world).await, Factors::default());
    assert!(matches!(passes(&world, PASSWORD).await.unwrap(), Passed::In(_)));
    let (again, _) = world.remove_app(&renewed).await.unwrap();
    assert!(!again);
    assert_eq!(entries(&world).await[1], "remove_factor: authenticator app → ");
    let none = world.make_recovery_codes(&world.cookie_of(&account(&world, KIM).await).await).await;
    assert_eq!(refused(none), Refusal::NoFactor);
}

async fn staff_who_need_a_factor_set_one_up_before_they_get_in(world: TestApp) {
    world.account(KIM, Role::Staff, &[]).await;
    let open = world.cookie_of(&account(&world, KIM).await).await;
    let on = NewSetting {
        name: SettingName::StaffSecondFactor,
        value: "yes".to_owned(),
        expected: None,
    };
    let proof = FreshProof::of_command_line();
    let kim = Actor::of_viewer(&viewer(&world).await);
    let own = change_setting(&world.state, &kim, &proof, &on).await;
    assert_eq!(refused(own), Refusal::OwnFactorFirst);
    change_setting(&world.state, &operator(), &proof, &on).await.unwrap();
    assert!(world.viewer(&open, &[]).await.is_none(), "who has none is out at once");

    let Passed::Step(Step::First(token)) = passes(&world, PASSWORD).await.unwrap() else {
        panic!()
    };

    let page = queries::first_factor(&world.state, &token, "Firefox".to_owned()).await.unwrap();
    let phone = Phone::scans(&page.app.secret);
    assert!(types(&world, &token, &phone.code(&world)).await.is_err(), "it is no second step");
    let form = |code: String| FirstFactor {
        token: token.clone(),
        code,
        visitor: visitor(),
        origin: Origin::default(),
    };
    let wrong = set_first_factor(&world.state, &form("1".to_owned())).await;
    assert_eq!(refused(wrong), Refusal::AppCode);
    let code = form(phone.code(&world));
    let (welcome, codes) = set_first_factor(&world.state, &code).await.unwrap();
    assert_eq!(codes.len(), 10);
    let cookie = world.begin_session("", welcome.person).await.unwrap();
    assert!(world.viewer(&cookie, &[]).await.is_some());
    assert_eq!(refused(world.remove_app(&cookie).await), Refusal::FactorNeeded);
    assert!(factors(&world).await.has_app, "the refused removal took nothing away");
    assert!(matches!(passes(&world, PASSWORD).await.unwrap(), Passed::Step(Step::Second(_))));
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.account("tess@acme.test", Role::TenantAdmin, &[ACME]).await;
    let tess = world.cookie_of(&account(&world, "tess@acme.test").await).await;
    assert!(world.viewer(&tess, &[]).await.is_some(), "customers need none");
}

async fn a_staff_admin_takes_the_factors_of_a_colleague_away(world: TestApp) {
    let (cookie, _, _) = with_app(&world, Role::Staff).await;
    let pending = first_step(&world).await;
    let reset = NewStaffChange {
        account: account(&world, KIM).await,
        change: StaffChange::ResetFactors,
        expected: None,
    };
    let (actor, proof) = (operator(), FreshProof::of_command_line());
    let change = || change_staff_account(&world.state, &actor, &proof, &reset);
    world.all_sent_now().await;

    assert!(change().await.unwrap() && !change().await.unwrap());

    assert!(world.viewer(&cookie, &[]).await.is_none());
    assert_eq!(factors(&world).await, Factors::default());
    assert_eq!(refused(types(&world, &pending, "123456").await), Refusal::StepOver);
    assert!(matches!(passes(&world, PASSWORD).await.unwrap(), Passed::In(_)));
    assert_eq!(entries(&world).await[1], "reset_factors: authenticator app → ");
    assert_eq!(world.all_sent_now().await.len(), 1);
    let none = commands::reset_factors(&world.state, &actor, "kim@elsewhere.test").await;
    assert!(matches!(none, Err(Error::Refused(Refusal::NoAccount(_)))), "{none:?}");
}

async fn a_code_confirms_an_identity(world: TestApp) {
    let (cookie, phone, _) = with_app(&world, Role::Staff).await;
    world.clock.pass(FreshProof::LASTS);
    assert!(world.fresh_proof(&cookie).await.is_err());
    let code = phone.code(&world);

    let confirmed = world.confirm_identity(&cookie, &code).await.unwrap();

    assert!(world.fresh_proof(&confirmed).await.is_ok());
    let again = world.confirm_identity(&confirmed, &code).await;
    assert_eq!(refused(again), Refusal::CodeUsed);
    world.confirm_identity(&confirmed, PASSWORD).await.unwrap();
}

async fn nothing_that_signs_in_is_stored_readably(world: TestApp) {
    let (_, _, codes) = with_app(&world, Role::Staff).await;
    let token = first_step(&world).await;

    let stored = world.texts("select code_hash from recovery_codes").await;
    let steps = "select token_hash || ' ' || coalesce(password_mark, '') from factor_steps";
    let steps = world.texts(steps).await;

    assert_eq!((stored.len(), steps.len()), (10, 1));
    for code in &codes {
        assert!(!stored.iter().any(|hash| hash.contains(code.compact())), "{code}");
    }
    assert!(!steps[0].contains(&token) && !steps[0].contains("argon2"), "{steps:?}");
}
