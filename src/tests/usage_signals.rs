//! Usage signals: which people they name, which lines are refused, and what a merge keeps.

use std::time::Duration;

use domain::{
    id::OrganizationId,
    organization::SeatLimit,
    time::Timestamp,
    usage_signal::{SignalRefusal, UsageSignal},
};
use seatkeeper::{
    commands::{self, Error, RecordedUsage},
    queries,
};
use views::reclaim::ReclaimList;

use crate::{
    reclaim::{DAY, id, page, used},
    support::world::{ACME, TestApp, operator, scope, stories},
};

stories! {
    a_signal_names_a_person_by_id_external_id_or_address_and_the_later_time_stays,
    lines_that_cannot_be_taken_are_told_and_the_others_count,
    a_placeholder_takes_its_signal_and_its_ignored_suggestion_along,
    the_two_of_a_merge_keep_the_later_signal,
}

/// The lines `person,time`, numbered from 1.
pub async fn import(world: &TestApp, lines: &[String]) -> RecordedUsage {
    let lines: Vec<_> =
        (1..).zip(lines).filter_map(|(at, line)| Some((at, UsageSignal::parse(line)?))).collect();
    let organization = OrganizationId::new(ACME);
    commands::record_usage(&world.state, &operator(), &organization, &lines).await.unwrap()
}

pub fn line(person: &str, at: Timestamp) -> String {
    format!("{person},{}", at.rfc3339())
}

async fn signals(world: &TestApp) -> Vec<String> {
    world.texts("select user_id || ' ' || last_used_at from usage_signals order by user_id").await
}

async fn a_signal_names_a_person_by_id_external_id_or_address_and_the_later_time_stays(
    world: TestApp,
) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let created = "organization.directory.user_created";
    let external = r#""dp_id":"E-7","active":true,"#;
    world.post(&world.body(ACME, "ada", created, external)).await;
    world.joined(ACME, "bob").await;
    let now = world.clock.now();
    let hour = |hours: u64| now.minus(Duration::from_hours(hours));

    let done = import(
        &world,
        &[
            "user,last_used_at".to_owned(),
            line("diruser_ada", hour(5)),
            line("E-7", hour(2)),
            line("Ada@Acme.test", hour(3)),
            String::new(),
            line("bob@acme.test", hour(9)),
        ],
    )
    .await;

    assert_eq!(done, RecordedUsage { recorded: 2, known: 2, refused: Vec::new() });
    let expected =
        [format!("diruser_ada {}", hour(2).nanos()), format!("diruser_bob {}", hour(9).nanos())];
    assert_eq!(signals(&world).await, expected);

    let done = import(&world, &[line("diruser_ada", hour(4)), line("diruser_bob", hour(1))]).await;

    assert_eq!((done.recorded, done.known), (1, 1), "an earlier time changes nothing");
    assert_eq!(signals(&world).await[0], expected[0]);
    let entries = queries::audit_entries(&world.state, Some(&scope(ACME)), None).await.unwrap().0;
    assert_eq!(entries[0].action.as_str(), "import_usage_signals");
    assert_eq!(entries[0].after.as_deref(), Some("1 recorded, 1 known already, 0 refused"));
    world.check().await;
}

