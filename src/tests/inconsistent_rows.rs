//! Rows that this program cannot have written: each is an error that names its table, its column
//! and its key. No default takes the place of the value, and nothing is written.

use std::fmt::Display;

use axum::http::StatusCode;
use domain::{
    access::Role,
    id::{DeliveryId, ReplayId},
    organization::SeatLimit,
};
use seatkeeper::{
    commands::{self, Actor, Notify, ReplayContext, replay},
    queries,
};
use views::PeopleQuery;

use crate::support::world::{ACME, TestApp, operator, scope, staff, stories};

stories! {
    an_unknown_seat_state_is_an_error,
    roles_that_are_no_list_are_an_error,
    a_version_without_a_precedence_is_an_error,
    half_a_version_is_an_error,
    a_limit_that_contradicts_itself_is_an_error,
    an_unknown_outcome_is_an_error,
    a_replay_without_an_outcome_is_an_error,
    an_unknown_role_is_an_error,
    an_unknown_alert_is_an_error,
    an_unknown_state_of_a_directory_is_an_error,
    an_unknown_state_of_a_bulk_replay_is_an_error,
}

/// Writes what the table's checks forbid.
async fn corrupt(world: &TestApp, table: &str, checks: &[&str], assignment: &str) {
    let update = format!("update {table} set {assignment}");
    if !world.state.db.is_postgres() {
        world.tamper(&format!("pragma ignore_check_constraints = on; {update}")).await;
        return;
    }
    for check in checks {
        world.tamper(&format!("alter table {table} drop constraint {check}")).await;
    }
    world.tamper(&update).await;
}

fn is_named<T>(found: Result<T, impl Display>, row: &str) {
    let Err(error) = found else { panic!("{row}") };
    assert!(error.to_string().contains(row), "{error}");
}

/// The rows that an event about a user would change.
async fn written(world: &TestApp) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for statement in [
        "select state || roles || activity_at || activity_tie from directory_users order by id",
        "select user_id || to_state || ordinal from decisions order by revision, ordinal",
        "select limit_kind || used || waiting || revision from organizations order by id",
    ] {
        rows.push(world.texts(statement).await);
    }
    rows
}

/// An event about a user whose row is inconsistent is kept as a dead letter and changes nothing.
async fn no_event_changes_a_row(world: &TestApp, row: &str) {
    let before = written(world).await;

    assert_eq!(world.deactivated(ACME, "ada").await, StatusCode::OK);

    assert_eq!(written(world).await, before, "{row}");
    assert_eq!(world.outcomes().await.last().unwrap(), "dead");
}

async fn people_are_no_page(world: &TestApp, row: &str) {
    let query = PeopleQuery::default();
    is_named(queries::people(&world.state, &scope(ACME), &query).await, row);
}

async fn with_ada(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    world.joined(ACME, "ada").await;
}

async fn an_unknown_seat_state_is_an_error(world: TestApp) {
    with_ada(&world).await;

    let checks = ["directory_users_state_check"];
    corrupt(&world, "directory_users", &checks, "state = 'paused'").await;

    let row = "the row org_1001 diruser_ada of directory_users has no valid state";
    people_are_no_page(&world, row).await;
    no_event_changes_a_row(&world, row).await;
}

async fn roles_that_are_no_list_are_an_error(world: TestApp) {
    with_ada(&world).await;

    corrupt(&world, "directory_users", &[], "roles = '[\"admin\"'").await;

    let row = "the row org_1001 diruser_ada of directory_users has no valid roles";
    people_are_no_page(&world, row).await;
    no_event_changes_a_row(&world, row).await;
}

async fn a_version_without_a_precedence_is_an_error(world: TestApp) {
    with_ada(&world).await;

    corrupt(&world, "directory_users", &[], "activity_tie = -1").await;

    no_event_changes_a_row(&world, "activity_tie").await;
}

async fn half_a_version_is_an_error(world: TestApp) {
    with_ada(&world).await;

    for (assignment, column) in [
        ("version_at = 1, version_tie = null", "version_at"),
        ("version_at = null, version_tie = null, deleted_tie = 1", "deleted_at"),
    ] {
        corrupt(&world, "organizations", &[], assignment).await;

        let row = format!("the row org_1001 of organizations has no valid {column}");
        is_named(world.set_limit(ACME, SeatLimit::Seats(9)).await, &row);
        no_event_changes_a_row(&world, &row).await;
    }
}

