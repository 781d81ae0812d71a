//! A directory is connected after an import: its webhooks and its resync take the imported people
//! over.

use std::time::Duration;

use domain::{
    id::OrganizationId,
    organization::{SeatLimit, Usage},
    resync::{Resync, ResyncState},
};

use seatkeeper::queries;

use super::imports::{csv, import, people, results, used, webhook, whole};
use crate::support::{
    scalekit::Scalekit,
    world::{ACME, TestApp, scope, stories},
};

stories! {
    a_webhook_takes_an_imported_person_over_by_external_id_or_address,
    a_person_with_a_new_address_stays_the_same_person,
    a_resync_takes_imported_people_over_with_their_seats_and_places,
    a_resync_removes_imported_people_that_the_directory_does_not_have,
    a_resync_of_an_organization_without_a_directory_leaves_its_people_alone,
    a_resync_replaces_an_import_that_waits_for_a_person,
    a_file_gives_no_person_the_name_of_another_one,
}

/// The rows of the people of the directory: half of them have another address there.
fn file(scalekit: &Scalekit) -> String {
    let mut text = "external_id,email\n".to_owned();
    let people: Vec<(String, String)> = scalekit.simulator.look(|world| {
        let organization = world.organization(&OrganizationId::new(ACME)).unwrap();
        let people = organization.directories[0].people.iter();
        people.map(|person| (person.external_id(), person.email())).collect()
    });
    for (number, (external_id, email)) in people.iter().enumerate() {
        if number % 2 == 0 {
            text.push_str(external_id);
            text.push_str(",old.");
        } else {
            text.push(',');
        }
        text.push_str(email);
        text.push('\n');
    }
    text
}

/// `external id or address, state` of each person who is there, in order.
async fn states(world: &TestApp) -> Vec<String> {
    let statement = "select email || ' ' || state from directory_users where state <> 'removed' \
                     order by email";
    let texts = world.texts(statement).await;
    let mut states: Vec<String> =
        texts.into_iter().map(|text| text.trim_start_matches("old.").to_owned()).collect();
    states.sort();
    states
}

async fn a_resync_takes_imported_people_over_with_their_seats_and_places(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(6)).await;
    let scalekit = Scalekit::of(&world, &[10]).await;
    let (_, run) = import(&world, csv(), &file(&scalekit)).await;
    assert_eq!(run.counts.created, 10);
    let before = states(&world).await;
    let waitlist = "select email_key from directory_users where state = 'blocked' \
                    order by waitlist_position";
    let waiting = world.texts(waitlist).await;

    world.clock.pass(Duration::from_secs(1));
    let run = scalekit.resync(false).await;

    assert_eq!(run.state, ResyncState::Done, "{run:?}");
    let counts = &run.counts;
    assert_eq!((counts.created, counts.updated, counts.removed), (0, 10, 0), "{run:?}");
    assert_eq!(states(&world).await, before, "seats and waitlist are the same");
    let waits: Vec<String> =
        waiting.iter().map(|email| email.trim_start_matches("old.").to_owned()).collect();
    assert_eq!(world.texts(waitlist).await, waits);
    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(6), used: 6, waiting: 4 });
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    let (_, run) = import(&world, csv(), &file(&scalekit)).await;
    assert_eq!(run.counts.people(), 0, "the directory decides");
    world.check().await;
}

async fn a_resync_removes_imported_people_that_the_directory_does_not_have(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[10]).await;
    import(&world, csv(), "email\nextra@elsewhere.test\n").await;

    world.clock.pass(Duration::from_secs(1));
    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.counts.created, run.counts.removed), (ResyncState::Done, 10, 1));
    assert_eq!(world.usage(ACME).await.used, 10);
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
}

