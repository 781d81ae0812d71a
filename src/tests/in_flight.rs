//! Resyncs that start by themselves, over days: each problem with Scalekit gives one clear alert,
//! failed runs are not repeated too often, the nightly runs are spread over the night, and only a
//! few run at the same time.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    access::Role,
    id::OrganizationId,
    organization::SeatLimit,
    resync::{Resync, ResyncState},
};
use seatkeeper::{
    commands::resync::{Turn, start_due, work_on},
    jobs, queries,
};
use simulator::world::{DirectoryPlan, Plan, Provider};
use tokio::{sync::watch, task::JoinSet};

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, TestApp, scope, stories},
};

stories! {
    wrong_credentials_never_storm,
    an_unknown_organization_never_floods_the_directory_api,
    disabled_directories_never_storm,
    an_answer_of_another_shape_never_storms,
    a_scalekit_that_is_down_for_days_is_not_stormed,
    the_night_is_spread_out,
    so_many_run_at_once,
}

const DAYS: usize = 3;
/// The interval between two checks for due resyncs.
const LOOK: Duration = Duration::from_mins(10);
/// After a failed run, an organization waits six hours for the next one.
const MOST_RUNS: usize = DAYS * 4 + 1;

async fn wrong_credentials_never_storm(world: TestApp) {
    let scalekit = Scalekit::with_secret(&world, &[3], "live_wrong").await;
    stays_calm(&world, &scalekit, ("invalid_client", "does not take the API credentials", 1)).await;
}

async fn an_unknown_organization_never_floods_the_directory_api(world: TestApp) {
    let scalekit = Scalekit::of(&world, &[3]).await;
    scalekit
        .happens(&world, |invented, now| {
            invented.delete_organization(&OrganizationId::new(ACME), now)
        })
        .await;
    stays_calm(&world, &scalekit, ("NOT_FOUND", "organization not found", 2)).await;
}

async fn disabled_directories_never_storm(world: TestApp) {
    let scalekit = Scalekit::of(&world, &[3, 4]).await;
    let acme = OrganizationId::new(ACME);
    let directories: Vec<_> = scalekit.simulator.look(|w| {
        w.organization(&acme).unwrap().directories.iter().map(|d| d.id.clone()).collect()
    });
    for directory in &directories {
        scalekit
            .happens(&world, |invented, now| {
                invented.switch_directory(&acme, directory, false, now)
            })
            .await;
    }
    stays_calm(
        &world,
        &scalekit,
        ("DIRECTORY_DISABLED", "Every directory of this organization is disabled", 2),
    )
    .await;

    let directory = &directories[0];
    scalekit
        .happens(&world, |invented, now| invented.switch_directory(&acme, directory, true, now))
        .await;
    is_well_again(&world, &scalekit).await;
}

async fn an_answer_of_another_shape_never_storms(world: TestApp) {
    let scalekit = Scalekit::of(&world, &[3]).await;
    let people = r#"{"users":[{"user_id":"diruser_1","mail":"ada@acme.test"}],"total_size":1}"#;
    scalekit.handle(move |_, path| {
        if path.ends_with("/users") { Behaviour::Says(people) } else { Behaviour::Good }
    });
    stays_calm(&world, &scalekit, ("UNUSABLE_ANSWER", "not one can be read", 3)).await;

    scalekit.handle(|_, _| Behaviour::Good);
    is_well_again(&world, &scalekit).await;
}

async fn a_scalekit_that_is_down_for_days_is_not_stormed(world: TestApp) {
    let scalekit = Scalekit::of(&world, &[3]).await;
    scalekit.handle(|_, _| Behaviour::Answers(503));
    stays_calm(&world, &scalekit, ("HTTP_503", "could not be reached", 6)).await;

    scalekit.handle(|_, _| Behaviour::Good);
    is_well_again(&world, &scalekit).await;
}

/// Lets days pass with a directory that no run has listed and a resync that is wanted: each run
/// reports the problem and makes at most `calls` calls, and staff receive one e-mail.
async fn stays_calm(
    world: &TestApp,
    scalekit: &Scalekit,
    (code, sentence, calls): (&str, &str, i64),
) {
    world.account("sam@seats.example", Role::Staff, &[]).await;
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await;
    let directory = r#"{"id":"evt_7","type":"organization.directory_enabled","occurred_at":"2026-01-01T00:00:00Z","organization_id":"org_1001","data":{"id":"dir_7","organization_id":"org_1001"}}"#;
    world.post(directory).await;
    let before = scalekit.calls.load(std::sync::atomic::Ordering::SeqCst);

    for _ in 0..DAYS * 24 * 6 {
        world.clock.pass(LOOK);
        start_due(&scalekit.state).await.unwrap();
        while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}
    }

    let runs = runs(scalekit).await;
    assert!((2..=MOST_RUNS).contains(&runs.len()), "{} runs in {DAYS} days", runs.len());
    for run in &runs {
        let (said, why) = run.error.clone().unwrap();
        assert_eq!((run.state, said.as_str()), (ResyncState::Failed, code), "{run:?}");
        assert!(why.contains(sentence), "{why}");
        assert!(run.calls <= calls, "{run:?}");
    }
    let made = scalekit.calls.load(std::sync::atomic::Ordering::SeqCst) - before;
    assert_eq!(
        i64::try_from(made).unwrap(),
        runs.iter().map(|run| run.calls).sum::<i64>(),
        "every call is one of a run"
    );
    assert_eq!(failures(world).await, ["resync_failed"]);
    assert_eq!(recipients(world).await, ["sam@seats.example"]);
    assert_eq!(world.usage(ACME).await.used, 1, "no person lost a seat");
    world.check().await;
}

