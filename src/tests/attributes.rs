//! The attributes of people: only those that the installation keeps are in the database.

use std::time::Duration;

use domain::{
    decision::Outcome, directory_user::SeatState, id::DirectoryUserId, organization::SeatLimit,
    setting::SettingName, webhook_endpoint::EventFilter,
};
use seatkeeper::{
    commands::{Notify, ReplayContext, replay},
    jobs, queries,
};
use views::{PeopleQuery, person::PersonPage};

use crate::{
    replay::dead,
    support::{
        product::{Product, added, at_home, sent},
        scalekit::Scalekit,
        world::{ACME, TestApp, diruser, operator, scope, staff, stories},
    },
};

stories! {
    an_attribute_that_is_not_kept_is_nowhere_in_the_database,
    kept_attributes_follow_the_newest_update,
    attributes_that_are_kept_no_longer_are_removed,
    a_body_that_cannot_be_applied_loses_them_too,
    a_dead_letter_that_was_cut_is_replayed_with_what_is_kept,
    a_retry_of_a_body_that_was_cut_is_the_same_delivery,
    a_resync_brings_the_attributes_that_no_webhook_brought,
    a_placeholder_gives_its_attributes_to_the_person,
}

/// An event about a person with raw attributes, as JSON.
fn body(world: &TestApp, user: &str, raw: &str) -> String {
    world.clock.pass(Duration::from_secs(1));
    let fields = format!(r#""active":true,"raw_attributes":{raw},"#);
    world.body(ACME, user, "organization.directory.user_updated", &fields)
}

async fn with_attributes(world: &TestApp, user: &str, raw: &str) {
    let body = body(world, user, raw);
    world.post(&body).await;
}

async fn person(world: &TestApp, user: &str) -> PersonPage {
    let id = DirectoryUserId::new(diruser(user));
    queries::person_page(&world.state, &scope(ACME), &staff(), &id, None).await.unwrap()
}

/// As `name=value`.
async fn attributes(world: &TestApp, user: &str) -> Vec<String> {
    let page = person(world, user).await;
    page.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// Whether a text is anywhere in the database: in the files of SQLite, or in a row of any table.
async fn is_stored(world: &TestApp, text: &str) -> bool {
    if !world.state.db.is_postgres() {
        let folder = world.folder();
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        return files.into_iter().any(|file| {
            let bytes = std::fs::read(file).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        });
    }
    let hex = text.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let tables = "select tablename::text from pg_tables where schemaname = 'public'";
    for table in world.texts(tables).await {
        let rows = format!(
            "select 'here' from {table} t where t::text like '%{text}%' or t::text like '%{hex}%'"
        );
        if !world.texts(&rows).await.is_empty() {
            return true;
        }
    }
    false
}

async fn an_attribute_that_is_not_kept_is_nowhere_in_the_database(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.change_setting(SettingName::KeptAttributes, "department").await.unwrap();

    with_attributes(&world, "ada", r#"{"department":"Sales-7","phone":"hidden-91"}"#).await;

    assert_eq!(attributes(&world, "ada").await, ["department=Sales-7"]);
    assert!(is_stored(&world, "Sales-7").await, "so the search finds what is there");
    assert!(!is_stored(&world, "hidden-91").await);
    assert_eq!(person(&world, "ada").await.state, SeatState::Provisioned);
}

async fn kept_attributes_follow_the_newest_update(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.change_setting(SettingName::KeptAttributes, "all").await.unwrap();
    with_attributes(&world, "ada", r#"{"title":"Engineer","team":"Core"}"#).await;
    let late = body(&world, "ada", r#"{"title":"late"}"#);
    with_attributes(&world, "ada", r#"{"title":"Lead"}"#).await;
    world.post(&late).await;
    assert_eq!(attributes(&world, "ada").await, ["title=Lead"]);

    world.clock.pass(Duration::from_secs(1));
    world.joined(ACME, "ada").await;
    assert_eq!(attributes(&world, "ada").await, ["title=Lead"], "absent does not mean empty");

    let people = queries::people(&world.state, &scope(ACME), &PeopleQuery::default()).await;
    assert_eq!(people.unwrap().rows.len(), 1);
    let record = queries::person_record(&world.state, &scope(ACME), &diruser("ada")).await;
    let record = serde_json::to_value(record.unwrap().unwrap()).unwrap();
    assert_eq!(record["attributes"], serde_json::json!({"title": "Lead"}));
}

async fn attributes_that_are_kept_no_longer_are_removed(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.change_setting(SettingName::KeptAttributes, "title, phone").await.unwrap();
    let (product, state) = (Product::start().await, at_home(&world));
    added(&state, &product, EventFilter::default()).await;
    with_attributes(&world, "ada", r#"{"title":"Engineer-5","phone":"hidden-92"}"#).await;
    assert_eq!(sent(&state).await, 1);
    assert!(product.received()[0].body.contains("hidden-92"));
    jobs::attributes::work_off(&world.state).await.unwrap();
    assert!(is_stored(&world, "hidden-92").await);

    world.change_setting(SettingName::KeptAttributes, "title").await.unwrap();
    jobs::attributes::work_off(&world.state).await.unwrap();

    assert_eq!(attributes(&world, "ada").await, ["title=Engineer-5"]);
    let events = world.texts("select data from outgoing_events").await;
    assert!(events[0].contains(r#""attributes":{"title":"Engineer-5"}}"#), "{events:?}");
    assert_eq!(
        world.texts("select cast(body as text) from deliveries where body is null").await,
        [""; 0]
    );
    if world.state.db.is_postgres() {
        assert!(!is_stored(&world, "hidden-92").await);
    } else {
        // SQLite leaves the old bytes in its file until they are overwritten
        let rows = "select attributes from directory_user_attributes where attributes like '%hidden%' \
            union all select id from deliveries where instr(cast(body as text), 'hidden') > 0 \
            union all select id from outgoing_events where instr(data, 'hidden') > 0 \
            union all select event_id from webhook_deliveries where instr(body, 'hidden') > 0";
        assert_eq!(world.texts(rows).await, [""; 0]);
    }
    world.change_setting(SettingName::KeptAttributes, "none").await.unwrap();
    jobs::attributes::work_off(&world.state).await.unwrap();
    assert_eq!(attributes(&world, "ada").await, [""; 0]);
}

async fn a_body_that_cannot_be_applied_loses_them_too(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let dead = body(&world, "ada", r#"{"active":true,"phone":"hidden-93"}"#);
    let dead = dead.replace(&format!(r#""id":"{}""#, diruser("ada")), r#""id":{"no":"id"}"#);
    world.post(&dead).await;
    assert_eq!(world.outcomes().await, ["dead"]);
    assert!(!is_stored(&world, "hidden-93").await);
    let bodies = world.texts("select id from deliveries where body is not null").await;
    assert_eq!(bodies.len(), 1, "the rest of the body is there");
}

async fn a_dead_letter_that_was_cut_is_replayed_with_what_is_kept(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.change_setting(SettingName::KeptAttributes, "title").await.unwrap();
    for user in ["ada", "bob"] {
        let body =
            world.body(ACME, user, "organization.directory.user_created", r#""active":true,"#);
        world.post(&body.replace("bob@acme.test", "ada@acme.test")).await;
    }
    // two people have the address, and the event names no id
    let body = body(&world, "ada", r#"{"title":"Lead","phone":"hidden-94"}"#);
    let body = body.replace(&format!(r#""id":"{}","#, diruser("ada")), "");
    world.deliver("msg_9", &body).await;
    let letter = dead(&world).await.remove(0);
    world.left(ACME, "bob").await;

    let by = ReplayContext::by(&operator(), Notify::Suppressed);
    let outcome = replay(&world.state, &by, &letter).await.unwrap();

    assert_eq!(outcome, Outcome::Updated);
    assert_eq!(attributes(&world, "ada").await, ["title=Lead"]);
    assert!(!is_stored(&world, "hidden-94").await);
    world.deliver("msg_9", &body).await;
    assert_eq!(world.suspicious_deliveries().await, [""; 0]);
}

async fn a_retry_of_a_body_that_was_cut_is_the_same_delivery(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let body = body(&world, "ada", r#"{"phone":"+1"}"#);
    world.deliver("msg_1", &body).await;
    world.deliver("msg_1", &body).await;
    let suspicious = "select id from deliveries where suspicious";
    assert_eq!(world.outcomes().await, ["admitted", "duplicate"]);
    assert_eq!(world.texts(suspicious).await, [""; 0]);
}

async fn a_resync_brings_the_attributes_that_no_webhook_brought(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    scalekit.resync(false).await;
    world.change_setting(SettingName::KeptAttributes, "userName").await.unwrap();

    let run = scalekit.resync(false).await;

    assert_eq!(run.counts.updated, 3, "{run:?}");
    let stored = world.texts("select attributes from directory_user_attributes").await;
    assert!(stored.len() == 3 && stored.iter().all(|all| all.contains("userName")), "{stored:?}");
    assert_eq!(
        world.texts("select user_id from resync_people where attributes is not null").await,
        [""; 0]
    );
    let again = scalekit.resync(false).await;
    assert_eq!(again.counts.updated, 0, "{again:?}");
}

async fn a_placeholder_gives_its_attributes_to_the_person(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.change_setting(SettingName::KeptAttributes, "title").await.unwrap();
    let unknown = body(&world, "ada", r#"{"title":"Engineer"}"#);
    world.post(&unknown.replace(&format!(r#""id":"{}","#, diruser("ada")), "")).await;
    world.clock.pass(Duration::from_secs(1));
    world.joined(ACME, "ada").await;

    assert_eq!(attributes(&world, "ada").await, ["title=Engineer"]);
    let users = world.texts("select user_id from directory_user_attributes").await;
    assert_eq!(users, [diruser("ada")]);
}
