//! Dead letters are replayed one by one: each is applied exactly once, as of its own time.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{
    access::Role,
    decision::Outcome,
    directory_user::SeatState,
    id::DeliveryId,
    organization::{SeatLimit, Usage},
    refusal::Refusal,
};
use futures_util::future::join_all;
use seatkeeper::commands::{self, BulkReplay, Error, Notify, ReplayContext, replay};

use crate::support::world::{ACME, TestApp, operator, stories};

stories! {
    a_dead_letter_goes_through_once_its_cause_is_fixed,
    a_replay_writes_emails_only_on_request,
    a_dead_letter_that_fails_again_stays_dead_and_says_why,
    nothing_but_a_dead_letter_is_replayed,
    two_at_once_replay_it_once,
    a_replay_counts_from_the_time_it_happened,
    a_body_without_a_time_counts_from_its_first_receipt,
    an_address_that_no_other_person_has_any_more_finds_its_person,
    a_body_that_could_not_be_read_is_read_by_a_better_reader,
    an_event_that_was_taken_meanwhile_is_a_duplicate,
    a_body_that_was_removed_cannot_be_replayed,
    staff_are_notified_of_dead_letters_once_until_none_is_left,
}

pub const CREATED: &str = "organization.directory.user_created";

async fn a_dead_letter_goes_through_once_its_cause_is_fixed(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    poison(&world).await;
    assert_eq!(world.joined(ACME, "ada").await, StatusCode::OK);
    assert_eq!(
        (world.outcomes().await, world.usage(ACME).await.used),
        (vec!["dead".to_owned()], 0)
    );

    mend(&world).await;
    let outcome = replayed(&world, &dead(&world).await[0]).await.unwrap();

    assert_eq!((outcome, world.outcomes().await), (Outcome::Admitted, vec!["admitted".to_owned()]));
    assert_eq!(world.usage(ACME).await.used, 1);
    assert_eq!(world.texts("select reason from decisions").await, ["seat_free"]);
    assert!(world.texts("select why from deliveries where why is not null").await.is_empty());
    assert_eq!(
        world.texts("select actor || ': ' || outcome from delivery_history").await,
        ["command line (story): admitted"]
    );
    world.check().await;
}

