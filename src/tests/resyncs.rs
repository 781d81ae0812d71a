//! Resyncs over the real API on a free port: what they change, and what they leave
//! alone.

use std::time::Duration;

use domain::{
    access::Role,
    decision::Outcome,
    directory::{Change, PlanPart},
    id::{OrganizationId, ResyncId},
    organization::{SeatLimit, Usage},
    refusal::Refusal,
    resync::{ResyncCause, ResyncCounts, ResyncState},
};
use seatkeeper::{
    commands::{
        self, NewAccount,
        resync::{cancel_resync, confirm_resync, start_due},
    },
    queries,
};
use simulator::world::World as Invented;
use views::resyncs::PlanRow;

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, operator, scope, stories},
};

stories! {
    whatever_was_lost_one_resync_makes_our_people_theirs,
    a_dry_run_changes_nothing_and_is_applied_exactly,
    cancelled_in_the_middle_it_lets_go,
    a_newer_webhook_during_a_resync_wins,
    wrong_credentials_are_said_once_and_until_it_works,
    an_organization_scalekit_does_not_know_fails_with_its_code,
    a_disabled_directory_removes_no_person,
    seats_go_by_the_rules_and_the_waitlist_comes_first,
    what_is_due_starts_by_itself_and_once,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

/// Webhooks are lost, repeated and reordered; then one resync repairs the differences.
async fn whatever_was_lost_one_resync_makes_our_people_theirs(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(40)).await;
    let scalekit = Scalekit::of(&world, &[45, 20]).await;
    assert_eq!(scalekit.resync(false).await.state, ResyncState::Done);
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    for round in 0..6_u32 {
        let mut late = Vec::new();
        for turn in 0..25_u32 {
            for body in scalekit.happens(&world, Invented::next_turn).await {
                match (round * 31 + turn * 7) % 5 {
                    0 => {} // lost
                    1 => late.push(body),
                    2 => {
                        world.post(&body).await;
                        world.post(&body).await;
                    }
                    _ => drop(world.post(&body).await),
                }
            }
        }
        let group = scalekit.simulator.look(|world| {
            world.organization(&acme()).unwrap().directories[0].groups.last().map(|g| g.id.clone())
        });
        if let (Some(group), 2..) = (group, round) {
            // all its webhooks are lost
            scalekit.happens(&world, |world, now| world.delete_group(&acme(), &group, now)).await;
        }
        for body in late.iter().rev() {
            world.post(body).await;
        }

        let run = scalekit.settled(ACME).await.unwrap();

        assert_eq!(run.state, ResyncState::Done, "{run:?}");
        assert_eq!(scalekit.ours(&world).await, scalekit.theirs(), "round {round}");
        let (theirs, ours) = scalekit.groups(&world).await;
        assert_eq!(ours, theirs, "round {round}");
        let again = scalekit.resync(false).await;
        assert_eq!(
            (again.state, again.counts),
            (ResyncState::Done, ResyncCounts::default()),
            "round {round}"
        );
        world.check().await;
    }
}

async fn a_dry_run_changes_nothing_and_is_applied_exactly(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(8)).await;
    world.joined(ACME, "ghost").await;
    let scalekit = Scalekit::of(&world, &[10]).await;
    let before = scalekit.ours(&world).await;

    let run = scalekit.resync(true).await;

    assert_eq!(
        (run.state, run.dry_run, run.counts.created, run.counts.removed, run.counts.blocked),
        (ResyncState::Done, true, 10, 1, 2)
    );
    assert_eq!(scalekit.ours(&world).await, before);
    let planned =
        queries::resync_plan(&scalekit.state, &scope(ACME), &run.id, None, None).await.unwrap();
    // these users are not in the plan
    scalekit.happens(&world, |world, now| world.burst(&acme(), 3, now)).await;
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(1)).await.unwrap();
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(1))
        .await
        .expect("a second click is no second wish");
    let calls = scalekit.calls.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(scalekit.work_on(&run.id).await.state, ResyncState::Done);
    assert_eq!(
        scalekit.calls.load(std::sync::atomic::Ordering::SeqCst),
        calls,
        "a plan needs no second look"
    );
    let applied =
        queries::resync_plan(&scalekit.state, &scope(ACME), &run.id, None, None).await.unwrap();
    let without_outcome = |row| PlanRow { outcome: None, ..row };
    assert_eq!(applied.iter().cloned().map(without_outcome).collect::<Vec<_>>(), planned);
    assert!(
        applied.iter().all(|row| row.blocked == (row.outcome == Some(Outcome::Blocked))),
        "{applied:?}"
    );
    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(8), used: 8, waiting: 2 });
    let again =
        confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(1)).await.unwrap_err();
    assert!(matches!(again, commands::Error::Refused(Refusal::PlanNotOpen)));
}

