//! Faults of our own systems: the database is away, the disk is full, the clock jumps, one row is
//! refused. A delivery that cannot be stored is answered with `Retry-After`, no acknowledged
//! delivery is lost, and Seatkeeper recovers without a restart.

use std::{env, time::Duration};

use axum::http::{StatusCode, header::RETRY_AFTER};
use domain::organization::SeatLimit;
use futures_util::future::join_all;
use seatkeeper::clock::Stopwatch;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tower::ServiceExt;

use crate::support::world::{ACME, TestApp, stories};

stories! {
    a_full_disk_is_no_corruption_and_passes,
    a_busy_database_keeps_no_request_waiting_longer_than_a_sender_waits,
    a_clock_that_jumps_refuses_and_loses_nothing,
    one_broken_row_costs_no_other_person_a_seat;
    sqlite: a_transaction_that_the_engine_gave_up_blocks_no_other_one;
    postgres: a_database_that_goes_away_costs_nothing_but_a_second_try,
}

/// A delivery of its own about a user who joins.
fn joins(world: &TestApp, user: &str) -> (String, String) {
    (
        format!("msg_{user}"),
        world.body(ACME, user, "organization.directory.user_created", "\"active\":true,"),
    )
}

/// Delivers once; returns whether the answer is 503, which must have a `Retry-After`.
async fn put_off(world: &TestApp, (id, body): &(String, String)) -> bool {
    let answer = world.router().oneshot(world.request(id, body)).await.unwrap();
    match answer.status() {
        StatusCode::OK => false,
        StatusCode::SERVICE_UNAVAILABLE => {
            assert!(answer.headers().contains_key(RETRY_AFTER));
            true
        }
        other => panic!("{other}"),
    }
}

/// Repeats the deliveries that were answered with 503 until each is acknowledged.
async fn until_acknowledged(world: &TestApp, mut deliveries: Vec<(String, String)>) {
    let all = async {
        while !deliveries.is_empty() {
            let answers =
                join_all(deliveries.iter().map(|delivery| put_off(world, delivery))).await;
            let mut answers = answers.into_iter();
            deliveries.retain(|_| answers.next().unwrap_or(true));
        }
    };
    tokio::time::timeout(Duration::from_mins(1), all)
        .await
        .expect("everything is acknowledged in the end");
}

/// Each of `people` users was admitted once, and there is no dead letter.
async fn all_people_arrived(world: &TestApp, people: i64) {
    assert_eq!(world.usage(ACME).await.used, people);
    let admitted =
        "select cast(count(*) as text) from deliveries where outcome = 'admitted' and original";
    assert_eq!(world.texts(admitted).await, [people.to_string()]);
    assert_eq!(
        world
            .texts(
                "select webhook_id from deliveries where outcome not in ('admitted', 'duplicate')"
            )
            .await,
        [""; 0]
    );
    world.check().await;
}

/// SQLite is part of the process and cannot be away.
async fn a_database_that_goes_away_costs_nothing_but_a_second_try(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let mut server = PgConnection::connect(&env::var("TEST_POSTGRES_URL").unwrap()).await.unwrap();
    let database = world.url.rsplit('/').next().unwrap().to_owned();
    let mut allow = async |allowed: bool| {
        server
            .execute(AssertSqlSafe(format!(
                "alter database {database} allow_connections {allowed}"
            )))
            .await
            .unwrap();
        let cut = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'"
        );
        server.execute(AssertSqlSafe(cut)).await.unwrap();
    };
    let mut open = Vec::new();

    for round in 0..3 {
        let deliveries: Vec<_> = (0..60).map(|n| joins(&world, &format!("r{round}n{n}"))).collect();
        let (answers, ()) = tokio::join!(
            join_all(deliveries.iter().map(|delivery| put_off(&world, delivery))),
            allow(false)
        );
        let kept = deliveries.into_iter().zip(answers).filter(|(_, was_put_off)| *was_put_off);
        open.extend(kept.map(|(delivery, _)| delivery));
        let late = joins(&world, &format!("late{round}"));
        assert!(put_off(&world, &late).await, "nothing is acknowledged while the database is away");
        open.push(late);
        allow(true).await;
        until_acknowledged(&world, std::mem::take(&mut open)).await;
    }

    all_people_arrived(&world, 183).await;
}

async fn a_full_disk_is_no_corruption_and_passes(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let deliveries: Vec<_> = (0..200).map(|n| joins(&world, &format!("n{n}"))).collect();
    let some = deliveries[..20].iter().map(|delivery| put_off(&world, delivery));
    assert!(!join_all(some).await.contains(&true));

    fill_the_disk(&world).await;
    let answers = join_all(deliveries[20..].iter().map(|delivery| put_off(&world, delivery))).await;
    assert!(answers.contains(&true), "the disk was full");
    assert_eq!(
        world.texts("select webhook_id from deliveries where outcome = 'dead'").await,
        [""; 0]
    );
    world.check().await;
    make_room(&world).await;

    until_acknowledged(&world, deliveries.clone()).await;
    all_people_arrived(&world, 200).await;
    if !world.state.db.is_postgres() {
        assert_eq!(world.texts("select * from pragma_integrity_check").await, ["ok"]);
    }
}