async fn a_replay_writes_emails_only_on_request(world: TestApp) {
    poison(&world).await;
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.organization("org_2", SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;
    world.joined("org_2", "bob").await;
    mend(&world).await;
    let dead_letters = dead(&world).await;
    staff_account(&world).await;

    replayed(&world, &dead_letters[0]).await.unwrap();
    assert_eq!(world.usage(ACME).await.waiting, 1);
    assert_eq!(world.open_alerts().await, ["seat_limit_reached"]);
    assert!(world.outbox().await.is_empty());

    let asked = ReplayContext::by(&operator(), Notify::Sent);
    replay(&world.state, &asked, &dead_letters[1]).await.unwrap();
    assert_eq!(world.texts("select organization_id from outbox").await, ["org_2"]);
}

async fn a_dead_letter_that_fails_again_stays_dead_and_says_why(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    poison(&world).await;
    world.joined(ACME, "ada").await;
    let before = world.texts("select why from deliveries").await;

    let outcome = replayed(&world, &dead(&world).await[0]).await.unwrap();

    let after = world.texts("select why from deliveries").await;
    assert_eq!((outcome, world.usage(ACME).await.used), (Outcome::Dead, 0));
    assert!(before != after && after[0].contains("failed again"), "{before:?} {after:?}");
    assert_eq!(
        world.texts("select outcome from delivery_history where why is not null").await,
        ["dead"]
    );
    world.check().await;
}

async fn nothing_but_a_dead_letter_is_replayed(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    let taken = DeliveryId::new(world.deliveries().await.remove(0));

    assert!(matches!(replayed(&world, &taken).await, Err(Error::Refused(Refusal::NotDead))));
    assert!(matches!(replayed(&world, &DeliveryId::new("dlv_unknown")).await, Err(Error::Missing)));
    assert_eq!(world.texts("select reason from decisions").await, ["seat_free"]);
    assert!(world.texts("select id from delivery_history").await.is_empty());
}

async fn two_at_once_replay_it_once(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    for round in 0..10 {
        poison(&world).await;
        world.joined(ACME, &format!("p{round}")).await;
        mend(&world).await;
        let dead_letter = dead(&world).await.remove(0);

        let answers = join_all((0..8).map(|_| replayed(&world, &dead_letter))).await;

        let through = answers.iter().filter(|answer| answer.is_ok()).count();
        let refused = answers
            .iter()
            .filter(|answer| matches!(answer, Err(Error::Refused(Refusal::NotDead))))
            .count();
        assert_eq!((through, refused), (1, 7), "{answers:?}");
    }
    assert_eq!(world.texts("select cast(count(*) as text) from decisions").await, ["10"]);
    assert_eq!(world.texts("select cast(count(*) as text) from delivery_history").await, ["10"]);
    world.check().await;
}

async fn a_replay_counts_from_the_time_it_happened(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    poison(&world).await;
    world.joined(ACME, "ada").await;
    mend(&world).await;
    world.left(ACME, "ada").await;

    let outcome = replayed(&world, &dead(&world).await[0]).await.unwrap();

    assert_eq!(
        (outcome, world.usage(ACME).await.used),
        (Outcome::Updated, 0),
        "their name is new, the seat is not"
    );
    assert_eq!(world.people(ACME).await[0].state, SeatState::Removed);
}

async fn a_body_without_a_time_counts_from_its_first_receipt(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    poison(&world).await;
    let timeless = world.body(ACME, "ada", CREATED, "").replace("occurred_at", "x");
    world.post(&timeless).await;
    let received = world.texts("select cast(received_at as text) from deliveries").await;
    mend(&world).await;
    world.clock.pass(Duration::from_hours(1));

    replayed(&world, &dead(&world).await[0]).await.unwrap();

    assert_eq!(world.texts("select cast(occurred_at as text) from deliveries").await, received);
    assert_eq!(
        world.texts("select cast(activity_at as text) from directory_users").await,
        received
    );
}

async fn an_address_that_no_other_person_has_any_more_finds_its_person(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
    let duplicate =
        world.body(ACME, "ada", CREATED, "").replace("diruser_ada", "diruser_duplicate");
    world.post(&duplicate).await;
    let at = world.clock.now().rfc3339();
    let nameless = format!(
        r#"{{"id":"evt_x","type":"organization.directory.user_deleted","occurred_at":"{at}","data":{{"email":"ada@acme.test","organization_id":"{ACME}"}}}}"#
    );
    world.post(&nameless).await;
    let dead_letter = dead(&world).await.remove(0);
    assert_eq!(replayed(&world, &dead_letter).await.unwrap(), Outcome::Dead);
    assert!(world.dead_letter_reasons().await[0].contains("several people"));

    world.post(&world.body(ACME, "duplicate", "organization.directory.user_deleted", "")).await;
    assert_eq!(replayed(&world, &dead_letter).await.unwrap(), Outcome::Removed);

    assert_eq!(world.usage(ACME).await.used, 0);
    world.check().await;
}

async fn a_body_that_could_not_be_read_is_read_by_a_better_reader(world: TestApp) {
    world.post("not json").await;
    let dead_letter = dead(&world).await.remove(0);
    assert_eq!(replayed(&world, &dead_letter).await.unwrap(), Outcome::Dead);

    // In production the reader changes, not the body.
    rewrite(&world, &dead_letter, &world.body(ACME, "ada", CREATED, "")).await;
    assert_eq!(replayed(&world, &dead_letter).await.unwrap(), Outcome::Blocked);

    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::NotSet, used: 0, waiting: 1 });
    let row = world
        .texts("select kind || ' ' || organization_id || ' ' || event_id from deliveries")
        .await;
    assert!(row[0].starts_with(&format!("{CREATED} {ACME} evt_")), "{row:?}");
    world.check().await;
}

async fn an_event_that_was_taken_meanwhile_is_a_duplicate(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.post("not json").await;
    let dead_letter = dead(&world).await.remove(0);
    let body = world.body(ACME, "ada", CREATED, "");
    world.post(&body).await;

    rewrite(&world, &dead_letter, &body).await;
    assert_eq!(replayed(&world, &dead_letter).await.unwrap(), Outcome::Duplicate);

    assert_eq!(world.usage(ACME).await.used, 1);
    assert_eq!(world.outcomes().await, ["duplicate", "admitted"]);
}

