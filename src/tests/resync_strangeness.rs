//! Scalekit's answers are wrong: unreadable entries, endless lists, pages that are not pages. Each
//! run ends, with a result or one clear sentence, and does not stop a later run.

use domain::{
    access::Role,
    directory::DirectoryState,
    id::OrganizationId,
    organization::SeatLimit,
    resync::{Resync, ResyncCause, ResyncState, SetAsideKind},
};
use seatkeeper::{
    commands::{
        Gap, Look, backfill,
        resync::{Turn, start_due, work_on},
    },
    queries,
};
use simulator::{
    fault::{Fault, FaultRate, Side},
    world::{DirectoryPlan, Plan, Provider},
};
use views::resyncs::ResyncQuery;

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, scope, staff, stories},
};

stories! {
    an_entry_that_cannot_be_read_is_set_aside_and_all_others_are_processed,
    a_person_who_is_set_aside_is_not_taken_away_and_no_other_is,
    a_group_that_cannot_be_read_ends_no_membership,
    a_group_or_a_directory_that_cannot_be_read_takes_nothing_away,
    whatever_the_api_does_a_run_ends_and_the_next_one_works,
    a_page_that_is_larger_than_asked_is_read,
    a_list_that_names_the_same_people_for_ever_is_ended,
    a_directory_that_is_only_created_shows_it_and_starts_no_run,
    organizations_that_no_webhook_named_are_found_after_a_gap,
    organizations_are_found_though_a_page_token_is_refused,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

fn person(n: usize) -> String {
    format!(
        r#"{{"id":"diruser_{n}","email":"p{n}@acme.test","groups":[{{"id":"dirgroup_1","display_name":"All"}}],"user_detail":{{"id":"diruser_{n}","organization_id":"{ACME}","active":true,"name":"P {n}","groups":[{{"id":"dirgroup_1","name":"All"}}]}}}}"#
    )
}

/// A list on one page.
fn page(name: &str, entries: &[String]) -> &'static str {
    format!(
        r#"{{"{name}":[{}],"total_size":{},"next_page_token":""}}"#,
        entries.join(","),
        entries.len()
    )
    .leak()
}

