//! API keys: what opens the API, for how long, and what the audit log says.

use std::time::Duration;

use domain::{
    access::FreshProof,
    api_key::ApiKey,
    id::{ApiKeyId, OrganizationId},
    organization::SeatLimit,
    refusal::{ApiKeyRefusal, Refusal},
    setting::SettingName,
};
use seatkeeper::{
    commands::{
        self, Actor, Error, KeyError, NewApiKey, NewLimit,
        resync::{Turn, confirm_resync, work_on},
    },
    queries,
};

use super::imports::{csv, import, used, whole};
use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    a_key_opens_the_api_until_it_is_revoked_in_every_process,
    a_mistyped_key_is_told_from_one_that_is_not_known,
    a_key_expires,
    a_rotated_key_works_beside_the_new_one_for_some_hours,
    a_key_of_an_organization_is_found_there_alone,
    a_use_is_noted_to_the_minute,
    a_key_is_asked_for_in_a_way_that_makes_sense,
    what_a_key_changes_has_its_name_in_the_audit_log,
    a_large_change_of_a_limit_needs_people,
    a_program_confirms_its_own_plan,
}

fn proof() -> FreshProof {
    FreshProof::of_command_line()
}

fn new(organization: Option<&str>, scopes: &str) -> NewApiKey {
    NewApiKey {
        organization: organization.map(OrganizationId::new),
        name: "Billing".to_owned(),
        scopes: scopes.to_owned(),
        days: String::new(),
    }
}

async fn made(world: &TestApp, new: &NewApiKey) -> (ApiKey, String) {
    commands::create_api_key(&world.state, &operator(), &proof(), new).await.unwrap()
}

async fn opens(world: &TestApp, text: &str) -> Result<ApiKey, String> {
    commands::authenticate(&world.state, text).await.map_err(|error| format!("{error:?}"))
}

async fn log(world: &TestApp) -> Vec<String> {
    let said = "select actor || ': ' || action || ' ' || target || ', ' || after_value \
                from audit_log where action like '%api_key' order by id";
    world.texts(said).await
}

async fn a_key_opens_the_api_until_it_is_revoked_in_every_process(world: TestApp) {
    let other = world.beside().await;
    let (key, text) = made(&world, &new(None, "write")).await;
    for process in [&world, &other] {
        assert_eq!(opens(process, &text).await, Ok(key.clone()));
    }

    let revoke = async || {
        commands::revoke_api_key(&world.state, &operator(), &proof(), (None, &key.id)).await
    };
    assert!(revoke().await.unwrap());
    for process in [&world, &other] {
        assert_eq!(opens(process, &text).await, Err("Revoked".to_owned()));
    }
    assert!(!revoke().await.unwrap(), "it was revoked before");
    let said = [
        "command line (story): create_api_key Billing, write",
        "command line (story): revoke_api_key Billing, revoked",
    ];
    assert_eq!(log(&world).await, said);
    let stored = world.texts("select secret_hash from api_keys").await;
    assert!(!text.contains(&stored[0]), "the text of a key is stored nowhere");
}

async fn a_mistyped_key_is_told_from_one_that_is_not_known(world: TestApp) {
    let (_, text) = made(&world, &new(None, "read")).await;

    for mistyped in ["", "sk_", &text[1..], &text[..50], &format!("{text} "), &text.to_lowercase()]
    {
        assert_eq!(opens(&world, mistyped).await, Err("Mistyped".to_owned()), "{mistyped}");
    }
    let elsewhere = "sk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh_d4iqI";
    let answer = commands::authenticate(&world.state, elsewhere).await;
    assert!(matches!(answer, Err(KeyError::Unknown)), "{answer:?}");
}

async fn a_key_expires(world: TestApp) {
    let days = NewApiKey { days: "30".to_owned(), ..new(None, "read") };
    let (key, text) = made(&world, &days).await;
    world.clock.pass(Duration::from_hours(30 * 24).saturating_sub(Duration::from_secs(1)));
    assert_eq!(opens(&world, &text).await, Ok(key));

    world.clock.pass(Duration::from_secs(1));

    assert_eq!(opens(&world, &text).await, Err("Expired".to_owned()));
}

async fn a_rotated_key_works_beside_the_new_one_for_some_hours(world: TestApp) {
    let days = NewApiKey { days: "30".to_owned(), ..new(None, "read,import") };
    let (old, old_text) = made(&world, &days).await;
    world.clock.pass(Duration::from_hours(24));
    let rotate = async |id: &ApiKeyId, hours: &str| {
        commands::rotate_api_key(&world.state, &operator(), &proof(), (None, id), hours).await
    };

    let (key, text) = rotate(&old.id, "5").await.unwrap();

    assert_eq!((&key.name, &key.scopes), (&old.name, &old.scopes));
    let lasts = |key: &ApiKey| key.expires_at.unwrap().since(key.created_at);
    assert_eq!(lasts(&key), lasts(&old), "it lives as long");
    world.clock.pass(Duration::from_hours(4));
    assert!(opens(&world, &old_text).await.is_ok() && opens(&world, &text).await.is_ok());
    world.clock.pass(Duration::from_hours(1));
    assert_eq!(opens(&world, &old_text).await, Err("Expired".to_owned()));
    assert_eq!(opens(&world, &text).await.unwrap().id, key.id);
    let again = rotate(&old.id, "5").await;
    assert!(
        matches!(again, Err(Error::Refused(Refusal::ApiKey(ApiKeyRefusal::Over)))),
        "{again:?}"
    );
    rotate(&key.id, "0").await.unwrap();
    assert_eq!(opens(&world, &text).await, Err("Expired".to_owned()), "it ends now");
    let last = log(&world).await.remove(1);
    assert_eq!(last, format!("command line (story): rotate_api_key Billing, {}", key.id));
}

