//! The same picture for too many seats to count: a strip in proportion, with ticks at 80 % and 90 %
//! of the limit.

use domain::organization::{SeatLimit, Usage, grouped};
use leptos::prelude::*;

use super::seats::{endless, limit_mark};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Strip {
    /// Where the seats of the plan end and where the line is.
    plan: i64,
    taken: i64,
    over: i64,
    waiting: i64,
}

impl Strip {
    /// Scales the usage to `width`. A small part is at least 3 units wide, and a part beyond the
    /// line is at most a fifth of the width.
    fn of(usage: Usage, width: i64) -> Self {
        let seats = match usage.limit {
            SeatLimit::Seats(limit) => limit,
            SeatLimit::NotSet | SeatLimit::Unlimited => usage.used,
        };
        let most = width / 5;
        let parts = i64::from(usage.over() > 0) + i64::from(usage.waiting > 0);
        let plan = if seats == 0 { 0 } else { width - parts * most };
        let scaled = |count: i64| {
            if count == 0 { 0 } else { share(count, seats.max(1), plan).clamp(3, most) }
        };
        let taken =
            if usage.used >= seats { plan } else { share(usage.used, seats, plan).min(plan - 2) };
        Self { plan, taken, over: scaled(usage.over()), waiting: scaled(usage.waiting) }
    }
}

/// The share `part / whole` of `width`.
fn share(part: i64, whole: i64, width: i64) -> i64 {
    i64::try_from(i128::from(part) * i128::from(width) / i128::from(whole.max(1))).unwrap_or(width)
}

pub(super) fn large(usage: Usage) -> impl IntoView {
    const HEIGHT: i64 = 28;
    let strip = Strip::of(usage, 680);
    let ticks = matches!(usage.limit, SeatLimit::Seats(_)).then(|| {
        [(80, strip.plan * 4 / 5), (90, strip.plan * 9 / 10)]
            .map(|(percent, x)| tick(percent, x, HEIGHT))
    });
    let limit = match usage.limit {
        SeatLimit::Seats(limit) => Some(limit),
        SeatLimit::NotSet | SeatLimit::Unlimited => None,
    };
    view! {
        <svg
            class="meter__strip"
            role="img"
            aria-label=usage.sentence()
            viewBox="-1 -24 720 80"
            width="720"
            height="80"
        >
            {bars(usage, strip, HEIGHT, 7)}
            <path class="meter__grain" d=grain(strip.plan, HEIGHT) />
            {ticks}
            {limit
                .map(|limit| {
                    view! {
                        <text class="meter__tick" x=strip.plan + 4 y="-13" text-anchor="end">
                            {format!("limit {}", grouped(limit))}
                        </text>
                    }
                })}
        </svg>
    }
}

pub(super) fn small(usage: Usage) -> impl IntoView {
    view! {
        <svg role="img" aria-label=usage.sentence() viewBox="-1 -3 150 18" width="150" height="18">
            {bars(usage, Strip::of(usage, 128), 12, 2)}
        </svg>
    }
}

fn bars(usage: Usage, strip: Strip, height: i64, out: i64) -> impl IntoView {
    let Strip { plan, taken, over, waiting } = strip;
    let limited = usage.limit != SeatLimit::Unlimited;
    let beyond = plan + if limited { 6 } else { 0 };
    let after_over = beyond + if over > 0 { over + 4 } else { 0 };
    view! {
        {(plan > taken)
            .then(|| {
                view! {
                    <rect
                        class="meter__free"
                        x=taken + 1
                        y="1"
                        width=plan - taken - 2
                        height=height - 2
                    />
                }
            })}
        {(taken > 0)
            .then(|| view! { <rect class="meter__taken" x="0" y="0" width=taken height=height /> })}
        {limited.then(|| limit_mark(usage, plan + 2, height, out))}
        {(over > 0)
            .then(|| {
                view! { <rect class="meter__over" x=beyond y="0" width=over height=height /> }
            })}
        {(waiting > 0)
            .then(|| {
                view! {
                    <rect
                        class="meter__waiting"
                        x=after_over + 1
                        y="1"
                        width=waiting.max(4) - 2
                        height=height - 2
                    />
                }
            })}
        {(!limited).then(|| endless(plan + 8, height / 2, if out > 4 { 3 } else { 1 }))}
    }
}

fn tick(percent: i64, x: i64, height: i64) -> impl IntoView {
    view! {
        <line class="meter__mark" x1=x x2=x y1=height + 3 y2=height + 8 />
        <text
            class="meter__tick"
            class:meter__tick--minor=percent == 80
            x=x
            y=height + 22
            text-anchor="middle"
        >
            {format!("{percent} %")}
        </text>
    }
}

/// Thin vertical lines that make the strip look like seats.
fn grain(width: i64, height: i64) -> String {
    (1..width / 8).map(|n| format!("M{} 0v{height}", n * 8)).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(limit: SeatLimit, used: i64, waiting: i64) -> Strip {
        Strip::of(Usage { limit, used, waiting }, 500)
    }

    #[test]
    fn a_strip_is_in_proportion() {
        assert_eq!(
            strip(SeatLimit::Seats(1_000), 500, 0),
            Strip { plan: 500, taken: 250, over: 0, waiting: 0 }
        );
    }

    #[test]
    fn one_free_seat_in_ten_thousand_is_still_seen() {
        assert!(strip(SeatLimit::Seats(10_000), 9_999, 0).taken < 500);
        assert_eq!(strip(SeatLimit::Seats(10_000), 10_000, 0).taken, 500);
    }

    #[test]
    fn a_few_who_wait_are_seen_and_a_crowd_stays_in_the_picture() {
        assert_eq!(strip(SeatLimit::Seats(10_000), 10_000, 1).waiting, 3);
        assert_eq!(strip(SeatLimit::Seats(200), 200, 9_000).waiting, 100);
    }

    #[test]
    fn the_largest_plan_does_not_overflow() {
        assert_eq!(
            strip(SeatLimit::Seats(SeatLimit::MOST), SeatLimit::MOST, i64::MAX / 1_000).taken,
            400
        );
    }
}
