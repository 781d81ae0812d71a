//! What a resync waits for: a confirmation, Scalekit's rate limit, or the lease of another process;
//! and what may happen meanwhile.

use std::{sync::atomic::Ordering, time::Duration};

use domain::{
    access::Role,
    directory::PlanWarning,
    id::{OrganizationId, ResyncId},
    organization::SeatLimit,
    refusal::Refusal,
    resync::{Resync, ResyncState},
};
use seatkeeper::{
    commands::{
        self, notify_owed,
        resync::{Turn, cancel_resync, confirm_resync, expire_plans, start_due, work_on},
    },
    queries,
};
use simulator::fault::{Fault, FaultRate};
use views::{OverviewQuery, resyncs::ResyncQuery};

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, operator, scope, staff, stories},
};

stories! {
    a_plan_that_waits_notifies_those_who_may_confirm_it_once_and_is_seen,
    a_plan_that_no_person_confirms_expires_and_automatic_runs_go_on,
    a_plan_that_is_discarded_resolves_its_alert,
    a_plan_that_waited_before_there_was_a_recipient_notifies_the_first_one,
    a_plan_that_adds_many_people_waits_for_the_number_to_be_typed,
    a_plan_ends_with_its_organization_and_a_revived_one_is_compared,
    a_running_resync_ends_quietly_with_its_organization,
    a_plan_whose_directory_is_switched_off_meanwhile_removes_no_person,
    a_retry_after_that_is_a_date_is_waited_for,
    a_limit_for_each_minute_slows_a_run_down_and_ends_it_well,
    an_outage_in_the_middle_ends_no_run_that_gets_further,
    a_page_token_that_is_refused_begins_the_list_again,
    a_step_of_the_clock_takes_no_run_from_its_worker_and_leaves_none_behind,
    a_night_is_neither_lost_nor_doubled_by_a_step_of_the_clock,
    a_wish_is_fulfilled_once_whatever_the_clock_does,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

async fn open_alerts(world: &TestApp) -> Vec<String> {
    world.texts("select kind from alerts where resolved_at is null order by kind").await
}

async fn recipients(world: &TestApp) -> Vec<String> {
    world.texts("select recipient from outbox order by recipient").await
}

/// A plan that waits: five of twenty users have left, and their webhooks were lost.
async fn waiting_plan(world: &TestApp) -> (Scalekit, Resync) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(world, &[20]).await;
    scalekit.resync(false).await;
    for id in &scalekit.ids()[..5] {
        scalekit.happens(world, |world, now| world.fire(&acme(), id, now)).await;
    }
    let run = scalekit.resync(false).await;
    assert_eq!((run.state, run.warning), (ResyncState::Waiting, Some(PlanWarning::RemovesMany)));
    (scalekit, run)
}

async fn a_plan_that_waits_notifies_those_who_may_confirm_it_once_and_is_seen(world: TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.account("kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    world.account("vic@acme.test", Role::TenantViewer, &[ACME]).await;
    world.organization("org_other", SeatLimit::Unlimited).await;
    world.account("eve@other.test", Role::TenantAdmin, &["org_other"]).await;
    let scalekit = Scalekit::of(&world, &[20]).await;
    scalekit.resync(false).await;
    for id in &scalekit.ids()[..5] {
        scalekit.happens(&world, |world, now| world.fire(&acme(), id, now)).await;
    }

    let run = scalekit.resync(false).await;

    assert_eq!(run.state, ResyncState::Waiting);
    assert_eq!(open_alerts(&world).await, ["resync_needs_confirmation"]);
    assert_eq!(recipients(&world).await, ["kim@acme.test", "sam@seats.example"]);
    let text = world
        .texts("select text_body from outbox where recipient = 'kim@acme.test'")
        .await
        .remove(0);
    assert!(
        text.contains("Its plan takes 5 people away.")
            && text.contains(&format!("/organizations/{ACME}/resyncs/{}", run.id)),
        "{text}"
    );
    let query = OverviewQuery { page: 1, ..OverviewQuery::default() };
    let overview =
        queries::overview(&scalekit.state, &staff().staff().unwrap(), &query).await.unwrap();
    let row = overview.rows.iter().find(|row| row.id == acme()).unwrap();
    assert_eq!(row.to_confirm.as_ref(), Some(&run.id));
    assert_eq!(overview.to_confirm, [(acme(), format!("{ACME} Ltd").into(), run.id.clone())]);
    assert_eq!(expire_plans(&scalekit.state).await.unwrap(), 0);
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0, "one at a time");
    assert_eq!(recipients(&world).await.len(), 2, "once");

    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(5)).await.unwrap();
    assert_eq!(open_alerts(&world).await, [""; 0]);
    assert_eq!(scalekit.work_on(&run.id).await.state, ResyncState::Done);
    world.check().await;
}

