//! Resyncs while Scalekit or Seatkeeper has problems: which answers are believed, and when a run
//! ends.

use std::{sync::atomic::Ordering, time::Duration};

use domain::{
    access::Role,
    id::{OrganizationId, ResyncId},
    organization::SeatLimit,
    refusal::Refusal,
    resync::{Resync, ResyncCounts, ResyncState},
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
    world::{ACME, TestApp, operator, scope, stories},
};

stories! {
    a_person_who_moves_over_the_edge_of_a_page_is_not_removed,
    the_last_entry_counts_on_a_page_that_names_a_person_twice,
    a_run_that_never_gets_any_further_is_given_up,
    to_look_for_the_missing_once_more_is_no_progress,
    a_run_that_gets_a_page_further_each_time_comes_to_its_end,
    a_plan_that_was_killed_half_made_is_made_again,
    our_clock_that_runs_ahead_outweighs_no_event,
    a_clock_of_theirs_that_is_behind_changes_neither_wishes_nor_how_long_it_took,
    a_wish_for_a_resync_that_arises_during_a_run_outlives_it,
    an_organization_we_know_by_its_id_alone_learns_its_name,
    what_a_failed_run_listed_goes_soon,
    a_plan_is_kept_for_as_long_as_a_body_and_not_applied_after_that,
    a_dry_run_is_discarded_with_its_organization,
    a_run_that_fails_half_applied_does_not_say_that_nothing_was_changed,
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

/// Works on a run, and stops once `enough` returns true.
async fn crash(
    world: &TestApp,
    scalekit: &Scalekit,
    id: &ResyncId,
    enough: impl AsyncFn() -> bool,
) {
    tokio::select! {
        _ = scalekit.work_on(id) => panic!("it was over before it could be killed"),
        () = async { while !enough().await { tokio::task::yield_now().await } } => {}
    }
    world.clock.pass(Duration::from_mins(1));
}

async fn a_run_that_never_gets_any_further_is_given_up(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let scalekit = Scalekit::of(&world, &[40]).await;
    let id = scalekit.start(false).await;
    for _ in 0..6 {
        scalekit.handle(|_, _| Behaviour::Hangs);
        crash(&world, &scalekit, &id, async || scalekit.calls.load(Ordering::SeqCst) > 0).await;
        assert_eq!(scalekit.look(&id).await.state, ResyncState::Listing);
    }

    scalekit.handle(|_, _| Behaviour::Good);
    let run = scalekit.work_on(&id).await;

    let (code, why) = run.error.unwrap();
    assert_eq!((run.state, code.as_str()), (ResyncState::Failed, "NO_PROGRESS"));
    assert!(why.contains("started 6 times without progress"), "{why}");
    assert_eq!(
        world.texts("select kind from alerts where resolved_at is null").await,
        ["resync_failed"]
    );
    assert_eq!(scalekit.calls.load(Ordering::SeqCst), 0);
    assert_eq!(scalekit.resync(true).await.state, ResyncState::Done, "another one is free to try");
    assert_eq!(
        world.texts("select kind from alerts where resolved_at is null").await,
        [""; 0],
        "a preview that works is no failure"
    );
}

async fn to_look_for_the_missing_once_more_is_no_progress(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    world.joined(ACME, "ghost").await; // this user is in no directory
    world.clock.pass(Duration::from_secs(1));
    let id = scalekit.start(false).await;
    // the token, the directories, the users and the groups, twice; then the directories again
    scalekit.handle(|number, _| if number < 6 { Behaviour::Good } else { Behaviour::Hangs });
    crash(&world, &scalekit, &id, async || scalekit.calls.load(Ordering::SeqCst) > 6).await;
    for _ in 0..6 {
        scalekit.handle(|_, _| Behaviour::Hangs);
        crash(&world, &scalekit, &id, async || scalekit.calls.load(Ordering::SeqCst) > 0).await;
    }

    scalekit.handle(|_, _| Behaviour::Good);
    let run = scalekit.work_on(&id).await;

    assert_eq!(run.error.unwrap().0, "NO_PROGRESS");
}

async fn a_run_that_gets_a_page_further_each_time_comes_to_its_end(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[300]).await;
    let id = scalekit.start(false).await;
    // the token and the directories
    scalekit.handle(|number, _| if number < 2 { Behaviour::Good } else { Behaviour::Hangs });
    // The call that hangs must have arrived, too; otherwise it counts as the first call of the next
    // attempt.
    let asked = |calls| scalekit.calls.load(Ordering::SeqCst) >= calls;
    crash(&world, &scalekit, &id, async || {
        asked(3) && scalekit.look(&id).await.started_at.is_some()
    })
    .await;
    for page in 1..=8 {
        scalekit.handle(|number, _| if number < 1 { Behaviour::Good } else { Behaviour::Hangs });
        crash(&world, &scalekit, &id, async || {
            asked(2) && scalekit.look(&id).await.listed == page * 30
        })
        .await;
    }

    scalekit.handle(|_, _| Behaviour::Good);
    let run = scalekit.work_on(&id).await;

    assert_eq!((run.state, run.counts.created), (ResyncState::Done, 300));
}

