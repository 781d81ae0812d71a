//! Plans that wait for a person: who is notified, and what confirming, discarding and waiting for
//! too long do.

use std::time::Duration;

use domain::{
    access::Role,
    directory::{Change, PlanPart, PlanWarning},
    id::OrganizationId,
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
use views::OverviewQuery;

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, operator, scope, staff, stories},
};

stories! {
    a_plan_that_takes_many_away_waits_for_the_number_to_be_typed,
    an_empty_directory_waits_for_a_person_to_confirm,
    a_plan_that_waits_notifies_those_who_may_confirm_it_once_and_is_seen,
    a_plan_that_no_person_confirms_expires_and_automatic_runs_go_on,
    a_plan_that_is_discarded_resolves_its_alert,
    a_plan_that_waited_before_there_was_a_recipient_notifies_the_first_one,
    a_plan_that_adds_many_people_waits_for_the_number_to_be_typed,
    a_plan_ends_with_its_organization_and_a_revived_one_is_compared,
    a_running_resync_ends_quietly_with_its_organization,
    a_plan_whose_directory_is_switched_off_meanwhile_removes_no_person,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

async fn open_alerts(world: &TestApp) -> Vec<String> {
    world.open_alerts().await
}

async fn recipients(world: &TestApp) -> Vec<String> {
    world.recipients().await
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

/// The webhook about an organization that is deleted or created.
fn organization_event(world: &TestApp, kind: &str) -> String {
    let (number, at) = (world.number(), world.clock.now().rfc3339());
    format!(
        r#"{{"spec_version":"1","id":"evt_9{number}","type":"organization.{kind}","object":"Organization","occurred_at":"{at}","environment_id":"env_1","organization_id":"{ACME}","data":{{"id":"{ACME}","display_name":"Acme"}}}}"#
    )
}

async fn a_plan_that_takes_many_away_waits_for_the_number_to_be_typed(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[20]).await;
    scalekit.resync(false).await;
    let ids = scalekit.ids();
    for id in &ids[..5] {
        scalekit.happens(&world, |world, now| world.fire(&acme(), id, now)).await;
    }

    let run = scalekit.resync(false).await;

    assert_eq!(
        (run.state, run.warning, run.counts.removed),
        (ResyncState::Waiting, Some(PlanWarning::RemovesMany), 5)
    );
    assert_eq!(world.usage(ACME).await.used, 20);
    let plan = queries::resync_plan(
        &scalekit.state,
        &scope(ACME),
        &run.id,
        Some(PlanPart::Of(Change::Removed)),
        None,
    )
    .await
    .unwrap();
    let mut planned: Vec<_> = plan.into_iter().map(|row| row.user).collect();
    planned.sort();
    assert_eq!(planned, ids[..5]);
    for typed in [None, Some(4)] {
        let refused = confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, typed)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, commands::Error::Refused(Refusal::PeopleToTakeAway(5))),
            "{refused:?}"
        );
    }
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(5)).await.unwrap();
    assert_eq!(scalekit.work_on(&run.id).await.state, ResyncState::Done);
    assert_eq!(world.usage(ACME).await.used, 15);
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
}

async fn an_empty_directory_waits_for_a_person_to_confirm(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await;
    let scalekit = Scalekit::of(&world, &[0]).await;

    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.warning), (ResyncState::Waiting, Some(PlanWarning::Empty)));
    assert_eq!(world.usage(ACME).await.used, 1);
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
    let sent = world.sent().await;
    let text = &sent.iter().find(|sent| sent.to == "kim@acme.test").unwrap().email.text;
    assert!(
        text.contains("Its plan takes 5 people away.")
            && text.contains(&format!("/organizations/{ACME}/resyncs/{}", run.id)),
        "{text}"
    );
    let query = OverviewQuery::default();
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