/// From now on Scalekit lists these users, and one group.
fn lists(scalekit: &Scalekit, people: &[String]) {
    let (users, groups) = (
        page("users", people),
        page("groups", &[r#"{"id":"dirgroup_1","display_name":"All"}"#.to_owned()]),
    );
    scalekit.handle(move |_, path| match path {
        _ if path.ends_with("/users") => Behaviour::Says(users),
        _ if path.ends_with("/groups") => Behaviour::Says(groups),
        _ => Behaviour::Good,
    });
}

async fn an_entry_that_cannot_be_read_is_set_aside_and_all_others_are_processed(world: TestApp) {
    let long = format!(r#"{{"id":"{}","user_detail":{{"active":true}}}}"#, "x".repeat(10_000));
    let strange = [
        r#"{"email":"noid@acme.test","user_detail":{"active":true}}"#.to_owned(),
        "null".to_owned(),
        r#"{"id":"diruser_x","user_detail":{"organization_id":"org_other","active":true}}"#.to_owned(),
        r#"{"id":"diruser_x","email":"x@acme.test","user_detail":{"active":true,"name":"Half \ud83d"}}"#.to_owned(),
        r#"{"id":["diruser_x"],"user_detail":{"active":true}}"#.to_owned(),
        r#"{"id":"diruser_x","email":"x@acme.test","user_detail":{"active":"perhaps"}}"#.to_owned(),
        long,
    ];
    for (n, bad) in strange.iter().enumerate() {
        let world_of = OrganizationId::new(ACME);
        if n == 0 {
            world.organization(ACME, SeatLimit::Unlimited).await;
        }
        let scalekit = Scalekit::of(&world, &[1]).await;
        let mut people: Vec<String> = (0..69).map(person).collect();
        people.insert(30, bad.clone());
        lists(&scalekit, &people);

        let run = scalekit.resync(false).await;

        assert_eq!(
            (run.state, run.listed, run.set_aside, run.is_complete),
            (ResyncState::Done, 69, 1, false),
            "{bad:.60} {:?}",
            run.error
        );
        assert_eq!(world.usage(ACME).await.used, 69, "{bad:.60}");
        let shown = queries::resync_page(
            &scalekit.state,
            &scope(world_of.as_str()),
            &staff(),
            &run.id,
            &ResyncQuery::default(),
        )
        .await
        .unwrap();
        assert!(
            shown.set_aside.len() == 1 && shown.set_aside[0].kind == SetAsideKind::User,
            "{:?}",
            shown.set_aside
        );
        assert!(
            shown.set_aside[0].why.ends_with('.')
                && shown.set_aside[0].id.as_ref().is_none_or(|id| id.len() <= 64)
        );
    }
    world.check().await;
}

async fn a_person_who_is_set_aside_is_not_taken_away_and_no_other_is(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[1]).await;
    lists(&scalekit, &(0..40).map(person).collect::<Vec<_>>());
    assert_eq!(scalekit.resync(false).await.counts.created, 40);
    // one of them cannot be read any more, and one is no longer listed
    let mut people: Vec<String> = (0..38).map(person).collect();
    people.push(person(38).replace("\"P 38\"", "\"P \\udead\""));
    world.clock.pass(std::time::Duration::from_secs(1));
    lists(&scalekit, &people);

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.set_aside, run.counts.takes_away()),
        (ResyncState::Done, 1, 0),
        "{:?}",
        run.error
    );
    assert_eq!(world.usage(ACME).await.used, 40);
    world.clock.pass(std::time::Duration::from_secs(1));
    lists(&scalekit, &(0..39).map(person).collect::<Vec<_>>());
    let run = scalekit.resync(false).await;
    assert_eq!(
        (run.state, run.set_aside, run.counts.removed),
        (ResyncState::Done, 0, 1),
        "once all can be read, who is gone is gone"
    );
    assert_eq!(world.usage(ACME).await.used, 39);
}

async fn a_group_that_cannot_be_read_ends_no_membership(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[1]).await;
    lists(&scalekit, &(0..3).map(person).collect::<Vec<_>>());
    scalekit.resync(false).await;
    let members = "select user_id from memberships order by user_id";
    assert_eq!(world.texts(members).await.len(), 3);
    world.clock.pass(std::time::Duration::from_secs(1));
    let strange = person(1).replace(r#"{"id":"dirgroup_1","name":"All"}"#, r#"{"name":"All"}"#);
    lists(&scalekit, &[person(0).replace("P 0", "Anew"), strange, person(2)]);

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.set_aside, run.counts.updated),
        (ResyncState::Done, 1, 1),
        "{:?}",
        run.error
    );
    assert_eq!(world.texts(members).await.len(), 3);
}

async fn a_group_or_a_directory_that_cannot_be_read_takes_nothing_away(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[20, 2]).await;
    scalekit.resync(false).await;
    world.clock.pass(std::time::Duration::from_secs(1));
    let groups =
        page("groups", &["null".to_owned(), r#"{"display_name":"Without an id"}"#.to_owned()]);
    scalekit.handle(move |_, path| {
        if path.ends_with("/groups") { Behaviour::Says(groups) } else { Behaviour::Good }
    });

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.set_aside, run.counts.groups),
        (ResyncState::Done, 4, 0),
        "{:?}",
        run.error
    );
    assert_eq!(scalekit.groups(&world).await.1.len(), 8);
    world.clock.pass(std::time::Duration::from_secs(1));
    let first =
        scalekit.simulator.look(|w| w.organization(&acme()).unwrap().directories[0].id.to_string());
    let directories =
        format!(r#"{{"directories":[{{"id":"{first}","enabled":true}},{{"enabled":true}}]}}"#)
            .leak();
    scalekit.handle(|_, path| {
        if path.ends_with("/directories") { Behaviour::Says(directories) } else { Behaviour::Good }
    });
    let run = scalekit.resync(false).await;
    assert_eq!(
        (run.state, run.counts.removed, run.is_complete),
        (ResyncState::Done, 0, false),
        "{:?}",
        run.error
    );
    assert_eq!(world.page(ACME).await.directories.len(), 2);
    assert_eq!(world.usage(ACME).await.used, 22);
}