/// On PostgreSQL a trigger raises the error of a full disk.
async fn fill_the_disk(world: &TestApp) {
    if world.state.db.is_postgres() {
        world.tamper("create function full_disk() returns trigger language plpgsql as $$ begin raise sqlstate '53100'; end $$").await;
        world.tamper("create trigger full_disk before insert on deliveries for each row execute function full_disk()").await;
    } else {
        let pages = world.texts("select cast(page_count as text) from pragma_page_count").await;
        world.state.db.grow_to(pages[0].parse::<u32>().unwrap() + 4).await.unwrap();
    }
}

async fn make_room(world: &TestApp) {
    if world.state.db.is_postgres() {
        world.tamper("drop trigger full_disk on deliveries").await;
    } else {
        world.state.db.grow_to(1_000_000).await.unwrap();
    }
}

/// A full disk can make SQLite roll back a whole transaction by itself; PostgreSQL never does this.
/// After that, the only connection that writes must not believe that it is still inside a
/// transaction.
async fn a_transaction_that_the_engine_gave_up_blocks_no_other_one(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let raise = "create trigger unlucky before insert on directory_users when new.id = 'diruser_bob' \
         begin select raise(rollback, 'given up'); end";
    world.tamper(raise).await;

    for user in ["ada", "bob", "cleo"] {
        assert!(!put_off(&world, &joins(&world, user)).await, "{user}");
    }

    assert_eq!(world.outcomes().await, ["admitted", "dead", "admitted"]);
    world.check().await;
}

/// A delivery that waits behind a batch that fails does not wait for a second batch as well.
async fn a_busy_database_keeps_no_request_waiting_longer_than_a_sender_waits(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let deliveries: Vec<_> = (0..3).map(|number| joins(&world, &format!("late{number}"))).collect();
    let held = world.hold_everything().await;

    let waits = join_all((0..).zip(&deliveries).map(async |(number, delivery)| {
        tokio::time::sleep(Duration::from_millis(200 * number)).await;
        let since = Stopwatch::start();
        assert!(put_off(&world, delivery).await);
        since.elapsed()
    }));
    let waits = waits.await;

    assert!(waits.iter().all(|wait| *wait < Duration::from_secs(9)), "{waits:?}");
    drop(held);
    until_acknowledged(&world, deliveries).await;
    all_people_arrived(&world, 3).await;
}

async fn a_clock_that_jumps_refuses_and_loses_nothing(world: TestApp) {
    const HOUR: Duration = Duration::from_hours(1);
    const LITTLE: Duration = Duration::from_mins(4);
    world.organization(ACME, SeatLimit::Unlimited).await;
    let (id, joined) = joins(&world, "ada");
    let now = world.clock.now();

    for wrong in [now.plus(HOUR), now.minus(HOUR)] {
        let request = world.request(&id, &joined);
        world.clock.put(wrong);
        assert_eq!(world.send(request).await, StatusCode::BAD_REQUEST, "our clock is an hour off");
        assert!(world.outcomes().await.is_empty());
        world.clock.put(now);
    }
    assert_eq!(world.deliver(&id, &joined).await, StatusCode::OK);

    // If our clock is off by less than the tolerance, the webhook is accepted; its own time still
    // decides, not the time of its arrival.
    world.clock.pass(Duration::from_secs(1));
    let back = world.body(ACME, "ada", "organization.directory.user_updated", "\"active\":true,");
    world.clock.pass(Duration::from_secs(1));
    let off = world.body(ACME, "ada", "organization.directory.user_updated", "\"active\":false,");
    for (body, ours) in [(off, now.minus(LITTLE)), (back, now.plus(LITTLE))] {
        world.clock.put(now.plus(Duration::from_secs(3)));
        let request = world.request(&format!("msg_{}", world.number()), &body);
        world.clock.put(ours);
        assert_eq!(world.send(request).await, StatusCode::OK);
    }
    let outcomes = "select outcome from deliveries order by event_id";
    assert_eq!(world.texts(outcomes).await, ["admitted", "stale", "released"]);
    assert_eq!(world.usage(ACME).await.used, 0);
    world.check().await;
}

async fn one_broken_row_costs_no_other_person_a_seat(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    if world.state.db.is_postgres() {
        let raise = "create function poison() returns trigger language plpgsql as $$ begin \
             if new.id = 'diruser_n13' then raise check_violation using message = 'poisoned'; end if; return new; end $$";
        world.tamper(raise).await;
        world.tamper("create trigger poison before insert on directory_users for each row execute function poison()").await;
    } else {
        let raise = "create trigger poison before insert on directory_users when new.id = 'diruser_n13' \
             begin select raise(abort, 'poisoned'); end";
        world.tamper(raise).await;
    }
    let deliveries: Vec<_> = (0..40).map(|n| joins(&world, &format!("n{n}"))).collect();

    let answers = join_all(deliveries.iter().map(|delivery| put_off(&world, delivery))).await;

    assert!(!answers.contains(&true), "every sender is answered");
    assert_eq!(
        world
            .texts("select webhook_id from deliveries where outcome = 'dead' and body is not null")
            .await,
        ["msg_n13"]
    );
    assert_eq!(
        world
            .texts("select cast(count(*) as text) from deliveries where outcome = 'admitted'")
            .await,
        ["39"]
    );
    assert_eq!(world.usage(ACME).await.used, 39);
    world.check().await;
}