async fn a_key_of_an_organization_is_found_there_alone(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization("org_1002", SeatLimit::Seats(5)).await;
    let (key, text) = made(&world, &new(Some(ACME), "write")).await;
    let elsewhere = OrganizationId::new("org_1002");

    assert_eq!(key.viewer().scope(&elsewhere), None);
    let of_another = (Some(&elsewhere), &key.id);
    let revoked = commands::revoke_api_key(&world.state, &operator(), &proof(), of_another).await;
    assert!(matches!(revoked, Err(Error::Missing)), "{revoked:?}");
    assert!(opens(&world, &text).await.is_ok());
    let nowhere = new(Some("org_9"), "read");
    let answer = commands::create_api_key(&world.state, &operator(), &proof(), &nowhere).await;
    assert!(matches!(answer, Err(Error::Missing)), "{answer:?}");
    let of_acme = "select action from audit_log where organization_id = 'org_1001' and action \
                   like '%api_key'";
    assert_eq!(world.texts(of_acme).await, ["create_api_key"]);
}

async fn a_use_is_noted_to_the_minute(world: TestApp) {
    let (key, _) = made(&world, &new(None, "read")).await;
    let last_use = async || {
        let (keys, _) = queries::api_key_records(&world.state, None).await.unwrap();
        keys[0].last_used_at.clone()
    };
    let first = world.clock.now().rfc3339();
    assert_eq!(last_use().await, None);

    commands::note_key_use(&world.state, &key).await.unwrap();
    world.clock.pass(Duration::from_secs(59));
    commands::note_key_use(&world.state, &key).await.unwrap();
    assert_eq!(last_use().await, Some(first));
    world.clock.pass(Duration::from_secs(2));
    commands::note_key_use(&world.state, &key).await.unwrap();

    assert_eq!(last_use().await, Some(world.clock.now().rfc3339()));
}

async fn a_key_is_asked_for_in_a_way_that_makes_sense(world: TestApp) {
    let base = new(None, "read");
    for (wrong, refusal) in [
        (NewApiKey { name: " ".into(), ..base.clone() }, Refusal::Name),
        (NewApiKey { scopes: "admin".into(), ..base.clone() }, ApiKeyRefusal::Scopes.into()),
        (NewApiKey { scopes: String::new(), ..base.clone() }, ApiKeyRefusal::Scopes.into()),
        (NewApiKey { days: "0".into(), ..base.clone() }, ApiKeyRefusal::Days.into()),
    ] {
        let answer = commands::create_api_key(&world.state, &operator(), &proof(), &wrong).await;
        match answer {
            Err(Error::Refused(said)) => assert_eq!(said, refusal),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(queries::api_key_records(&world.state, None).await.unwrap().0.len(), 0);
}

async fn what_a_key_changes_has_its_name_in_the_audit_log(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let (key, _) = made(&world, &new(None, "write")).await;
    let limit = new_limit(SeatLimit::Seats(7));

    commands::set_seat_limit(&world.state, &Actor::api_key(&key), &limit).await.unwrap();

    let said = "select actor || ' ' || actor_id from audit_log where action = 'set_seat_limit'";
    assert_eq!(world.texts(said).await, [format!("API key Billing {}", key.id)]);
}

fn new_limit(limit: SeatLimit) -> NewLimit {
    NewLimit {
        organization: OrganizationId::new(ACME),
        limit,
        until: None,
        reason: "Contract 7".to_owned(),
        expected_version: None,
    }
}

async fn a_large_change_of_a_limit_needs_people(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.change_setting(SettingName::ApprovalAbove, "10").await.unwrap();
    let (key, _) = made(&world, &new(None, "write")).await;
    let actor = Actor::api_key(&key);

    let answer =
        commands::set_seat_limit(&world.state, &actor, &new_limit(SeatLimit::Seats(50))).await;

    assert!(
        matches!(answer, Err(Error::Refused(Refusal::ApiKey(ApiKeyRefusal::NeedsPeople)))),
        "{answer:?}"
    );
    assert_eq!(world.usage(ACME).await.limit, SeatLimit::Seats(5));
    commands::set_seat_limit(&world.state, &actor, &new_limit(SeatLimit::Seats(15))).await.unwrap();
}

async fn a_program_confirms_its_own_plan(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let six =
        "email\na@acme.test\nb@acme.test\nc@acme.test\nd@acme.test\ne@acme.test\nf@acme.test\n";
    import(&world, csv(), six).await;
    let (_, run) = import(&world, whole(), "email\na@acme.test\n").await;
    assert_eq!(run.to_confirm(), Some(5), "{run:?}");
    let (key, _) = made(&world, &new(Some(ACME), "import")).await;

    for _ in 0..2 {
        let (program, people) = (Actor::api_key(&key), run.to_confirm());
        confirm_resync(&world.state, &program, &run.organization, &run.id, people).await.unwrap();
    }

    work_on(&world.state, &Turn::This(run.organization, run.id)).await.unwrap();
    assert_eq!(used(&world).await, (1, 0));
    let confirmed = "select actor from audit_log where action = 'confirm_resync'";
    assert_eq!(world.texts(confirmed).await, ["API key Billing"]);
    world.check().await;
}