async fn cancelled_in_the_middle_it_lets_go(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[90]).await;
    let id = scalekit.start(false).await;
    assert_eq!(scalekit.start(false).await, id, "one at a time");
    let (state, cancelled) = (scalekit.state.clone(), id.clone());
    let handle = tokio::runtime::Handle::current();
    scalekit.handle(move |number, _| {
        if number == 4 {
            let (state, id) = (state.clone(), cancelled.clone());
            let cancel =
                async move { cancel_resync(&state, &operator(), &acme(), &id).await.unwrap() };
            tokio::task::block_in_place(|| handle.block_on(cancel));
        }
        Behaviour::Good
    });

    let run = scalekit.work_on(&id).await;

    assert_eq!(run.state, ResyncState::Cancelled);
    assert_eq!(world.usage(ACME).await.used, 0);
    let over = cancel_resync(&scalekit.state, &operator(), &acme(), &id).await.unwrap_err();
    assert!(matches!(over, commands::Error::Refused(Refusal::ResyncOver)));
    scalekit.handle(|_, _| Behaviour::Good);
    assert_eq!(scalekit.resync(false).await.counts.created, 90);
}

async fn a_newer_webhook_during_a_resync_wins(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[12]).await;
    scalekit.resync(false).await;
    let ids = scalekit.ids();
    // Scalekit deactivates two users, and no webhook reports it
    scalekit.happens(&world, |world, now| world.deactivate(&acme(), &ids[0], now)).await;
    scalekit.happens(&world, |world, now| world.deactivate(&acme(), &ids[1], now)).await;
    let run = scalekit.resync(true).await;
    assert_eq!(run.counts.deactivated, 2);

    // the first user is active again, and this webhook arrives before the plan is applied
    world.clock.pass(Duration::from_secs(1));
    for body in scalekit.happens(&world, |world, now| world.reactivate(&acme(), &ids[0], now)).await
    {
        world.post(&body).await;
    }
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, None).await.unwrap();
    scalekit.work_on(&run.id).await;

    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
    let outcomes = world
        .texts(&format!(
            "select outcome from resync_people where resync_id = '{}' order by user_id",
            run.id
        ))
        .await;
    assert_eq!(outcomes, ["stale", "released"]);
    assert_eq!(world.usage(ACME).await.used, 11);
}

async fn wrong_credentials_are_said_once_and_until_it_works(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let (email, password) = ("sam@seats.example".to_owned(), "correct horse battery".to_owned());
    let sam = NewAccount {
        email,
        name: "Sam".to_owned(),
        role: Role::Staff,
        organizations: Vec::new(),
        password,
    };
    commands::add_account(&world.state, &operator(), &sam).await.unwrap();
    let stranger = Scalekit::with_secret(&world, &[3], "live_wrong").await;
    for _ in 0..2 {
        let run = stranger.resync(false).await;
        assert_eq!((run.state, run.calls), (ResyncState::Failed, 1), "no storm");
        let (code, message) = run.error.unwrap();
        assert!(
            message.contains("does not take the API credentials")
                && !message.contains("live_wrong"),
            "{code} {message}"
        );
    }
    assert_eq!(world.open_alerts().await, ["resync_failed"]);
    assert_eq!(world.recipients().await, ["sam@seats.example"]);

    let known = Scalekit::of(&world, &[3]).await;
    assert_eq!(known.resync(false).await.state, ResyncState::Done);

    assert_eq!(world.open_alerts().await, [""; 0]);
}

