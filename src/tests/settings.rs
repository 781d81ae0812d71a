//! The settings of the installation: a change counts at once in every process, and no person
//! overwrites another one's.

use std::{sync::Arc, time::Duration};

use domain::{
    access::FreshProof,
    organization::SeatLimit,
    refusal::Refusal,
    setting::{FixedSettings, SettingName},
};
use seatkeeper::{
    commands::{self, NewSetting, resync::start_due},
    jobs::retention,
    queries,
    state::{AppState, Settings},
};

use crate::support::{
    scalekit::Scalekit,
    world::{ACME, TestApp, operator, stories},
};

stories! {
    a_setting_counts_at_once_in_another_process,
    a_new_organization_gets_the_default_policy,
    a_retention_that_is_shortened_removes_more,
    the_nights_are_scheduled_again_at_the_new_hour,
    a_smaller_guard_makes_a_plan_wait,
    two_admins_do_not_overwrite_each_other,
    a_setting_of_the_environment_wins_and_is_not_changed,
    a_refused_value_changes_nothing,
    a_row_with_a_wrong_value_is_named,
}

const AUDIT: &str = "select actor || ' ' || action || ' ' || target_id || ' ' || before_value || ' ' \
                     || after_value from audit_log where organization_id = '' order by at, id";

async fn value(world: &TestApp, name: SettingName) -> String {
    let rows = queries::setting_rows(&world.state).await.unwrap();
    rows.into_iter().find(|row| row.name == name).unwrap().value
}

async fn a_setting_counts_at_once_in_another_process(world: TestApp) {
    let beside = world.beside().await;
    assert_eq!(value(&beside, SettingName::DefaultSeatLimit).await, "not set");

    world.change_setting(SettingName::DefaultSeatLimit, "1,000").await.unwrap();

    assert_eq!(value(&beside, SettingName::DefaultSeatLimit).await, "1000");
    beside.joined(ACME, "ada").await;
    assert_eq!(world.usage(ACME).await.limit, SeatLimit::Seats(1_000));
    assert_eq!(
        world.texts(AUDIT).await,
        ["command line (story) change_setting default_seat_limit not set 1000"]
    );
    beside.close().await;
    world.check().await;
}

async fn a_new_organization_gets_the_default_policy(world: TestApp) {
    world.joined("org_before", "ada").await;
    world.change_setting(SettingName::DefaultPolicy, "by-hand").await.unwrap();
    world.joined(ACME, "ada").await;

    let policies = "select id || ' ' || policy from organizations order by id";
    assert_eq!(world.texts(policies).await, ["org_1001 by_hand", "org_before first_come"]);
    world.check().await;
}

async fn a_retention_that_is_shortened_removes_more(world: TestApp) {
    world.joined(ACME, "ada").await;
    world.clock.pass(Duration::from_hours(48));
    assert_eq!(retention::work_off(&world.state).await.unwrap(), 0);

    world.change_setting(SettingName::RawBodyDays, "1").await.unwrap();
    world.clock.pass(Duration::from_mins(10));

    assert_eq!(retention::work_off(&world.state).await.unwrap(), 1);
    world.change_setting(SettingName::RawBodyDays, "forever").await.unwrap();
    world.joined(ACME, "bob").await;
    world.clock.pass(Duration::from_hours(10_000));
    assert_eq!(retention::work_off(&world.state).await.unwrap(), 0);
}

async fn the_nights_are_scheduled_again_at_the_new_hour(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[1]).await;
    start_due(&scalekit.state).await.unwrap();
    let hours = async || -> Vec<i64> {
        let due = world.texts("select cast(due_at as text) from resync_schedule").await;
        let hour = |nanos: &String| nanos.parse::<i64>().unwrap() / 3_600_000_000_000 % 24;
        due.iter().map(hour).collect()
    };
    let before = hours().await;
    assert!(!before.is_empty() && before.iter().all(|hour| (2..5).contains(hour)), "{before:?}");

    world.change_setting(SettingName::ResyncHour, "20").await.unwrap();
    start_due(&scalekit.state).await.unwrap();

    let after = hours().await;
    assert!(
        after.len() == before.len() && after.iter().all(|hour| (20..23).contains(hour)),
        "{after:?}"
    );
}

