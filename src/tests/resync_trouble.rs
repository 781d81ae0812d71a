//! Resyncs while Scalekit or Seatkeeper has problems: which answers are believed, and what is
//! kept of a run.

use std::{sync::atomic::Ordering, time::Duration};

use domain::{
    access::Role,
    id::{DirectoryId, OrganizationId},
    organization::SeatLimit,
    refusal::Refusal,
    resync::{Resync, ResyncState},
    setting::SettingName,
};
use seatkeeper::{
    commands::{self, resync::confirm_resync},
    jobs::cleanup,
    queries,
};
use simulator::fault::Fault;
use views::resyncs::{Plan, ResyncQuery};

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, operator, scope, staff, stories},
};

stories! {
    a_person_who_moves_over_the_edge_of_a_page_is_not_removed,
    the_last_entry_counts_on_a_page_that_names_a_person_twice,
    our_clock_that_runs_ahead_outweighs_no_event,
    a_clock_of_theirs_that_is_behind_changes_neither_wishes_nor_how_long_it_took,
    an_organization_we_know_by_its_id_alone_learns_its_name,
    what_a_failed_run_listed_goes_soon,
    a_plan_is_kept_for_as_long_as_a_body_and_not_applied_after_that,
    a_dry_run_is_discarded_with_its_organization,
    a_run_that_fails_half_applied_does_not_say_that_nothing_was_changed,
    a_run_that_fails_tells_all_the_same_which_directory_is_off,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

async fn a_person_who_moves_over_the_edge_of_a_page_is_not_removed(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[65]).await;
    scalekit.resync(false).await;
    world.joined(ACME, "ghost").await; // this user is in no directory
    world.clock.pass(Duration::from_secs(1));
    scalekit.simulator.faults().switch_on(Fault::ShiftingPages);
    let ids = scalekit.ids();
    let (simulator, first) = (scalekit.simulator.clone(), ids[0].clone());
    let handle = tokio::runtime::Handle::current();
    scalekit.handle(move |number, _| {
        if number == 2 {
            // between two pages one user leaves and one joins: every user moves, and the total
            // stays the same
            let (simulator, first) = (simulator.clone(), first.clone());
            let swap = simulator.play(move |world, now| {
                world.fire(&acme(), &first, now);
                world.burst(&acme(), 1, now);
                Vec::new()
            });
            tokio::task::block_in_place(|| handle.block_on(swap));
        }
        Behaviour::Good
    });

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.counts.removed, run.counts.created),
        (ResyncState::Done, 1, 1),
        "the ghost went"
    );
    // the directories, three pages and the groups, twice, and the directories again
    assert_eq!(scalekit.calls.load(Ordering::SeqCst), 10);
    let removed = world.texts("select id from directory_users where state = 'removed'").await;
    assert!(removed.len() == 1 && !ids.iter().any(|id| id.as_str() == removed[0]), "{removed:?}");
    assert_eq!(
        scalekit.resync(false).await.counts.removed,
        1,
        "a person who left is found missing the next time"
    );
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
}

async fn the_last_entry_counts_on_a_page_that_names_a_person_twice(world: TestApp) {
    const PEOPLE: &str = r#"{"users":[{"id":"diruser_1","email":"old@acme.test","user_detail":{"active":true}},
        {"id":"diruser_2","email":"kim@acme.test","user_detail":{"active":true}},
        {"id":"diruser_1","email":"ada@acme.test","user_detail":{"active":true}}],"total_size":2,"next_page_token":""}"#;
    const GROUPS: &str = r#"{"groups":[{"id":"dirgroup_1","display_name":"Old"},{"id":"dirgroup_1","display_name":"New"}],
        "total_size":1,"next_page_token":""}"#;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[2]).await;
    scalekit.handle(|_, path| match path {
        _ if path.ends_with("/users") => Behaviour::Says(PEOPLE),
        _ if path.ends_with("/groups") => Behaviour::Says(GROUPS),
        _ => Behaviour::Good,
    });

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.listed, run.counts.created),
        (ResyncState::Done, 2, 2),
        "{:?}",
        run.error
    );
    assert_eq!(
        (run.set_aside, run.is_complete),
        (1, false),
        "what it said of them first is counted"
    );
    assert_eq!(
        world.texts("select email from directory_users order by email").await,
        ["ada@acme.test", "kim@acme.test"]
    );
    assert_eq!(world.texts("select name from directory_groups").await, ["New"]);
}