/// Every fault of the API except `Slow`, one after the other.
async fn whatever_the_api_does_a_run_ends_and_the_next_one_works(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[70]).await;
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done);
    let faults =
        Fault::ALL.into_iter().filter(|fault| fault.side() == Side::Api && *fault != Fault::Slow);
    for (fault, amount) in faults
        .flat_map(|fault| [(fault, fault.usual_amount()), (fault, fault.usual_amount().max(1.0))])
    {
        world.clock.pass(std::time::Duration::from_mins(5));
        scalekit.simulator.faults().switch_on(FaultRate { fault, amount });
        let id = scalekit.start(false).await;
        for _ in 0..5 {
            scalekit.work_on(&id).await;
            world.clock.pass(std::time::Duration::from_mins(5)); // the run may be waiting
        }

        let run = scalekit.look(&id).await;

        assert!(!run.state.is_open(), "{fault} {amount}: {run:?}");
        if let Some((code, sentence)) = &run.error {
            assert!(
                !code.is_empty() && sentence.len() > 20 && sentence.len() < 400,
                "{fault} {amount}: {sentence}"
            );
        }
        assert_eq!(world.usage(ACME).await.used, 70, "{fault} {amount} removes no person");
        scalekit.simulator.faults().switch_off(fault);
        world.clock.pass(std::time::Duration::from_mins(5));
        let next = scalekit.settled(ACME).await.unwrap();
        assert_eq!(next.state, ResyncState::Done, "after {fault} {amount}: {:?}", next.error);
        assert_eq!(scalekit.ours(&world).await, scalekit.theirs(), "after {fault} {amount}");
    }
    world.check().await;
}

async fn a_page_that_is_larger_than_asked_is_read(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[1]).await;
    lists(&scalekit, &(0..2_000).map(person).collect::<Vec<_>>());

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.listed, run.counts.created),
        (ResyncState::Done, 2_000, 2_000),
        "{:?}",
        run.error
    );
}

async fn a_list_that_names_the_same_people_for_ever_is_ended(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[70]).await;
    scalekit.simulator.faults().switch_on(Fault::UntoldEnd);

    let run = scalekit.resync(false).await;

    let (code, sentence) = run.error.unwrap();
    assert_eq!((run.state, code.as_str()), (ResyncState::Failed, "UNUSABLE_ANSWER"));
    assert!(sentence.contains("names the same entries again"), "{sentence}");
    assert!(run.calls < 100, "{} calls", run.calls);
}