async fn a_resync_of_an_organization_without_a_directory_leaves_its_people_alone(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[]).await;
    import(&world, csv(), "email\nada@acme.test\nbob@acme.test\n").await;

    world.clock.pass(Duration::from_secs(1));
    let run = scalekit.resync(false).await;

    assert_eq!(run.state, ResyncState::Cancelled, "{run:?}");
    assert_eq!(run.error.unwrap().0, Resync::NOT_ENABLED);
    assert_eq!(world.usage(ACME).await.used, 2);
    assert_eq!(world.sent().await.len(), 0, "no person has to do anything");
}

async fn a_webhook_takes_an_imported_person_over_by_external_id_or_address(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let text = "external_id,email\ne-1,old@acme.test\n,bob@acme.test\n";
    import(&world, csv(), text).await;
    assert_eq!(used(&world).await, (1, 1));

    webhook(&world, "ada", "e-1", "created", true).await;
    webhook(&world, "bob", "00u9", "updated", true).await;

    let expected = ["diruser_ada provisioned", "diruser_bob blocked"];
    assert_eq!(people(&world).await, expected);
    assert_eq!(used(&world).await, (1, 1), "no second seat, and the place stays");
    let emails = "select email from directory_users order by email";
    assert_eq!(world.texts(emails).await, ["ada@acme.test", "bob@acme.test"]);
    webhook(&world, "cy", "e-7", "created", true).await;
    assert_eq!(used(&world).await, (1, 2), "another external id is another person");
    world.check().await;
}

async fn a_person_with_a_new_address_stays_the_same_person(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    import(&world, csv(), "external_id,email\ne-1,old@acme.test\ne-2,bob@acme.test\n").await;

    let text = "external_id,email\ne-1,new@acme.test\ne-2,bob@acme.test\n,old@acme.test\n";
    let (id, run) = import(&world, whole(), text).await;

    assert_eq!(run.counts.updated, 1, "{run:?}");
    assert_eq!(run.counts.removed, 0);
    assert_eq!(
        results(&world, &id).await,
        ["2 updated updated", "3 unchanged -", "4 refused -"],
        "the third row has the address that the first person had"
    );
    assert_eq!(
        people(&world).await,
        ["email:bob@acme.test blocked", "email:new@acme.test provisioned"]
    );
    webhook(&world, "new", "00u1", "created", true).await;
    assert_eq!(used(&world).await, (1, 1), "the directory takes the person over");
    world.check().await;
}

async fn a_resync_replaces_an_import_that_waits_for_a_person(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[10]).await;
    let many: Vec<String> = (0..20).map(|n| format!("file.{n}@acme.test")).collect();
    import(&world, csv(), &format!("email\n{}", many.join("\n"))).await;
    let (id, waiting) = import(&world, whole(), "email\nfile.0@acme.test\n").await;
    assert_eq!(waiting.state, ResyncState::Waiting, "{waiting:?}");

    world.clock.pass(Duration::from_secs(1));
    let run = scalekit.resync(true).await;

    assert_eq!(run.state, ResyncState::Done, "{run:?}");
    let record = queries::import(&world.state, &scope(ACME), &id).await.unwrap();
    assert_eq!(record.run.state, ResyncState::Cancelled);
    assert_eq!(record.run.error.unwrap().0, Resync::REPLACED);
    world.check().await;
}

async fn a_file_gives_no_person_the_name_of_another_one(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    webhook(&world, "ada", "e-ada", "created", true).await;
    webhook(&world, "bob", "e-bob", "created", false).await;
    // the address of a person of the directory, and an external id that another system gave
    let text = "external_id,email\nbob@acme.test,x@acme.test\ne-new,y@acme.test\nz@acme.test,Z@acme.test\n";

    let (id, _) = import(&world, csv(), text).await;

    let rows = results(&world, &id).await;
    assert_eq!(rows, ["2 refused -", "3 created admitted", "4 created admitted"]);
    let access = async |user: &str| {
        queries::api::access(&world.state, &scope(ACME), user).await.unwrap().allowed
    };
    assert!(!access("bob@acme.test").await, "the directory has switched bob off");
    assert!(access("ada@acme.test").await && access("e-new").await);
    world.check().await;
}
