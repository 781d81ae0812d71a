//! What a resync waits for: Scalekit's rate limit, the end of an outage, the lease of another
//! process, or the night; and what steps of the clock change.

use std::{sync::atomic::Ordering, time::Duration};

use domain::{id::ResyncId, organization::SeatLimit, resync::ResyncState};
use seatkeeper::{
    commands::{
        self,
        resync::{Turn, start_due, work_on},
    },
    queries,
};
use simulator::fault::{Fault, FaultRate};
use views::resyncs::ResyncQuery;

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, scope, staff, stories},
};

stories! {
    a_retry_after_that_is_a_date_is_waited_for,
    a_limit_for_each_minute_slows_a_run_down_and_ends_it_well,
    an_outage_in_the_middle_ends_no_run_that_gets_further,
    a_page_token_that_is_refused_begins_the_list_again,
    a_step_of_the_clock_takes_no_run_from_its_worker_and_leaves_none_behind,
    a_night_is_neither_lost_nor_doubled_by_a_step_of_the_clock,
    a_wish_is_fulfilled_once_whatever_the_clock_does,
}

/// Records each reason for which a run waits.
async fn note_waits(world: &TestApp) {
    world.tamper("create table waits (cause text)").await;
    if world.state.db.is_postgres() {
        let note = "create function note_wait() returns trigger language plpgsql as $$ begin \
             insert into waits values (new.waits_for); return new; end $$";
        world.tamper(note).await;
        let on = "create trigger note_wait after update on resyncs for each row when (new.waits_until is not null) execute function note_wait()";
        world.tamper(on).await;
    } else {
        let on = "create trigger note_wait after update on resyncs when new.waits_until is not null \
             begin insert into waits values (new.waits_for); end";
        world.tamper(on).await;
    }
}

/// Works on a run, and stops once so many users are listed and the call that hangs has arrived.
async fn crash(world: &TestApp, scalekit: &Scalekit, id: &ResyncId, (listed, calls): (i64, usize)) {
    let is_enough = async || {
        scalekit.calls.load(Ordering::SeqCst) >= calls && scalekit.look(id).await.listed >= listed
    };
    tokio::select! {
        _ = scalekit.work_on(id) => panic!("it was over before it could be killed"),
        () = async { while !is_enough().await { tokio::task::yield_now().await } } => {}
    }
    world.clock.pass(Duration::from_mins(1));
}

async fn a_retry_after_that_is_a_date_is_waited_for(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[120]).await;
    let (clock, until) = (world.clock.clone(), std::sync::Mutex::new(None));
    scalekit.handle(move |number, _| {
        let mut until = until.lock().unwrap();
        if number == 5 {
            *until = Some(clock.now().plus(Duration::from_secs(20)));
        }
        until.filter(|until| clock.now() < *until).map_or(Behaviour::Good, Behaviour::LaterAt)
    });
    let before = world.clock.now();

    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.listed), (ResyncState::Done, 120), "{:?}", run.error);
    let took = world.clock.now().since(before);
    assert!(took >= Duration::from_secs(19) && took < Duration::from_mins(1), "{took:?}");
    // the token, the directories twice, four pages of users, a page of groups, and fewer than five
    // refused calls
    assert!(run.calls < 8 + 5, "{} calls", run.calls);
}

async fn a_limit_for_each_minute_slows_a_run_down_and_ends_it_well(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[300]).await;
    scalekit.simulator.faults().switch_on(FaultRate { fault: Fault::PerMinute, amount: 6.0 });
    note_waits(&world).await;
    let before = world.clock.now();

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.listed, run.counts.created),
        (ResyncState::Done, 300, 300),
        "{:?}",
        run.error
    );
    let took = world.clock.now().since(before);
    assert!(took >= Duration::from_mins(1) && took < Duration::from_mins(10), "{took:?}");
    assert!(
        world.texts("select distinct cause from waits").await.contains(&"rate_limit".to_owned()),
        "the page says what it waits for"
    );
    assert_eq!(run.waits, None);
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    scalekit.simulator.faults().switch_on(FaultRate { fault: Fault::PerMinute, amount: 0.0 });
    let id = scalekit.start(false).await;
    assert_eq!(
        scalekit.work_on(&id).await.state,
        ResyncState::Listing,
        "the directories were listed: it tries once more"
    );
    world.clock.pass(Duration::from_mins(5));
    let refused = scalekit.work_on(&id).await;
    let (code, why) = refused.error.unwrap();
    assert_eq!((refused.state, code.as_str()), (ResyncState::Failed, "RATE_LIMITED"));
    assert!(why.contains("refused every call for an hour"), "{why}");
    scalekit.simulator.faults().switch_off(Fault::PerMinute);
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done, "later runs go on");
}