async fn a_plan_that_was_killed_half_made_is_made_again(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    scalekit.resync(false).await;
    world.clock.pass(Duration::from_secs(1));
    let id = scalekit.start(true).await;
    // the directories, the users, the groups; then the directories again
    scalekit.handle(|number, _| if number < 3 { Behaviour::Good } else { Behaviour::Hangs });
    crash(&world, &scalekit, &id, async || scalekit.calls.load(Ordering::SeqCst) > 3).await;
    // the rest of an earlier attempt to make the plan
    for planned in [
        "update resync_people set change = 'updated', apply_order = 1, blocked = true where resync_id = '{run}'",
        "insert into resync_people (organization_id, resync_id, user_id, pass, asked_at, change, apply_order, blocked) \
         select organization_id, id, 'diruser_ghost', 0, since, 'removed', 0, false from resyncs where id = '{run}'",
        "update resync_groups set change = 'changed' where resync_id = '{run}'",
        "insert into resync_groups (organization_id, resync_id, id, asked_at, change) \
         select organization_id, id, 'dirgroup_ghost', since, 'removed' from resyncs where id = '{run}'",
    ] {
        world.tamper(&planned.replace("{run}", id.as_str())).await;
    }

    scalekit.handle(|_, _| Behaviour::Good);
    let run = scalekit.work_on(&id).await;

    assert_eq!((run.state, run.counts), (ResyncState::Done, ResyncCounts::default()));
    let left =
        format!("select change from resync_groups where resync_id = '{id}' and change <> 'listed'");
    assert_eq!(world.texts(&left).await, [""; 0]);
    assert_eq!(
        world.texts(&format!("select user_id from resync_people where resync_id = '{id}'")).await,
        [""; 0]
    );
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
    assert_eq!(
        world.texts("select id from organizations where resync_wanted_at is not null").await,
        [""; 0]
    );
}

async fn a_wish_for_a_resync_that_arises_during_a_run_outlives_it(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    world.joined(ACME, "ada").await;
    let late = world.body(ACME, "ada", "organization.directory.user_deleted", "");
    world
        .tamper(&format!(
            "update organizations set resync_wanted_at = {}",
            world.clock.now().nanos()
        ))
        .await;
    world.clock.pass(Duration::from_secs(1));
    let id = scalekit.start(false).await;
    scalekit.handle(|number, _| if number < 3 { Behaviour::Good } else { Behaviour::Hangs });
    crash(&world, &scalekit, &id, async || scalekit.calls.load(Ordering::SeqCst) > 3).await;
    world.joined(ACME, "ada").await;
    world.post(&late).await; // contradicts the newer event

    scalekit.handle(|_, _| Behaviour::Good);
    let run = scalekit.work_on(&id).await;

    assert_eq!(run.state, ResyncState::Done);
    let wanted = world.texts("select cast(resync_wanted_at as text) from organizations where resync_wanted_at is not null").await;
    assert_eq!(wanted, [world.clock.now().nanos().to_string()]);
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
    let page =
        queries::resync_page(&scalekit.state, &scope(ACME), &planned.id, ResyncQuery::default())
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
    let mut scalekit = Scalekit::of(&world, &[150]).await;
    scalekit.state.resyncs.nightly = false;
    let last = scalekit.ids().into_iter().max().unwrap();
    if world.state.db.is_postgres() {
        world.tamper("create function poison() returns trigger language plpgsql as $$ begin raise 'poisoned'; end $$").await;
        let when = format!("for each row when (new.id = '{last}') execute function poison()");
        world
            .tamper(&format!("create trigger poison before insert on directory_users {when}"))
            .await;
    } else {
        let when = format!("when new.id = '{last}' begin select raise(abort, 'poisoned'); end");
        world
            .tamper(&format!("create trigger poison before insert on directory_users {when}"))
            .await;
    }

    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.applied, run.counts.created), (ResyncState::Failed, 100, 150));
    let text = world.texts("select text_body from outbox").await.concat();
    assert!(
        text.contains("A part of the plan was applied, for 100 of 150 people, and stays applied."),
        "{text}"
    );
    assert!(!text.contains("No person was changed") && !text.contains("automatically"), "{text}");
}