async fn a_plan_that_no_person_confirms_expires_and_automatic_runs_go_on(world: TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let (scalekit, run) = waiting_plan(&world).await;
    start_due(&scalekit.state).await.unwrap(); // plans the nightly runs
    world.clock.pass(Duration::from_hours(7 * 24 - 1));
    assert_eq!(expire_plans(&scalekit.state).await.unwrap(), 0);
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0);

    world.clock.pass(Duration::from_hours(1));
    assert_eq!(expire_plans(&scalekit.state).await.unwrap(), 1);

    let ended = scalekit.look(&run.id).await;
    assert_eq!(
        (ended.state, ended.error.unwrap().0.as_str()),
        (ResyncState::Cancelled, Resync::EXPIRED)
    );
    assert_eq!(open_alerts(&world).await, [""; 0]);
    assert_eq!(world.usage(ACME).await.used, 20, "nothing was changed");
    let late =
        confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(5)).await.unwrap_err();
    assert!(matches!(late, commands::Error::Refused(Refusal::PlanNotOpen)), "{late:?}");
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 1, "automatic runs go on at once");
    while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}
    assert_eq!(open_alerts(&world).await, ["resync_needs_confirmation"], "a new plan, a new alert");
    assert_eq!(recipients(&world).await, ["sam@seats.example"; 2]);
}

async fn a_plan_that_is_discarded_resolves_its_alert(world: TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let (scalekit, run) = waiting_plan(&world).await;
    assert_eq!(open_alerts(&world).await, ["resync_needs_confirmation"]);

    cancel_resync(&scalekit.state, &operator(), &acme(), &run.id).await.unwrap();

    assert_eq!(open_alerts(&world).await, [""; 0]);
}

async fn a_plan_that_waited_before_there_was_a_recipient_notifies_the_first_one(world: TestApp) {
    let (scalekit, _) = waiting_plan(&world).await;
    notify_owed(&scalekit.state).await.unwrap();
    assert_eq!(recipients(&world).await, [""; 0]);

    world.account("kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    notify_owed(&scalekit.state).await.unwrap();
    notify_owed(&scalekit.state).await.unwrap();

    assert_eq!(open_alerts(&world).await, ["resync_needs_confirmation"]);
    assert_eq!(recipients(&world).await, ["kim@acme.test"]);
}

async fn a_plan_that_adds_many_people_waits_for_the_number_to_be_typed(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[60]).await;
    assert_eq!(
        scalekit.resync(false).await.state,
        ResyncState::Done,
        "the first people of an organization"
    );
    // all its webhooks are lost
    scalekit.happens(&world, |world, now| world.burst(&acme(), 51, now)).await;

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.warning, run.counts.created),
        (ResyncState::Waiting, Some(PlanWarning::AddsMany), 51)
    );
    assert_eq!(world.usage(ACME).await.used, 60);
    for typed in [None, Some(0), Some(50)] {
        let refused = confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, typed)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, commands::Error::Refused(Refusal::PeopleToAdd(51))),
            "{refused:?}"
        );
    }
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(51)).await.unwrap();
    assert_eq!(scalekit.work_on(&run.id).await.state, ResyncState::Done);
    assert_eq!(world.usage(ACME).await.used, 111);
    scalekit.happens(&world, |world, now| world.burst(&acme(), 50, now)).await;
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done, "no more than half of them");
}