async fn a_body_that_was_removed_cannot_be_replayed(world: TestApp) {
    world.post("not json").await;
    world.tamper("update deliveries set body = null").await;

    let dead_letter = dead(&world).await.remove(0);

    assert!(matches!(
        replayed(&world, &dead_letter).await,
        Err(Error::Refused(Refusal::BodyRemoved))
    ));
    let many = commands::start_replay(&world.state, &operator(), &BulkReplay::default()).await;
    assert!(matches!(many, Err(Error::Refused(Refusal::NoDeadLetters))), "{many:?}");
}

async fn staff_are_notified_of_dead_letters_once_until_none_is_left(world: TestApp) {
    staff_account(&world).await;
    world.organization(ACME, SeatLimit::Seats(5)).await;
    poison(&world).await;
    for user in ["ada", "bob"] {
        world.joined(ACME, user).await;
    }
    world.post("not json").await;
    let emails = "select recipient || ': ' || message from outbox";
    assert_eq!(world.texts(emails).await, ["sam@seats.example: dead_letters"]);

    mend(&world).await;
    let dead_letters = dead(&world).await;
    for dead_letter in &dead_letters {
        replayed(&world, dead_letter).await.unwrap();
    }
    let open = "select kind from system_alerts where resolved_at is null";
    assert_eq!(world.texts(open).await, ["dead_letters"], "one is still dead");

    rewrite(&world, &dead_letters[2], r#"{"type":"user.login"}"#).await;
    assert_eq!(replayed(&world, &dead_letters[2]).await.unwrap(), Outcome::Ignored);
    assert!(world.texts(open).await.is_empty());

    world.post("not json either").await;
    assert_eq!(world.texts(emails).await.len(), 2);
}

/// From here on no directory user can be written: new deliveries become dead letters.
pub async fn poison(world: &TestApp) {
    if world.state.db.is_postgres() {
        world.tamper("create or replace function poison() returns trigger language plpgsql as $$ begin raise 'poisoned'; end $$").await;
        world.tamper("create trigger poison before insert on directory_users for each row execute function poison()").await;
    } else {
        world.tamper("create trigger poison before insert on directory_users begin select raise(abort, 'poisoned'); end").await;
    }
}

pub async fn mend(world: &TestApp) {
    let on = if world.state.db.is_postgres() { " on directory_users" } else { "" };
    world.tamper(&format!("drop trigger poison{on}")).await;
}

/// Users who joined while no directory user could be written, called p0, p1 …
pub async fn buried(world: &TestApp, organization: &str, people: usize) {
    poison(world).await;
    for n in 0..people {
        world.joined(organization, &format!("p{n}")).await;
    }
    mend(world).await;
}

async fn rewrite(world: &TestApp, dead_letter: &DeliveryId, body: &str) {
    use std::fmt::Write;
    let hex = body.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let bytes = if world.state.db.is_postgres() {
        format!("'\\x{hex}'::bytea")
    } else {
        format!("X'{hex}'")
    };
    world.tamper(&format!("update deliveries set body = {bytes} where id = '{dead_letter}'")).await;
}

pub async fn dead(world: &TestApp) -> Vec<DeliveryId> {
    let ids = world
        .texts("select id from deliveries where outcome = 'dead' order by received_at, id")
        .await;
    ids.into_iter().map(DeliveryId::new).collect()
}

async fn replayed(world: &TestApp, id: &DeliveryId) -> Result<Outcome, Error> {
    replay(&world.state, &ReplayContext::by(&operator(), Notify::Suppressed), id).await
}

async fn staff_account(world: &TestApp) {
    let new = commands::NewAccount {
        email: "sam@seats.example".to_owned(),
        name: "Sam".to_owned(),
        role: Role::Staff,
        organizations: Vec::new(),
        password: "correct horse battery".to_owned(),
    };
    commands::add_account(&world.state, &operator(), &new).await.unwrap();
}