async fn our_clock_that_runs_ahead_outweighs_no_event(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    scalekit.resync(false).await;
    let id = scalekit.ids().remove(0);
    // no webhook reports it
    scalekit.happens(&world, |world, now| world.deactivate(&acme(), &id, now)).await;
    let truth = world.clock.now();
    world.clock.pass(Duration::from_mins(2));
    scalekit.says_it_is(truth);
    assert_eq!(scalekit.resync(false).await.counts.deactivated, 1);

    for body in scalekit
        .happens(&world, |world, _| {
            world.reactivate(&acme(), &id, truth.plus(Duration::from_secs(10)))
        })
        .await
    {
        world.post(&body).await;
    }

    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    assert_eq!(world.usage(ACME).await.used, 3);
}

async fn a_clock_of_theirs_that_is_behind_changes_neither_wishes_nor_how_long_it_took(
    world: TestApp,
) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    scalekit.says_it_is(world.clock.now());
    world.clock.pass(Duration::from_mins(5));
    world
        .tamper(&format!(
            "update organizations set resync_wanted_at = {}",
            world.clock.now().nanos()
        ))
        .await;
    world.clock.pass(Duration::from_secs(1));

    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.took()), (ResyncState::Done, Some(Duration::ZERO)));
    assert_eq!(world.wanted_resyncs().await, [""; 0]);
}

async fn an_organization_we_know_by_its_id_alone_learns_its_name(world: TestApp) {
    let scalekit = Scalekit::of(&world, &[3]).await;
    for body in scalekit.happens(&world, |world, now| world.burst(&acme(), 1, now)).await {
        world.post(&body).await; // Seatkeeper does not know the organization yet
    }
    let named = "select name || ' ' || coalesce(external_id, 'none') from organizations";
    assert_eq!(world.texts(named).await, [format!("{ACME} none")]);

    scalekit.resync(true).await;
    assert_eq!(world.texts(named).await, [format!("{ACME} none")], "a dry run changes nothing");
    scalekit.handle(
        |_, path| if path.ends_with(ACME) { Behaviour::Answers(404) } else { Behaviour::Good },
    );
    assert_eq!(
        scalekit.resync(false).await.state,
        ResyncState::Done,
        "without an answer it stays as it is"
    );
    assert_eq!(world.texts(named).await, [format!("{ACME} none")]);
    scalekit.handle(|_, _| Behaviour::Good);
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done);

    let external = scalekit
        .simulator
        .look(|world| world.organization(&acme()).unwrap().external_id().to_owned());
    assert_eq!(world.texts(named).await, [format!("Acme {external}")]);
    let calls = scalekit.calls.load(Ordering::SeqCst);
    scalekit.resync(false).await;
    assert_eq!(scalekit.calls.load(Ordering::SeqCst) - calls, calls - 1, "it is asked once");
    world.check().await;
}

/// The number of rows that the runs have listed and planned.
async fn rows(world: &TestApp) -> [String; 3] {
    let count = async |table| {
        world.texts(&format!("select cast(count(*) as text) from {table}")).await.remove(0)
    };
    [count("resync_people").await, count("resync_groups").await, count("resync_directories").await]
}

async fn what_a_failed_run_listed_goes_soon(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[1_234]).await;
    scalekit.handle(|_, path| {
        if path.ends_with("/groups") { Behaviour::Answers(404) } else { Behaviour::Good }
    });
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Failed);
    assert_eq!(rows(&world).await, ["1234", "0", "1"]);
    assert_eq!(cleanup::work_off(&scalekit.state).await.unwrap(), 0, "a person may still open it");

    world.clock.pass(Duration::from_hours(2));
    assert_eq!(cleanup::work_off(&scalekit.state).await.unwrap(), 1);
    assert_eq!(rows(&world).await, ["0", "0", "0"]);
    assert_eq!(cleanup::work_off(&scalekit.state).await.unwrap(), 0);

    scalekit.handle(|_, _| Behaviour::Good);
    let planned = scalekit.resync(true).await;
    world.clock.pass(Duration::from_hours(2));
    assert_eq!(cleanup::work_off(&scalekit.state).await.unwrap(), 1);
    assert_eq!(rows(&world).await, ["1234", "4", "1"], "the people in a plan stay");
    confirm_resync(&scalekit.state, &operator(), &acme(), &planned.id, None).await.unwrap();
    assert_eq!(scalekit.work_on(&planned.id).await.state, ResyncState::Done);
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
}