async fn a_smaller_guard_makes_a_plan_wait(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[20]).await;
    scalekit.resync(false).await;
    world.joined(ACME, "ghost").await;
    world.change_setting(SettingName::ResyncConfirmRemoved, "0").await.unwrap();

    let run = scalekit.resync(false).await;

    assert_eq!(run.state.as_str(), "waiting", "it takes one person away, and none may go unseen");
    world.check().await;
}

async fn two_admins_do_not_overwrite_each_other(world: TestApp) {
    let change = async |value: &str, expected: &str| {
        let (name, value) = (SettingName::SessionHours, value.to_owned());
        let new = NewSetting { name, value, expected: Some(expected.to_owned()) };
        commands::change_setting(&world.state, &operator(), &FreshProof::of_command_line(), &new)
            .await
    };
    change("8", "12").await.unwrap();

    let second = change("24", "12").await;

    let meanwhile = Refusal::SettingChangedMeanwhile(SettingName::SessionHours);
    assert!(matches!(second, Err(commands::Error::Refused(refusal)) if refusal == meanwhile));
    assert_eq!(value(&world, SettingName::SessionHours).await, "8");
    change("24", "8").await.unwrap();
    assert_eq!(
        world.texts(AUDIT).await,
        [
            "command line (story) change_setting session_hours 12 8",
            "command line (story) change_setting session_hours 8 24"
        ]
    );
}

async fn a_setting_of_the_environment_wins_and_is_not_changed(world: TestApp) {
    world.change_setting(SettingName::RawBodyDays, "7").await.unwrap();
    let mut fixed = FixedSettings::default();
    fixed.fix(SettingName::RawBodyDays, "30").unwrap();
    let settings = Arc::new(Settings { fixed, ..(*world.state.settings).clone() });
    let state = AppState { settings, ..world.state.clone() };
    let new = NewSetting { name: SettingName::RawBodyDays, value: "9".to_owned(), expected: None };

    let refused =
        commands::change_setting(&state, &operator(), &FreshProof::of_command_line(), &new).await;

    let why = refused.unwrap_err().to_string();
    assert_eq!(
        why,
        "“Raw bodies” is set by SEATKEEPER_RAW_BODY_DAYS in the environment. Change it there."
    );
    let rows = queries::setting_rows(&state).await.unwrap();
    let row = rows.iter().find(|row| row.name == SettingName::RawBodyDays).unwrap();
    assert_eq!((row.value.as_str(), row.fixed), ("30", true));
    assert_eq!(value(&world, SettingName::RawBodyDays).await, "7");
}

async fn a_refused_value_changes_nothing(world: TestApp) {
    for (name, value) in [
        (SettingName::SessionHours, "169"),
        (SettingName::SessionHours, "12"),
        (SettingName::RawBodyDays, "\0"),
        (SettingName::DefaultPolicy, "groups"),
    ] {
        let refused = world.change_setting(name, value).await;
        assert!(matches!(refused, Err(commands::Error::Refused(_))), "{name:?} {value:?}");
    }
    assert_eq!(world.texts("select name from settings").await, Vec::<String>::new());
    assert_eq!(world.texts(AUDIT).await, Vec::<String>::new());
}

async fn a_row_with_a_wrong_value_is_named(world: TestApp) {
    world.change_setting(SettingName::SessionHours, "8").await.unwrap();
    world.tamper("update settings set value = 'soon'").await;

    let error = queries::setting_rows(&world.state).await.unwrap_err();

    assert!(error.to_string().contains("the row session_hours of settings has no valid value"));
    world.tamper("update settings set name = 'of_a_later_version'").await;
    assert_eq!(value(&world, SettingName::SessionHours).await, "12");
}