async fn a_limit_that_contradicts_itself_is_an_error(world: TestApp) {
    with_ada(&world).await;

    corrupt(&world, "organizations", &["organizations_check"], "limit_kind = 'unlimited'").await;

    let row = "the row org_1001 of organizations has no valid limit_kind";
    let before = written(&world).await;
    is_named(queries::organization(&world.state, &scope(ACME), &staff()).await, row);
    is_named(world.set_limit(ACME, SeatLimit::Seats(9)).await, row);
    is_named(queries::check(&world.state).await, row);
    assert_eq!(written(&world).await, before);
    no_event_changes_a_row(&world, row).await;
}

async fn an_unknown_outcome_is_an_error(world: TestApp) {
    with_ada(&world).await;
    let id = DeliveryId::new(world.deliveries().await.remove(0));

    corrupt(&world, "deliveries", &["deliveries_outcome_check"], "outcome = 'lost'").await;

    let row = format!("the row {id} of deliveries has no valid outcome");
    is_named(queries::delivery(&world.state, &staff().staff().unwrap(), &id).await, &row);
    let by = ReplayContext::by(&operator(), Notify::Sent);
    is_named(replay(&world.state, &by, &id).await, &row);
    assert_eq!(world.outcomes().await, ["lost"]);
}

async fn a_replay_without_an_outcome_is_an_error(world: TestApp) {
    with_ada(&world).await;
    let id = DeliveryId::new(world.deliveries().await.remove(0));
    let sam = staff().staff().unwrap();
    commands::reveal_personal_data(&world.state, &Actor::staff(sam.clone()), &id).await.unwrap();

    corrupt(&world, "delivery_history", &[], "action = 'replayed'").await;

    let page = queries::delivery(&world.state, &sam, &id).await;
    is_named(page, "of delivery_history has no valid action");
}

async fn an_unknown_role_is_an_error(world: TestApp) {
    world.account("kim@seats.example", Role::Staff, &[]).await;

    corrupt(&world, "accounts", &["accounts_role_check"], "role = 'owner'").await;

    let id = world.texts("select id from accounts").await.remove(0);
    let row = format!("the row {id} of accounts has no valid role");
    is_named(queries::accounts(&world.state).await, &row);
    let ended = commands::end_sessions(&world.state, &operator(), "kim@seats.example").await;
    is_named(ended, &row);
}

async fn an_unknown_alert_is_an_error(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    world.joined(ACME, "ada").await;

    corrupt(&world, "alerts", &[], "kind = 'too_quiet'").await;

    is_named(world.set_limit(ACME, SeatLimit::Seats(9)).await, "of alerts has no valid kind");
    no_event_changes_a_row(&world, "alerts").await;
}

async fn an_unknown_state_of_a_directory_is_an_error(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let insert = "insert into directories (organization_id, id, state, version_at, version_tie)";
    world.tamper(&format!("{insert} values ('{ACME}', 'dir_1', 'enabled', 0, 0)")).await;

    corrupt(&world, "directories", &["directories_state_check"], "state = 'paused'").await;

    let row = "the row org_1001 dir_1 of directories has no valid state";
    is_named(queries::organization(&world.state, &scope(ACME), &staff()).await, row);
}

async fn an_unknown_state_of_a_bulk_replay_is_an_error(world: TestApp) {
    with_ada(&world).await;
    let columns = "id, state, sends_emails, started_by, started_at, total, succeeded, still_dead, last_received_at, last_delivery_id";
    let values = "'rpl_1', 'finished', false, 'Sam', 0, 0, 0, 0, 0, ''";
    world.tamper(&format!("insert into bulk_replays ({columns}) values ({values})")).await;

    corrupt(&world, "bulk_replays", &["bulk_replays_state_check"], "state = 'paused'").await;

    let row = "the row rpl_1 of bulk_replays has no valid state";
    is_named(queries::replay_progress(&world.state, &ReplayId::new("rpl_1")).await, row);
}