async fn a_plan_is_kept_for_as_long_as_a_body_and_not_applied_after_that(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[700]).await;
    let planned = scalekit.resync(true).await;
    world.clock.pass(Duration::from_hours(89 * 24));
    cleanup::work_off(&scalekit.state).await.unwrap();
    assert_eq!(rows(&world).await, ["700", "4", "1"]);

    world.clock.pass(Duration::from_hours(2 * 24));
    assert_eq!(cleanup::work_off(&scalekit.state).await.unwrap(), 1);

    assert_eq!(rows(&world).await, ["0", "0", "1"]);
    let page = queries::resync_page(
        &scalekit.state,
        &scope(ACME),
        &staff(),
        &planned.id,
        &ResyncQuery::default(),
    )
    .await
    .unwrap();
    assert_eq!((page.run.counts.created, page.run.is_plan_gone), (700, true), "its numbers stay");
    assert_eq!(page.plan, Plan::default());
    let refused =
        confirm_resync(&scalekit.state, &operator(), &acme(), &planned.id, None).await.unwrap_err();
    assert!(matches!(refused, commands::Error::Refused(Refusal::PlanNotOpen)), "{refused:?}");
    assert_eq!(scalekit.resync(false).await.counts.created, 700);
}

async fn a_dry_run_is_discarded_with_its_organization(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[10]).await;
    let older = scalekit.resync(true).await;
    world.clock.pass(Duration::from_secs(1));
    let run = scalekit.resync(true).await;

    for kind in ["deleted", "created"] {
        world.clock.pass(Duration::from_secs(1));
        let (number, at) = (world.number(), world.clock.now().rfc3339());
        let body = format!(
            r#"{{"id":"evt_9{number}","type":"organization.{kind}","occurred_at":"{at}","organization_id":"{ACME}","data":{{"id":"{ACME}"}}}}"#
        );
        world.post(&body).await;
    }

    let refused =
        confirm_resync(&scalekit.state, &operator(), &OrganizationId::new(ACME), &run.id, None)
            .await
            .unwrap_err();
    assert!(matches!(refused, commands::Error::Refused(Refusal::PlanNotOpen)), "{refused:?}");
    let ended = scalekit.look(&run.id).await;
    assert_eq!(
        (ended.state, ended.error.unwrap().0.as_str()),
        (ResyncState::Cancelled, Resync::ORGANIZATION_DELETED)
    );
    assert_eq!(scalekit.look(&older.id).await, older, "no person could confirm it any more");
    assert_eq!(scalekit.resync(true).await.state, ResyncState::Done);
}

async fn a_run_that_fails_half_applied_does_not_say_that_nothing_was_changed(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let scalekit = Scalekit::of(&world, &[150]).await;
    world.change_setting(SettingName::ResyncNightly, "no").await.unwrap();
    let last = scalekit.ids().into_iter().max().unwrap();
    poison(&world, &format!("new.id = '{last}'")).await;

    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.applied, run.counts.created), (ResyncState::Failed, 100, 150));
    let text = world.sent_text().await;
    assert!(
        text.contains("A part of the plan was applied, for 100 of 150 people, and stays applied."),
        "{text}"
    );
    assert!(!text.contains("No person was changed") && !text.contains("automatically"), "{text}");
}

/// Refuses to add a person if this holds.
async fn poison(world: &TestApp, holds: &str) {
    let act = if world.state.db.is_postgres() {
        world.tamper("create function poison() returns trigger language plpgsql as $$ begin raise 'poisoned'; end $$").await;
        format!("for each row when ({holds}) execute function poison()")
    } else {
        format!("when {holds} begin select raise(abort, 'poisoned'); end")
    };
    world.tamper(&format!("create trigger poison before insert on directory_users {act}")).await;
}

async fn a_run_that_fails_tells_all_the_same_which_directory_is_off(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3, 2]).await;
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done);
    let open = "select kind from alerts where kind = 'directory_disabled' and resolved_at is null";
    let ids = world.texts("select id from directories order by id").await;
    poison(&world, "new.id <> ''").await;
    let switched = async |ids: &[String], enabled| {
        world.clock.pass(Duration::from_mins(1));
        let ids: Vec<DirectoryId> = ids.iter().map(DirectoryId::new).collect();
        let switch = scalekit.simulator.play(move |world, now| {
            for id in &ids {
                world.switch_directory(&acme(), id, enabled, now);
            }
            world.burst(&acme(), 1, now);
            Vec::new()
        });
        switch.await;
        assert_eq!(scalekit.resync(false).await.state, ResyncState::Failed);
        world.texts(open).await
    };

    assert_eq!(switched(&ids[..1], false).await, ["directory_disabled"]);
    assert_eq!(switched(&ids[..1], true).await, [""; 0]);
    assert_eq!(switched(&ids, false).await, ["directory_disabled"], "nothing is compared");
}