/// The next due run works, the alert is resolved, and staff receive no second e-mail.
async fn is_well_again(world: &TestApp, scalekit: &Scalekit) {
    world.clock.pass(Duration::from_hours(30));
    start_due(&scalekit.state).await.unwrap();
    while work_on(&scalekit.state, &Turn::Next).await.unwrap() {}

    let run = runs(scalekit).await.remove(0);
    assert_eq!((run.state, run.error), (ResyncState::Done, None));
    assert_eq!(failures(world).await, [""; 0]);
    assert_eq!(recipients(world).await.len(), 1);
}

/// The newest run first.
async fn runs(scalekit: &Scalekit) -> Vec<Resync> {
    queries::resyncs(&scalekit.state, &scope(ACME), None).await.unwrap()
}

async fn failures(world: &TestApp) -> Vec<String> {
    world
        .texts("select kind from alerts where kind = 'resync_failed' and resolved_at is null")
        .await
}

async fn recipients(world: &TestApp) -> Vec<String> {
    let of_failures = "select o.recipient from outbox o join alerts e on e.organization_id = o.organization_id \
                       and e.id = o.about_id where e.kind = 'resync_failed' order by o.id";
    world.texts(of_failures).await
}

const MANY: usize = 12;

/// Organizations with a few users each, some with two directories.
async fn many(world: &TestApp) -> Scalekit {
    let directory = |people| DirectoryPlan { provider: Provider::Entra, groups: 2, people };
    let plan = |n: usize| {
        let id = OrganizationId::new(format!("org_{}", 7_000 + n));
        let directories =
            if n.is_multiple_of(3) { vec![directory(3), directory(2)] } else { vec![directory(4)] };
        Plan { id, name: format!("Customer {n}"), domain: format!("c{n}.test"), directories }
    };
    let plans: Vec<Plan> = (0..MANY).map(plan).collect();
    for plan in &plans {
        world.organization(plan.id.as_str(), SeatLimit::Unlimited).await;
    }
    Scalekit::delivering(world, 5, &plans).await
}

async fn the_night_is_spread_out(world: TestApp) {
    let scalekit = many(&world).await;
    assert_eq!(start_due(&scalekit.state).await.unwrap(), 0, "no nightly resync is due");
    let due = world.texts("select cast(due_at as text) from resync_schedule order by due_at").await;
    let hour = |nanos: &String| nanos.parse::<i64>().unwrap() / 1_000_000_000 % 86_400 / 3_600;
    assert_eq!(
        (due.len(), due.iter().collect::<BTreeSet<_>>().len()),
        (MANY, MANY),
        "each at a moment of its own"
    );
    assert!(due.iter().all(|at| (2..5).contains(&hour(at))), "{due:?}");

    let (mut began, mut looks) = (0, 0);
    for _ in 0..24 * 6 {
        world.clock.pass(LOOK);
        let started = start_due(&scalekit.state).await.unwrap();
        (began, looks) = (began + started, looks + usize::from(started > 0));
    }

    assert_eq!(began, MANY, "each of them once");
    assert!(looks >= 4, "they began in {looks} looks");
}

async fn so_many_run_at_once(world: TestApp) {
    let mut scalekit = many(&world).await;
    // all runs wait for the token, which gives the test time to see how many have begun
    scalekit.handle(|number, _| {
        Behaviour::Slow(Duration::from_millis(if number == 0 { 5_000 } else { 15 }))
    });
    scalekit.state.resyncs.at_once = 3;
    start_due(&scalekit.state).await.unwrap();
    world.clock.pass(Duration::from_hours(30));
    let (stop, stopping) = watch::channel(false);
    let mut working = JoinSet::new();
    for job in jobs::all(&scalekit.state, Vec::new())
        .into_iter()
        .filter(|job| ["resync", "queue_resyncs"].contains(&job.name()))
    {
        working.spawn(jobs::run(scalekit.state.clone(), job, stopping.clone()));
    }

    let mut at_once = BTreeSet::new();
    let all = async {
        let count = |which: &str| {
            format!("select cast(count(*) as text) from resyncs where state in ({which})")
        };
        while world.texts(&count("'done'")).await != [MANY.to_string()] {
            at_once.extend(world.texts(&count("'listing', 'applying'")).await);
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.expect("all of them are compared");

    stop.send(true).unwrap();
    working.join_all().await;
    assert_eq!(at_once.last().map(String::as_str), Some("3"), "{at_once:?}");
    assert_eq!(
        world
            .texts("select cast(count(*) as text) from directory_users where state = 'provisioned'")
            .await,
        ["52"]
    );
    world.check().await;
}
