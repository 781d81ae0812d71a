//! Overload: a page reads for too long, the pages use all their connections, the disk is full.

use std::time::Duration;

use axum::http::StatusCode;
use domain::organization::SeatLimit;
use seatkeeper::{
    commands::Error,
    db::{Reach, is_time_limit},
    queries,
};
use views::PeopleQuery;

use crate::support::world::{ACME, TestApp, scope, stories};

stories! {
    a_page_that_reads_for_too_long_is_given_up,
    deliveries_do_not_wait_for_pages,
    it_is_not_ready_while_its_disk_is_full,
}

/// Makes more users than either engine can search within a millisecond.
async fn many_people(world: &TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let columns = "(organization_id, id, state, email, email_key, name, search_key, roles, since, activity_at, activity_tie, email_at, \
         email_tie, name_at, name_tie, external_id_at, external_id_tie, groups_at, groups_tie, roles_at, roles_tie)";
    let numbers = "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 50000)";
    let people = format!(
        "{numbers} select '{ACME}', 'diruser_' || n, 'inactive', null, null, 'Person ' || n, 'person ' || n, '[]', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 \
         from numbers"
    );
    world.tamper(&format!("insert into directory_users {columns} {people}")).await;
}

async fn a_page_that_reads_for_too_long_is_given_up(world: TestApp) {
    many_people(&world).await;
    let query = PeopleQuery { search: "nothing like it".to_owned(), ..PeopleQuery::default() };

    world.state.db.limit_page_time(Duration::from_millis(1));
    let given_up = queries::people(&world.state, &scope(ACME), &query).await.unwrap_err();

    assert!(matches!(&given_up, Error::Database(error) if is_time_limit(error)), "{given_up:?}");
    world.state.db.limit_page_time(Duration::from_secs(30));
    assert_eq!(
        queries::people(&world.state, &scope(ACME), &query).await.unwrap().rows.len(),
        0,
        "the connection is as good as before"
    );
    world.state.db.limit_page_time(Duration::from_millis(1));
    world.check().await; // only pages have this limit
}

/// A delivery must read, too: it looks up the organizations that know a group.
async fn deliveries_do_not_wait_for_pages(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let mut pages = Vec::new();
    while let Ok(Ok(page)) = tokio::time::timeout(
        Duration::from_millis(200),
        world.state.db.read_for_page(Reach::Installation),
    )
    .await
    {
        pages.push(page);
    }
    assert!(pages.len() > 1);

    let deleted = format!(
        r#"{{"spec_version":"1","id":"evt_group","type":"organization.directory.group_deleted","occurred_at":"{}","data":{{"id":"dirgroup_1"}}}}"#,
        world.clock.now().rfc3339()
    );
    let taken = tokio::time::timeout(Duration::from_secs(2), world.post(&deleted)).await;

    assert_eq!(taken.unwrap(), StatusCode::OK);
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(2), world.joined(ACME, "ada")).await.unwrap(),
        StatusCode::OK
    );
}

async fn it_is_not_ready_while_its_disk_is_full(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.joined(ACME, "ada").await;

    fill_the_disk(&world).await;

    let full = (
        StatusCode::SERVICE_UNAVAILABLE,
        "The database cannot be written: its disk is full.\n".to_owned(),
    );
    assert_eq!(world.get("/readyz").await, full);
    make_room(&world).await;
    tokio::time::timeout(Duration::from_secs(10), async {
        while world.get("/readyz").await.0 != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .expect("it is ready again once there is room");
    assert_eq!(world.outcomes().await, ["admitted"], "nothing is kept of the try");
    assert_eq!(world.joined(ACME, "bob").await, StatusCode::OK);
    world.check().await;
}

/// On PostgreSQL a trigger raises the error of a full disk.
async fn fill_the_disk(world: &TestApp) {
    if world.state.db.is_postgres() {
        world.tamper("create function full_disk() returns trigger language plpgsql as $$ begin raise sqlstate '53100'; end $$").await;
        world.tamper("create trigger full_disk before insert on deliveries for each row execute function full_disk()").await;
    } else {
        world.state.db.grow_to(1).await.unwrap(); // the file may not grow by a page
    }
}

async fn make_room(world: &TestApp) {
    if world.state.db.is_postgres() {
        world.tamper("drop trigger full_disk on deliveries").await;
    } else {
        world.state.db.grow_to(1_000_000).await.unwrap();
    }
}