async fn a_directory_that_is_only_created_shows_it_and_starts_no_run(world: TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    let directory =
        scalekit.simulator.look(|w| w.organization(&acme()).unwrap().directories[0].id.to_string());
    let at = world.clock.now().rfc3339();
    let created = format!(
        r#"{{"id":"evt_71","type":"organization.directory_created","occurred_at":"{at}","organization_id":"{ACME}","data":{{"id":"{directory}","organization_id":"{ACME}"}}}}"#
    );
    world.post(&created).await;
    world.clock.pass(std::time::Duration::from_secs(1));
    let listed =
        format!(r#"{{"directories":[{{"id":"{directory}","enabled":false,"status":"DRAFT"}}]}}"#)
            .leak();
    scalekit.handle(|_, path| {
        if path.ends_with("/directories") { Behaviour::Says(listed) } else { Behaviour::Good }
    });

    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0);
    assert_eq!(world.page(ACME).await.directories[0].state, DirectoryState::Created);
    let run = scalekit.resync(false).await;
    assert_eq!(
        (run.state, run.error.unwrap().0.as_str()),
        (ResyncState::Cancelled, Resync::NOT_ENABLED)
    );
    assert_eq!(world.recipients().await, [""; 0]);
    assert_eq!(world.texts("select kind from alerts").await, [""; 0]);
    assert_eq!(
        world.page(ACME).await.directories[0].state,
        DirectoryState::Created,
        "it is still only created"
    );

    scalekit.handle(|_, _| Behaviour::Good);
    world.clock.pass(std::time::Duration::from_hours(7));
    let enabled =
        created.replace("evt_71", "evt_72").replace("directory_created", "directory_enabled");
    world.post(&enabled.replace(&at, &world.clock.now().rfc3339())).await;
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 1, "once it is enabled, it is compared");
    while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}
    assert_eq!(world.usage(ACME).await.used, 3);
    assert_eq!(world.page(ACME).await.directories[0].state, DirectoryState::Enabled);
}

fn plan(n: usize) -> Plan {
    let directories = vec![DirectoryPlan { provider: Provider::Okta, groups: 1, people: 1 }];
    Plan {
        id: OrganizationId::new(format!("org_{}", 1_000 + n)),
        name: format!("Customer {n}"),
        domain: format!("c{n}.test"),
        directories,
    }
}

/// Organizations that no webhook named, and one that Seatkeeper knows from an event that is not in
/// the log.
async fn customers(world: &TestApp, number: usize) -> Scalekit {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await; // this event is not in the log
    let plans: Vec<Plan> = (1..=number).map(plan).collect();
    let scalekit = Scalekit::delivering(world, 5, &plans).await;
    scalekit.handle(|_, path| {
        if path.ends_with("/paginated") { Behaviour::Answers(501) } else { Behaviour::Good }
    });
    scalekit
}

async fn organizations_that_no_webhook_named_are_found_after_a_gap(world: TestApp) {
    let scalekit = customers(&world, 3).await;

    assert_eq!(backfill(&scalekit.state, Look::Now).await.unwrap(), Gap::Resync);

    let names = "select id || ' ' || name from organizations order by id";
    assert_eq!(
        world.texts(names).await,
        [
            format!("{ACME} {ACME} Ltd"),
            "org_1002 Customer 2".to_owned(),
            "org_1003 Customer 3".to_owned()
        ]
    );
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 3);
    while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}
    let runs = queries::resyncs(&scalekit.state, &scope("org_1003"), None).await.unwrap();
    assert_eq!(
        (runs[0].state, runs[0].cause, runs[0].counts.created),
        (ResyncState::Done, ResyncCause::Inconsistency, 1)
    );
    assert_eq!(world.usage("org_1003").await.waiting, 1, "its limit is not set");
    // if the list of organizations fails, the gap is not closed
    world.clock.pass(std::time::Duration::from_mins(20));
    scalekit.handle(|_, path| match path {
        _ if path.ends_with("/paginated") => Behaviour::Answers(501),
        _ if path.ends_with("/organizations") => Behaviour::Answers(503),
        _ => Behaviour::Good,
    });
    assert_eq!(backfill(&scalekit.state, Look::Now).await.unwrap(), Gap::Unanswered);
}

async fn organizations_are_found_though_a_page_token_is_refused(world: TestApp) {
    let scalekit = customers(&world, 130).await;
    let simulator = scalekit.simulator.clone();
    scalekit.handle(move |number, path| {
        if number == 3 {
            simulator.faults().once(Fault::StaleToken);
        }
        if path.ends_with("/paginated") { Behaviour::Answers(501) } else { Behaviour::Good }
    });

    assert_eq!(backfill(&scalekit.state, Look::Now).await.unwrap(), Gap::Resync);

    assert_eq!(world.texts("select cast(count(*) as text) from organizations").await, ["130"]);
}
