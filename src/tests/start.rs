//! The start page of the staff: each number is that of the page that it leads to.

use domain::{
    access::{Role, Viewer},
    condition::Condition,
    id::OrganizationId,
    organization::SeatLimit,
};
use seatkeeper::queries;
use views::{
    OverviewQuery,
    start::{Decision, SetUpStep, StartPage},
};

use crate::support::world::{ACME, TestApp, staff, stories};

stories! {
    an_empty_installation_has_its_steps_and_no_decision,
    a_step_is_done_when_the_fact_is_there,
    what_needs_a_decision_comes_in_the_order_of_its_urgency,
    an_archived_organization_needs_no_decision,
}

async fn start(world: &TestApp) -> StartPage {
    queries::start(&world.state, &staff().staff().unwrap()).await.unwrap()
}

/// How many organizations the list has behind the link of a decision.
async fn listed(world: &TestApp, condition: Condition) -> i64 {
    let query = OverviewQuery { condition: Some(condition), ..OverviewQuery::default() };
    let staff = staff().staff().unwrap();
    let rows = queries::overview(&world.state, &staff, &query).await.unwrap().rows;
    i64::try_from(rows.len()).unwrap()
}

async fn an_empty_installation_has_its_steps_and_no_decision(world: TestApp) {
    let page = start(&world).await;

    assert_eq!((page.decisions, page.organizations), (Vec::new(), 0));
    let checklist = page.checklist.unwrap();
    assert_eq!(checklist.webhook_url, "https://seats.example/webhooks/scalekit");
    assert!(checklist.left.contains(&SetUpStep::Webhook));
    assert!(checklist.left.contains(&SetUpStep::Limit));
}

async fn a_step_is_done_when_the_fact_is_there(world: TestApp) {
    world.joined(ACME, "ada").await;
    let left = start(&world).await.checklist.unwrap().left;
    assert!(!left.contains(&SetUpStep::Webhook));
    assert!(left.contains(&SetUpStep::Limit), "the organization has no limit yet");

    world.organization("org_2", SeatLimit::Seats(5)).await;

    let left = start(&world).await.checklist.map_or_else(Vec::new, |checklist| checklist.left);
    assert!(!left.contains(&SetUpStep::Limit));
}

async fn what_needs_a_decision_comes_in_the_order_of_its_urgency(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    for person in ["ada", "ben", "cai"] {
        world.joined(ACME, person).await;
    }
    world.joined("org_2", "dan").await;
    world.post("{\"id\":\"evt_1\"}").await;

    let page = start(&world).await;

    let decisions = [
        Decision::Waiting { organizations: 2, people: 3 },
        Decision::FailedDeliveries(1),
        Decision::LimitNotSet(1),
    ];
    assert_eq!(page.decisions, decisions);
    assert_eq!(page.organizations, 2);
    // the menu counts them on each page of the staff, and on none of a tenant
    let tenant = Viewer {
        role: Role::TenantAdmin,
        organizations: [(OrganizationId::new(ACME), Role::TenantAdmin)].into(),
        ..staff()
    };
    for (viewer, counted) in [(staff(), 1), (tenant, 0)] {
        let person = queries::person(&world.state, &viewer, None).await.unwrap();
        assert_eq!(person.failed_deliveries, counted, "{:?}", viewer.role);
    }
    assert_eq!(listed(&world, Condition::Waiting).await, 2);
    assert_eq!(listed(&world, Condition::LimitNotSet).await, 1);
}

async fn an_archived_organization_needs_no_decision(world: TestApp) {
    world.joined(ACME, "ada").await;
    world.tamper("update organizations set archived = true").await;

    let page = start(&world).await;

    assert_eq!((page.decisions, page.organizations), (Vec::new(), 0));
}
