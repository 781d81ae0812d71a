//! The true-up report: the used seats of each month, and the days over the limit.

use std::time::Duration;

use domain::organization::SeatLimit;
use seatkeeper::queries::{TrueUpRow, true_up};

use crate::support::world::{ACME, TestApp, scope, stories};

stories! {
    each_month_has_its_most_used_seats_and_its_days_over,
    a_report_is_about_a_year_in_which_the_organization_was_known,
}

const DAY: Duration = Duration::from_hours(24);

async fn report(world: &TestApp, year: Option<i64>) -> Vec<(String, i64, String, SeatLimit, i64)> {
    let report = true_up(&world.state, &scope(ACME), year).await.unwrap();
    let row = |row: TrueUpRow| {
        (row.month, row.most_used, row.most_used_at[..10].to_owned(), row.limit, row.days_over)
    };
    report.months.into_iter().map(|month| row(TrueUpRow::from(month))).collect()
}

async fn each_month_has_its_most_used_seats_and_its_days_over(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(3)).await;
    assert_eq!(world.clock.now().day(), "2026-09-21");
    for user in ["ada", "bob", "cleo"] {
        world.clock.pass(DAY);
        world.joined(ACME, user).await;
    }
    world.left(ACME, "bob").await;
    world.joined(ACME, "dan").await;
    world.clock.pass(DAY * 37);
    assert_eq!(world.clock.now().day(), "2026-10-31");
    world.set_limit(ACME, SeatLimit::Seats(2)).await.unwrap();
    world.clock.pass(DAY);
    world.set_limit(ACME, SeatLimit::Seats(1)).await.unwrap();
    world.left(ACME, "ada").await;
    world.clock.pass(DAY);
    world.left(ACME, "cleo").await;
    world.clock.pass(DAY * 30);
    world.joined(ACME, "eve").await;

    let row = |month: &str, most, at: &str, limit, days| {
        (month.to_owned(), most, at.to_owned(), SeatLimit::Seats(limit), days)
    };
    assert_eq!(
        report(&world, None).await,
        [
            row("2026-09", 3, "2026-09-24", 3, 0),
            row("2026-10", 3, "2026-10-01", 2, 1),
            row("2026-11", 3, "2026-11-01", 1, 2),
            row("2026-12", 1, "2026-12-01", 1, 0),
        ]
    );
}

async fn a_report_is_about_a_year_in_which_the_organization_was_known(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    world.clock.pass(DAY * 365);

    for (year, months) in [(None, 9), (Some(2026), 4), (Some(2020), 4), (Some(i64::MAX), 9)] {
        let report = report(&world, year).await;
        assert_eq!(report.len(), months, "{year:?}");
        assert!(report.iter().all(|(_, most, _, limit, days)| {
            (*most, *limit, *days) == (0, SeatLimit::Unlimited, 0)
        }));
    }
    assert!(true_up(&world.state, &scope("org_unknown"), None).await.is_err());
}