async fn an_outage_in_the_middle_ends_no_run_that_gets_further(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[120]).await;
    let id = scalekit.start(false).await;
    scalekit.handle(|number, _| if number < 4 { Behaviour::Good } else { Behaviour::Answers(503) });
    let run = scalekit.work_on(&id).await;
    assert_eq!((run.state, run.listed), (ResyncState::Listing, 60));
    assert!(run.waits.is_some(), "it says what it waits for");
    assert_eq!(scalekit.work_on(&id).await.state, ResyncState::Listing, "it rests");

    world.clock.pass(Duration::from_mins(2));
    scalekit.handle(|_, _| Behaviour::Good);
    let run = scalekit.work_on(&id).await;

    assert_eq!((run.state, run.listed, run.waits), (ResyncState::Done, 120, None));
    scalekit.handle(|_, _| Behaviour::Answers(503));
    let run = scalekit.resync(false).await;
    assert_eq!(
        (run.state, run.error.unwrap().0.as_str()),
        (ResyncState::Failed, "HTTP_503"),
        "one that never got anywhere"
    );
}

async fn a_page_token_that_is_refused_begins_the_list_again(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[120]).await;
    let id = scalekit.start(false).await;
    scalekit.handle(|number, _| if number < 5 { Behaviour::Good } else { Behaviour::Hangs });
    crash(&world, &scalekit, &id, (90, 6)).await;
    scalekit.simulator.faults().once(Fault::StaleToken);
    scalekit.handle(|_, _| Behaviour::Good);

    let run = scalekit.work_on(&id).await;

    assert_eq!(
        (run.state, run.listed, run.counts.created),
        (ResyncState::Done, 120, 120),
        "{:?}",
        run.error
    );
    // the refused call, four pages, the groups, and the directories again
    assert_eq!(scalekit.calls.load(Ordering::SeqCst), 1 + 4 + 1 + 1);
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());

    scalekit.simulator.faults().switch_on(FaultRate { fault: Fault::StaleToken, amount: 1.0 });
    let run = scalekit.resync(false).await;
    assert_eq!(
        (run.state, run.error.unwrap().0.as_str()),
        (ResyncState::Failed, "PAGE_TOKEN_REFUSED")
    );
    scalekit.simulator.faults().switch_off(Fault::StaleToken);
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done, "later runs go on");
}

async fn a_step_of_the_clock_takes_no_run_from_its_worker_and_leaves_none_behind(world: TestApp) {
    const HOUR: Duration = Duration::from_hours(1);
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[120]).await;
    let beside = world.beside().await;
    let other = beside
        .state
        .clone()
        .with_scalekit(scalekit.state.scalekit.clone().unwrap(), scalekit.state.resyncs);
    let id = scalekit.start(false).await;
    scalekit.handle(|number, _| if number < 3 { Behaviour::Good } else { Behaviour::Hangs });
    tokio::select! {
        _ = scalekit.work_on(&id) => panic!("it was over before it could be killed"),
        () = async {
            while scalekit.look(&id).await.listed < 30 {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    let now = world.clock.now();

    for step in [now.plus(HOUR), now.minus(HOUR), now] {
        world.clock.put(step);
        for state in [&scalekit.state, &other] {
            assert!(!work_on(state, &Turn::Next).await.unwrap(), "its worker counts as alive");
        }
    }
    world.clock.put(now.minus(HOUR));
    world.clock.pass(Duration::from_secs(46)); // the lease has expired
    scalekit.handle(|_, _| Behaviour::Good);
    assert!(work_on(&other, &Turn::Next).await.unwrap());

    let run = scalekit.look(&id).await;
    assert_eq!((run.state, run.listed), (ResyncState::Done, 120));
    world.check().await;
}

async fn a_night_is_neither_lost_nor_doubled_by_a_step_of_the_clock(world: TestApp) {
    const HOUR: Duration = Duration::from_hours(1);
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[2]).await;
    start_due(&scalekit.state).await.unwrap(); // plans the nightly run
    let mut nights = 0;
    let mut run_what_is_due = async || {
        nights += start_due(&scalekit.state).await.unwrap();
        while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}
        nights
    };
    // ten nights, each with a step forward and a step back
    for night in 1..=10_u32 {
        for quarter in 0..96 {
            world.clock.pass(Duration::from_mins(15));
            if quarter == night * 7 % 96 {
                world.clock.put(world.clock.now().plus(HOUR));
                run_what_is_due().await;
            }
            if quarter == (night * 7 + 3) % 96 {
                world.clock.put(world.clock.now().minus(HOUR));
            }
            run_what_is_due().await;
        }
    }
    assert!(
        (9..=10).contains(&run_what_is_due().await),
        "ten days, ten nights: {}",
        run_what_is_due().await
    );
    let a_day = "select cast(max(n) as text) from (select count(*) as n from resyncs group by created_at / 86400000000000) d";
    assert_eq!(world.texts(a_day).await, ["1"], "none is doubled");
}

async fn a_wish_is_fulfilled_once_whatever_the_clock_does(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    world
        .tamper(&format!(
            "update organizations set resync_wanted_at = {}",
            world.clock.now().nanos()
        ))
        .await;
    world.clock.put(world.clock.now().minus(Duration::from_hours(1)));

    assert_eq!(
        start_due(&scalekit.state).await.unwrap(),
        1,
        "a wish of a clock that ran ahead is a wish"
    );
    while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}

    assert_eq!(world.wanted_resyncs().await, [""; 0]);
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0);
    let page = queries::resync_page(
        &scalekit.state,
        &scope(ACME),
        &staff(),
        &ResyncId::new("rsn_nowhere"),
        &ResyncQuery::default(),
    )
    .await;
    assert!(matches!(page, Err(commands::Error::Missing)));
}
