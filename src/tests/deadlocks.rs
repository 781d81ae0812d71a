//! Two processes on one PostgreSQL take the same deliveries at the same time, and no deadlock
//! happens.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{id::OrganizationId, organization::SeatLimit, refusal::Refusal};
use futures_util::future::join_all;
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use seatkeeper::commands::{self, resync::cancel_resync};

use crate::support::{
    scalekit::{Behaviour, Scalekit},
    world::{ACME, Engine, TestApp, operator},
};

/// Organizations in each round that the app does not know yet.
const NEW: u64 = 12;
const ROUNDS: u64 = 12;
/// Cancelled runs, each a little later than the one before.
const CANCELS: u64 = 40;
/// How often a delivery is sent again after status 503.
const PATIENCE: usize = 20;

/// The `webhook-id` of each delivery, and its body.
type Told = (String, String);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_take_the_same_deliveries_never_wait_in_a_circle() {
    let one = TestApp::open(Engine::Postgres).await;
    let other = one.beside().await;
    one.organization("org_busy", SeatLimit::Seats(1)).await;
    let before = deadlocks(&one).await;
    let mut bodies = Vec::new();

    for round in 0..ROUNDS {
        let deliveries = deliveries(&one, round);
        let again = deliveries.iter().cloned().chain(under_other_names(&deliveries)).collect();
        let limits = async {
            for seats in 1..6 {
                let limit = SeatLimit::Seats(i64::try_from(round * 5 + seats + 1).unwrap());
                one.set_limit("org_busy", limit).await.unwrap();
            }
        };
        tokio::join!(
            deliver(&one, shuffled(deliveries.clone(), round)),
            deliver(&other, shuffled(again, round + 100)),
            limits
        );
        bodies.extend(deliveries);
    }

    let kept = one.texts("select webhook_id from deliveries where original").await.len();
    assert_eq!(kept, bodies.len(), "everything is there, and once");
    assert_eq!(one.texts("select outcome from deliveries where suspicious or (original and outcome = 'duplicate')").await, [""; 0]);
    one.check().await;
    assert_eq!(deadlocks(&one).await, before);
}

/// A run records its progress, and a user cancels it at that moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cancellation_of_a_run_never_deadlocks_with_it() {
    let world = TestApp::open(Engine::Postgres).await;
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[300]).await;
    let clock = world.clock.clone();
    scalekit.handle(move |_, _| {
        clock.pass(Duration::from_secs(1)); // so that the run records its progress at each page
        Behaviour::Good
    });
    let before = deadlocks(&world).await;

    for round in 0..CANCELS {
        let id = scalekit.start(true).await;
        let cancelled = async {
            tokio::time::sleep(Duration::from_micros(round * 997)).await;
            cancel_resync(&scalekit.state, &operator(), &OrganizationId::new(ACME), &id).await
        };
        let (cancelled, run) = tokio::join!(cancelled, scalekit.work_on(&id));
        assert!(
            matches!(cancelled, Ok(()) | Err(commands::Error::Refused(Refusal::ResyncOver))),
            "{round}: {cancelled:?}"
        );
        assert!(!run.state.is_open(), "{round}: {run:?}");
    }

    assert_eq!(deadlocks(&world).await, before);
}

/// Users of new organizations and of a busy one, bodies that cannot be read, and unknown types. The
/// last two have no organization whose lock puts them in order.
fn deliveries(world: &TestApp, round: u64) -> Vec<Told> {
    let mut bodies = Vec::new();
    for n in 0..NEW {
        for user in 0..3 {
            let kind = "organization.directory.user_created";
            bodies.push(world.body(
                &format!("org_{round}_{n}"),
                &format!("u{round}_{n}_{user}"),
                kind,
                "",
            ));
            bodies.push(world.body("org_busy", &format!("b{round}_{n}_{user}"), kind, ""));
        }
        bodies.push(format!("not json {round} {n}"));
        for login in 0..4 {
            bodies.push(format!(
                r#"{{"id":"evt_login_{round}_{n}_{login}","type":"user.login","data":{{}}}}"#
            ));
        }
    }
    bodies.into_iter().map(|body| (format!("msg_{}", world.number()), body)).collect()
}

/// The same events again, under ids that sort in the opposite order.
fn under_other_names(deliveries: &[Told]) -> Vec<Told> {
    let named = deliveries.iter().filter(|(_, body)| body.contains("evt_"));
    named
        .rev()
        .enumerate()
        .map(|(n, (id, body))| (format!("msg_{n:06}_{id}"), body.clone()))
        .collect()
}

fn shuffled(mut deliveries: Vec<Told>, seed: u64) -> Vec<Told> {
    deliveries.shuffle(&mut StdRng::seed_from_u64(seed));
    deliveries
}

async fn deliver(world: &TestApp, deliveries: Vec<Told>) {
    join_all(deliveries.iter().map(async |(id, body)| {
        for _ in 0..PATIENCE {
            if world.deliver(id, body).await == StatusCode::OK {
                return;
            }
            // like a sender, but with a shorter wait
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{id} was put off {PATIENCE} times");
    }))
    .await;
}

async fn deadlocks(world: &TestApp) -> Vec<String> {
    world.texts("select cast(pg_stat_get_db_deadlocks(oid) as text) from pg_database where datname = current_database()").await
}