async fn an_organization_scalekit_does_not_know_fails_with_its_code(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await;
    let scalekit = Scalekit::of(&world, &[3]).await;
    scalekit.happens(&world, |world, now| world.delete_organization(&acme(), now)).await;

    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.error.unwrap().0.as_str()), (ResyncState::Failed, "NOT_FOUND"));
    assert_eq!(world.usage(ACME).await.used, 1);
}

async fn a_disabled_directory_removes_no_person(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ghost").await;
    let scalekit = Scalekit::of(&world, &[3, 4]).await;
    let directories: Vec<_> = scalekit.simulator.look(|w| {
        w.organization(&acme()).unwrap().directories.iter().map(|d| d.id.clone()).collect()
    });
    scalekit
        .happens(&world, |world, now| world.switch_directory(&acme(), &directories[0], false, now))
        .await;

    let run = scalekit.resync(false).await;
    assert_eq!(
        (run.state, run.is_complete, run.counts.created, run.counts.removed),
        (ResyncState::Done, false, 4, 0)
    );
    assert_eq!(world.usage(ACME).await.used, 5);
    assert_eq!(
        world
            .page(ACME)
            .await
            .directories
            .iter()
            .filter(|directory| directory.state.is_enabled())
            .count(),
        1
    );

    scalekit
        .happens(&world, |world, now| world.switch_directory(&acme(), &directories[1], false, now))
        .await;
    let run = scalekit.resync(false).await;
    assert_eq!(
        (run.state, run.error.unwrap().0.as_str()),
        (ResyncState::Failed, "DIRECTORY_DISABLED")
    );
}

async fn seats_go_by_the_rules_and_the_waitlist_comes_first(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    for name in ["gone1", "gone2", "first"] {
        world.joined(ACME, name).await;
    }
    let scalekit = Scalekit::of(&world, &[3]).await;

    let run = scalekit.resync(true).await;

    // two users with a seat and the only one on the waitlist are removed; then two of the three new
    // users get a seat
    assert_eq!((run.counts.removed, run.counts.created, run.counts.blocked), (3, 3, 1));
    let plan =
        queries::resync_plan(&scalekit.state, &scope(ACME), &run.id, Some(PlanPart::Blocked), None)
            .await
            .unwrap();
    confirm_resync(&scalekit.state, &operator(), &acme(), &run.id, Some(3)).await.unwrap();
    scalekit.work_on(&run.id).await;
    assert_eq!(world.usage(ACME).await, Usage { limit: SeatLimit::Seats(2), used: 2, waiting: 1 });
    let waitlist: Vec<_> =
        world.page(ACME).await.waitlist.into_iter().map(|row| row.user).collect();
    assert_eq!(
        plan.into_iter()
            .filter(|row| row.change == Change::Created)
            .map(|row| row.user)
            .collect::<Vec<_>>(),
        waitlist
    );
}

async fn what_is_due_starts_by_itself_and_once(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[2]).await;
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0);
    world.clock.pass(Duration::from_hours(30));
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 1, "the night has come");
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0);
    let night = queries::resyncs(&scalekit.state, &scope(ACME), None).await.unwrap().remove(0);
    assert_eq!(
        (night.cause, scalekit.work_on(&night.id).await.state),
        (ResyncCause::Schedule, ResyncState::Done)
    );
    let first = ResyncId::new(night.id.as_str());

    let directory = r#"{"id":"evt_77","type":"organization.directory_enabled","occurred_at":"2026-09-22T00:00:00Z","organization_id":"org_1001","data":{"id":"dir_new","organization_id":"org_1001"}}"#;
    world.post(directory).await;
    world.clock.pass(Duration::from_secs(1));

    assert_eq!(start_due(&scalekit.state).await.unwrap(), 1, "a directory that was never listed");
    let run = queries::resyncs(&scalekit.state, &scope(ACME), None).await.unwrap().remove(0);
    assert!(run.cause == ResyncCause::NewDirectory && run.id != first);
}
