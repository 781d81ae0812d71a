//! The seat history: each change of a number is kept in its transaction, and charts, tables,
//! exports and forecasts are made of it. That it agrees with the decisions is a part of each
//! story's check.

use std::time::Duration;

use domain::{
    access::OrganizationScope,
    forecast::{Forecast, Reason},
    history::HistoryRange,
    id::{OrganizationId, WebhookId},
    organization::SeatLimit,
    time::Day,
};
use seatkeeper::{
    commands::{Delivery, ingest_deliveries},
    queries::{self, SeatHistoryRecord, export},
    scalekit::payload,
};
use views::history::{HistoryPage, HistoryQuery};

use crate::support::{
    lists::exported,
    world::{ACME, TestApp, scope, staff, stories},
};

stories! {
    each_change_of_a_number_is_a_change_point_and_each_day_with_one_has_a_rollup,
    a_change_that_moves_no_number_adds_no_change_point,
    a_batch_keeps_what_was_true_in_its_middle,
    a_page_and_its_export_have_the_days_of_the_range,
    many_changes_are_shown_by_day,
    growth_is_continued_to_the_day_on_which_no_seat_is_free,
    the_list_of_organizations_has_the_last_days_of_each,
}

const DAY: Duration = Duration::from_hours(24);

async fn points(world: &TestApp) -> Vec<String> {
    world
        .texts(
            "select limit_kind || ' ' || coalesce(limit_seats, 0) || ' ' || used || ' ' || waiting \
             from change_points order by revision",
        )
        .await
}

async fn page(world: &TestApp, range: HistoryRange) -> HistoryPage {
    let query = HistoryQuery { range, before: None };
    queries::history_page(&world.state, &scope(ACME), &query).await.unwrap()
}

async fn forecast(world: &TestApp) -> Forecast {
    queries::forecast(&world.state, &scope(ACME)).await.unwrap()
}

async fn each_change_of_a_number_is_a_change_point_and_each_day_with_one_has_a_rollup(
    world: TestApp,
) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    for user in ["ada", "bob", "cleo"] {
        world.joined(ACME, user).await;
    }
    world.clock.pass(DAY);
    world.left(ACME, "ada").await;
    world.clock.pass(DAY * 2);
    world.set_limit(ACME, SeatLimit::Seats(1)).await.unwrap();

    assert_eq!(
        points(&world).await,
        ["seats 2 0 0", "seats 2 1 0", "seats 2 2 0", "seats 2 2 1", "seats 2 2 0", "seats 1 2 0"]
    );
    let history = queries::history(&world.state, &scope(ACME)).await.unwrap();
    let record = serde_json::to_value(SeatHistoryRecord::from(history)).unwrap();
    assert_eq!(
        record,
        serde_json::json!({
            "used": 2, "limit": 1, "waiting": 0, "over": 1,
            "forecast": {
                "earliest": null, "latest": null, "level": 80, "reason": "full",
                "sentence": "No forecast: every seat is taken."
            },
            "days": [
                {"day": "2026-09-21", "used": 2, "limit": 2, "waiting": 1, "most_used": 2,
                 "most_waiting": 1, "most_over": 0, "blocked": 1, "admitted": 2},
                {"day": "2026-09-22", "used": 2, "limit": 2, "waiting": 0, "most_used": 2,
                 "most_waiting": 1, "most_over": 0, "blocked": 0, "admitted": 1},
                {"day": "2026-09-24", "used": 2, "limit": 1, "waiting": 0, "most_used": 2,
                 "most_waiting": 0, "most_over": 1, "blocked": 0, "admitted": 0},
            ]
        })
    );
    assert!(queries::history(&world.state, &scope("org_unknown")).await.is_err());
    world.check().await;
}

async fn a_change_that_moves_no_number_adds_no_change_point(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(2)).await;
    world.joined(ACME, "ada").await;
    let before = points(&world).await;

    world.joined(ACME, "ada").await;
    world.set_limit(ACME, SeatLimit::Seats(2)).await.unwrap_err();
    world.deactivated(ACME, "stranger").await;

    assert_eq!(points(&world).await, before);
    world.check().await;
}

/// Ingests deliveries in one transaction.
async fn at_once(world: &TestApp, bodies: Vec<String>) {
    let delivery = |body: String| {
        let body = body.into_bytes();
        let id = WebhookId::new(format!("msg_{}", world.number()));
        Delivery::new(id, body.clone(), payload::read(&body), world.clock.now())
    };
    let batch: Vec<_> = bodies.into_iter().map(delivery).collect();
    ingest_deliveries(&world.state, &batch).await.unwrap();
}

