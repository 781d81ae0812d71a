//! Requests at the same time: exactly one user gets the last seat, and a repeated delivery counts
//! once.

use std::time::Duration;

use axum::http::StatusCode;
use domain::organization::{SeatLimit, Usage};
use futures_util::{FutureExt, future::join_all};

use crate::support::world::{ACME, TestApp, stories};

stories! {
    of_many_who_come_at_once_exactly_one_gets_the_last_seat,
    the_same_delivery_at_once_counts_once,
    a_limit_raised_while_people_join_loses_no_person;
    postgres: a_caller_that_goes_away_while_a_transaction_begins_leaves_none_open,
}

/// Requests at the same time.
const AT_ONCE: i64 = 64;
/// Rounds, each with an organization of its own.
const ROUNDS: i64 = 200;
/// Rounds in which a second process receives every other request, because one process takes the
/// deliveries of an organization one after the other.
const BESIDE: i64 = 25;

async fn of_many_who_come_at_once_exactly_one_gets_the_last_seat(world: TestApp) {
    let other = world.beside().await;
    for round in 0..ROUNDS {
        let id = format!("org_{round}");
        world.organization(&id, SeatLimit::Seats(1)).await;
        let bodies: Vec<_> = (0..AT_ONCE)
            .map(|n| {
                world.body(&id, &format!("r{round}n{n}"), "organization.directory.user_created", "")
            })
            .collect();

        let there = |n: usize| if round < BESIDE && n % 2 == 1 { &other } else { &world };
        let answers =
            join_all(bodies.iter().enumerate().map(|(n, body)| there(n).post(body))).await;

        assert!(answers.iter().all(|status| *status == StatusCode::OK));
        assert_eq!(
            world.usage(&id).await,
            Usage { limit: SeatLimit::Seats(1), used: 1, waiting: AT_ONCE - 1 },
            "round {round}"
        );
    }
    world.check().await;
    other.close().await;
}

async fn the_same_delivery_at_once_counts_once(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1_000)).await;
    for n in 0..20 {
        let body = world.body(ACME, &format!("p{n}"), "organization.directory.user_created", "");
        let id = format!("msg_same_{n}");
        join_all((0..8).map(|_| world.deliver(&id, &body))).await;
    }

    let count = |outcome: &str| {
        format!("select cast(count(*) as text) from deliveries where outcome = '{outcome}'")
    };
    assert_eq!(world.texts(&count("admitted")).await, ["20"]);
    assert_eq!(world.texts(&count("duplicate")).await, ["140"]);
    assert_eq!(world.usage(ACME).await.used, 20);
}

async fn a_limit_raised_while_people_join_loses_no_person(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    let bodies: Vec<_> = (0..200)
        .map(|n| world.body(ACME, &format!("p{n}"), "organization.directory.user_created", ""))
        .collect();

    let coming = join_all(bodies.iter().map(|body| world.post(body)));
    let raising = async {
        for seats in [20, 60, 40, 150] {
            world.set_limit(ACME, SeatLimit::Seats(seats)).await.unwrap();
        }
    };
    let (answers, ()) = tokio::join!(coming, raising);

    assert!(answers.iter().all(|status| *status == StatusCode::OK));
    assert_eq!(
        world.usage(ACME).await,
        Usage { limit: SeatLimit::Seats(150), used: 150, waiting: 50 }
    );
    world.check().await;
}

/// Only PostgreSQL shows the open transactions of its clients.
async fn a_caller_that_goes_away_while_a_transaction_begins_leaves_none_open(world: TestApp) {
    let open = "select cast(count(*) as text) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
    for looks in (1..2_000).step_by(20) {
        let mut begins = Box::pin(world.state.db.read().map(drop));
        for _ in 0..looks {
            if begins.as_mut().now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }

        drop(begins);

        let none = async { while world.texts(open).await != ["0"] {} };
        tokio::time::timeout(Duration::from_secs(5), none)
            .await
            .expect("no transaction stays open");
    }
}
