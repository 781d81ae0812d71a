//! Resyncs whose worker is killed: the next one resumes, and gives up a run that never gets
//! further.

use std::{sync::atomic::Ordering, time::Duration};

use domain::{
    access::Role,
    id::ResyncId,
    organization::{SeatLimit, Usage},
    resync::{ResyncCounts, ResyncState},
};

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, stories},
};

stories! {
    a_listing_that_was_killed_goes_on_where_it_was,
    a_plan_that_was_killed_half_applied_goes_on_and_repeats_nothing,
    a_run_that_never_gets_any_further_is_given_up,
    to_look_for_the_missing_once_more_is_no_progress,
    a_run_that_gets_a_page_further_each_time_comes_to_its_end,
    a_plan_that_was_killed_half_made_is_made_again,
    a_wish_for_a_resync_that_arises_during_a_run_outlives_it,
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

async fn a_listing_that_was_killed_goes_on_where_it_was(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[600]).await;
    // the token, the directories, nine pages
    scalekit.handle(|number, _| if number < 11 { Behaviour::Good } else { Behaviour::Hangs });
    let id = scalekit.start(false).await;
    let is_enough = async || {
        scalekit.calls.load(Ordering::SeqCst) >= 12 && scalekit.look(&id).await.listed >= 270
    };
    tokio::select! {
        _ = scalekit.work_on(&id) => panic!("it was over before it could be killed"),
        () = async { while !is_enough().await { tokio::task::yield_now().await } } => {}
    }
    assert_eq!(scalekit.look(&id).await.listed, 270);
    scalekit.handle(|_, _| Behaviour::Good);
    assert_eq!(
        scalekit.work_on(&id).await.state,
        ResyncState::Listing,
        "another worker still holds its lease"
    );

    world.clock.pass(Duration::from_mins(1));
    let run = scalekit.work_on(&id).await;

    assert_eq!((run.state, run.listed, run.counts.created), (ResyncState::Done, 600, 600));
    // eleven pages, one page of groups, and the directories again
    assert_eq!(scalekit.calls.load(Ordering::SeqCst), 13);
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    world.check().await;
}

async fn a_plan_that_was_killed_half_applied_goes_on_and_repeats_nothing(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(700)).await;
    let scalekit = Scalekit::of(&world, &[1_000]).await;
    let id = scalekit.start(false).await;
    tokio::select! {
        _ = scalekit.work_on(&id) => panic!("it was over before it could be killed"),
        () = async { while scalekit.look(&id).await.applied == 0 {} } => {}
    }
    let half = scalekit.look(&id).await;
    assert!(half.state == ResyncState::Applying && half.applied < 1_000, "{half:?}");

    world.clock.pass(Duration::from_mins(1));
    let run = scalekit.work_on(&id).await;

    assert_eq!((run.state, run.applied), (ResyncState::Done, 1_000));
    assert_eq!(
        world.usage(ACME).await,
        Usage { limit: SeatLimit::Seats(700), used: 700, waiting: 300 }
    );
    assert_eq!(
        world.texts("select cast(count(*) as text) from decisions where cause = 'resync'").await,
        ["1000"]
    );
    assert_eq!(world.texts("select cast(count(*) as text) from resync_people where blocked and outcome = 'blocked'").await, ["300"]);
    world.check().await;
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
    assert_eq!(world.open_alerts().await, ["resync_failed"]);
    assert_eq!(scalekit.calls.load(Ordering::SeqCst), 0);
    assert_eq!(scalekit.resync(true).await.state, ResyncState::Done, "another one is free to try");
    assert_eq!(world.open_alerts().await, [""; 0], "a preview that works is no failure");
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