async fn a_batch_keeps_what_was_true_in_its_middle(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    let joins = |user: &str| {
        world.body(ACME, user, "organization.directory.user_created", "\"active\":true,")
    };
    let leaves = |user: &str| world.body(ACME, user, "organization.directory.user_deleted", "");
    let first = vec![joins("ada"), joins("bob")];
    world.clock.pass(Duration::from_secs(1));
    let then = vec![leaves("ada"), leaves("bob")];

    at_once(&world, first.into_iter().chain(then).collect()).await;

    assert_eq!(points(&world).await, ["seats 1 0 0"], "the numbers are as before");
    let history = queries::history(&world.state, &scope(ACME)).await.unwrap();
    let day = history.days[0];
    assert_eq!((day.most_used, day.most_waiting, day.blocked, day.admitted), (1, 1, 1, 2));
    assert_eq!((day.usage.used, day.usage.waiting), (0, 0));
    world.check().await;
}

/// One person joins on each of so many days.
async fn grows(world: &TestApp, days: u32) {
    for day in 0..days {
        world.joined(ACME, &format!("person{day}")).await;
        world.clock.pass(DAY);
    }
}

async fn a_page_and_its_export_have_the_days_of_the_range(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(100)).await;
    assert!(!page(&world, HistoryRange::All).await.chart.has_history(), "it begins today");
    grows(&world, 70).await;

    for (range, days) in
        [(HistoryRange::Days30, 29), (HistoryRange::Days90, 70), (HistoryRange::All, 70)]
    {
        let (today, query) = (Day::of(world.clock.now()), HistoryQuery { range, before: None });
        let rows = exported(&world, export::History::new(scope(ACME), query, today)).await.unwrap();
        let mut page = page(&world, range).await;
        let mut shown = page.days.clone();
        while let Some(before) = page.page.older {
            let query = HistoryQuery { range, before: Some(before) };
            page = queries::history_page(&world.state, &scope(ACME), &query).await.unwrap();
            assert!(page.days.len() <= 31);
            shown.extend(page.days.iter().copied());
        }
        assert_eq!(rows.len(), days, "{range:?}; nothing happened today");
        assert_eq!(rows, shown, "{range:?}");
    }
    let page = page(&world, HistoryRange::All).await;
    assert!(page.chart.exact && page.chart.has_history());
    let used: Vec<i64> = page.chart.steps.iter().map(|step| step.most.used).collect();
    assert_eq!(used, (0..=70).collect::<Vec<_>>());
    assert_eq!(page.chart.bars.len(), 71);
    let months: Vec<_> = page.months.iter().map(|month| month.most.used).collect();
    assert_eq!(months, [70, 41, 10], "November, October, September");
    let unknown: OrganizationScope = scope("org_unknown");
    let query = HistoryQuery::default();
    assert!(queries::history_page(&world.state, &unknown, &query).await.is_err());
}

async fn many_changes_are_shown_by_day(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1_000)).await;
    let joins = |number: u32| {
        let user = format!("person{number}");
        world.body(ACME, &user, "organization.directory.user_created", "\"active\":true,")
    };
    for number in 0..405 {
        at_once(&world, vec![joins(number)]).await;
        world.clock.pass(Duration::from_secs(400));
    }

    let chart = page(&world, HistoryRange::Days30).await.chart;

    assert!(!chart.exact);
    assert_eq!(chart.steps, chart.bars);
    assert_eq!(chart.steps.len(), 3);
    assert_eq!(chart.steps.last().unwrap().most.used, 405);
}

async fn growth_is_continued_to_the_day_on_which_no_seat_is_free(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(100)).await;
    assert_eq!(forecast(&world).await, Forecast::Unknown(Reason::TooShort));
    grows(&world, 60).await;

    let today = Day::of(world.clock.now());
    match forecast(&world).await {
        Forecast::Full(span) => {
            assert_eq!((span.earliest, span.latest), (today.plus(39), today.plus(40)));
        }
        other @ Forecast::Unknown(_) => panic!("{other:?}"),
    }
    let small = world.page(ACME).await.history;
    assert_eq!(
        small.forecast,
        forecast(&world).await,
        "the page of the organization says the same"
    );
    assert_eq!(small.range, HistoryRange::Days90);

    world.set_limit(ACME, SeatLimit::Seats(60)).await.unwrap();
    assert_eq!(forecast(&world).await, Forecast::Unknown(Reason::Full));
    world.set_limit(ACME, SeatLimit::Unlimited).await.unwrap();
    assert_eq!(forecast(&world).await, Forecast::Unknown(Reason::Unlimited));
}

async fn the_list_of_organizations_has_the_last_days_of_each(world: TestApp) {
    world.organization("org_quiet", SeatLimit::Seats(5)).await;
    world.joined("org_quiet", "ada").await;
    world.clock.pass(DAY * 200);
    world.organization(ACME, SeatLimit::Seats(5)).await;
    grows(&world, 3).await;

    let query = views::OverviewQuery::default();
    let staff = staff().staff().unwrap();
    let overview = queries::overview(&world.state, &staff, &query).await.unwrap();

    let of = |id: &str| {
        let row = overview.rows.iter().find(|row| row.id == OrganizationId::new(id)).unwrap();
        row.used_lately.clone()
    };
    assert_eq!(of(ACME), [1, 2, 3, 3]);
    assert_eq!(of("org_quiet"), [1; 90], "as its last change left it");
}