/// The webhook about an organization that is deleted or created.
fn organization_event(world: &TestApp, kind: &str) -> String {
    let (number, at) = (world.number(), world.clock.now().rfc3339());
    format!(
        r#"{{"spec_version":"1","id":"evt_9{number}","type":"organization.{kind}","object":"Organization","occurred_at":"{at}","environment_id":"env_1","organization_id":"{ACME}","data":{{"id":"{ACME}","display_name":"Acme"}}}}"#
    )
}

async fn a_plan_ends_with_its_organization_and_a_revived_one_is_compared(world: TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    let (scalekit, run) = waiting_plan(&world).await;
    start_due(&scalekit.state).await.unwrap();
    world.clock.pass(Duration::from_secs(1));

    world.post(&organization_event(&world, "deleted")).await;

    let ended = scalekit.look(&run.id).await;
    assert_eq!(
        (ended.state, ended.error.unwrap().0.as_str()),
        (ResyncState::Cancelled, Resync::ORGANIZATION_DELETED)
    );
    assert_eq!(open_alerts(&world).await, [""; 0]);
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0);
    world.clock.pass(Duration::from_secs(1));
    world.post(&organization_event(&world, "created")).await;
    let refused =
        confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(5)).await.unwrap_err();
    assert!(matches!(refused, commands::Error::Refused(Refusal::PlanNotOpen)), "{refused:?}");

    world.clock.pass(Duration::from_secs(1));
    assert_eq!(
        start_due(&scalekit.state).await.unwrap(),
        1,
        "the revived organization is compared"
    );
    while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}
    assert_eq!(world.usage(ACME).await.waiting, 15, "its limit is not set any more");
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    world.check().await;
}

async fn a_running_resync_ends_quietly_with_its_organization(world: TestApp) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[90]).await;
    let id = scalekit.start(false).await;
    let (router, deleted) = (world.router(), organization_event(&world, "deleted"));
    let request = std::sync::Mutex::new(Some(world.request("msg_deleted", &deleted)));
    let handle = tokio::runtime::Handle::current();
    scalekit.handle(move |number, _| {
        if number == 3
            && let Some(request) = request.lock().unwrap().take()
        {
            tokio::task::block_in_place(|| {
                handle.block_on(TestApp::answered(router.clone(), request))
            });
        }
        Behaviour::Good
    });

    let run = scalekit.work_on(&id).await;

    assert_eq!(
        (run.state, run.error.unwrap().0.as_str()),
        (ResyncState::Cancelled, Resync::ORGANIZATION_DELETED)
    );
    assert_eq!((open_alerts(&world).await, recipients(&world).await), (Vec::new(), Vec::new()));
    world.check().await;
}

async fn a_plan_whose_directory_is_switched_off_meanwhile_removes_no_person(world: TestApp) {
    let (scalekit, run) = waiting_plan(&world).await;
    let directory =
        scalekit.simulator.look(|w| w.organization(&acme()).unwrap().directories[0].id.clone());
    world.clock.pass(Duration::from_secs(1));
    for body in scalekit
        .happens(&world, |world, now| world.switch_directory(&acme(), &directory, false, now))
        .await
    {
        world.post(&body).await;
    }

    let refused =
        confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(5)).await.unwrap_err();

    assert!(matches!(refused, commands::Error::Refused(Refusal::PlanOutdated)), "{refused:?}");
    assert_eq!(world.usage(ACME).await.used, 20);
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

    assert_eq!(
        world.texts("select id from organizations where resync_wanted_at is not null").await,
        [""; 0]
    );
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0);
    let page = queries::resync_page(
        &scalekit.state,
        &scope(ACME),
        &ResyncId::new("rsn_nowhere"),
        ResyncQuery::default(),
    )
    .await;
    assert!(matches!(page, Err(commands::Error::Missing)));
}