async fn lines_that_cannot_be_taken_are_told_and_the_others_count(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.organization("org_1002", SeatLimit::Seats(5)).await;
    for name in ["ada", "bob", "cleo"] {
        world.joined(ACME, name).await;
    }
    world.joined("org_1002", "dan").await;
    world.left(ACME, "cleo").await;
    let created = "organization.directory.user_created";
    let twin = world.body(ACME, "twin", created, "").replace("twin@acme.test", "bob@acme.test");
    world.post(&twin).await;
    let now = world.clock.now();

    let done = import(
        &world,
        &[
            line("diruser_404", now),
            line("diruser_dan", now),
            line("diruser_cleo", now),
            line("bob@acme.test", now),
            line("diruser_ada", now.plus(DAY)),
            "diruser_ada,yesterday".to_owned(),
            line("diruser_ada", Timestamp::from_seconds(0)),
            "diruser_ada".to_owned(),
            line("diruser_ada", now),
        ],
    )
    .await;

    let refused = [
        (1, SignalRefusal::NoPerson),
        (2, SignalRefusal::NoPerson),
        (3, SignalRefusal::NoPerson),
        (4, SignalRefusal::SeveralPeople(2)),
        (5, SignalRefusal::TimeToCome),
        (6, SignalRefusal::Time),
        (7, SignalRefusal::TooOld),
        (8, SignalRefusal::Unreadable),
    ];
    assert_eq!(done, RecordedUsage { recorded: 1, known: 0, refused: refused.into() });
    assert_eq!(signals(&world).await, [format!("diruser_ada {}", now.nanos())]);
    let before = world.page(ACME).await.revision;
    let nothing = import(&world, &["nonsense".to_owned()]).await;
    assert_eq!((nothing.recorded, nothing.refused.len()), (0, 1));
    assert_eq!(world.page(ACME).await.revision, before, "nothing was changed");
    let lines = [(1, Ok(UsageSignal { person: "ada".to_owned(), last_used_at: now }))];
    let unknown = OrganizationId::new("org_404");
    let missing = commands::record_usage(&world.state, &operator(), &unknown, &lines).await;
    assert!(matches!(missing, Err(Error::Missing)), "{missing:?}");
    world.check().await;
}

/// An event that names a person by the address alone.
async fn by_address(world: &TestApp, address: &str) {
    world.clock.pass(Duration::from_secs(1));
    let (number, at) = (world.number(), world.clock.now().rfc3339());
    world.post(&format!(r#"{{"id":"evt_{number}","type":"organization.directory.user_updated","occurred_at":"{at}","organization_id":"{ACME}","data":{{"email":"{address}","active":true}}}}"#)).await;
}

async fn a_placeholder_takes_its_signal_and_its_ignored_suggestion_along(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    by_address(&world, "eve@acme.test").await;
    let used_at = world.clock.now();
    import(&world, &[line("eve@acme.test", used_at)]).await;
    world.joined(ACME, "ada").await;
    world.clock.pass(DAY * 70);
    used(&world, "ada").await;
    let placeholder = page(&world, ReclaimList::Unused).await.rows.remove(0).user;
    assert_ne!(placeholder, id("eve"));
    let organization = OrganizationId::new(ACME);
    commands::ignore_suggestion(&world.state, &operator(), &organization, &placeholder)
        .await
        .unwrap();

    world.joined(ACME, "eve").await;

    let [_, eve] = &signals(&world).await[..] else { panic!("two people have a signal") };
    assert_eq!(*eve, format!("diruser_eve {}", used_at.nanos()));
    let rows = page(&world, ReclaimList::Kept).await.rows;
    assert_eq!(rows.iter().map(|row| row.user.clone()).collect::<Vec<_>>(), [id("eve")]);
    world.check().await;
}

async fn the_two_of_a_merge_keep_the_later_signal(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let created = "organization.directory.user_created";
    let start = world.clock.now();
    world.clock.pass(DAY);
    let old = world.body(ACME, "eve", created, r#""active":true,"#);
    world.post(&old.replace("eve@acme.test", "former@acme.test")).await;
    by_address(&world, "eve@acme.test").await;
    let hour = |hours: u64| start.plus(Duration::from_hours(hours));
    import(&world, &[line("eve@acme.test", hour(2)), line("diruser_eve", hour(1))]).await;
    assert_eq!(signals(&world).await.len(), 2);

    world.joined(ACME, "eve").await;

    assert_eq!(signals(&world).await, [format!("diruser_eve {}", hour(2).nanos())]);
    world.check().await;
}
