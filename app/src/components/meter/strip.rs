//! The same picture for too many seats to count: a strip on one linear scale, with ticks at 80 %
//! and 90 % of the limit.

use domain::organization::{SeatLimit, Usage, grouped};
use leptos::prelude::*;

use super::seats::{endless, limit_mark};

/// How many times as much as the plan a strip shows at most. What does not fit is cut, and a number
/// says how much that is.
const PLANS: i64 = 4;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Strip {
    /// Where the seats of the plan end and where the line is.
    plan: i64,
    taken: i64,
    over: i64,
    waiting: i64,
    /// How many seats over the limit, and how many waiting users, are not in the picture.
    cut: (i64, i64),
}

/// The seats of the plan; without a number of them, the used ones.
fn plan(usage: Usage) -> i64 {
    match usage.limit {
        SeatLimit::Seats(limit) => limit,
        SeatLimit::NotSet | SeatLimit::Unlimited => usage.used,
    }
}

/// How many seats the whole width stands for, if these pictures have one scale.
fn scale(usages: &[Usage]) -> i64 {
    let whole = |usage: &Usage| {
        plan(*usage).saturating_add(usage.over()).saturating_add(usage.waiting.max(0))
    };
    let plans = usages.iter().map(|usage| plan(*usage)).max().unwrap_or(0);
    let whole = usages.iter().map(whole).max().unwrap_or(0);
    if plans == 0 { whole } else { whole.min(plans.saturating_mul(PLANS)) }.max(1)
}

impl Strip {
    /// The usage on a scale on which `width` stands for so many seats. A small part is at least 3
    /// units wide.
    fn of(usage: Usage, scale: i64, width: i64) -> Self {
        let seats = plan(usage);
        let over_and_waiting = (usage.over(), usage.waiting.max(0));
        let least = |count: i64| if count == 0 { 0 } else { 3 };
        let beyond = least(over_and_waiting.0) + least(over_and_waiting.1);
        let plan = share(seats, scale, width).max(least(seats)).min(width - beyond);
        let taken =
            if usage.used >= seats { plan } else { share(usage.used, seats, plan).min(plan - 2) };
        let fit = |count: i64, room: i64| {
            let part = share(count, scale, width).max(least(count));
            if part <= room { (part, 0) } else { (room, count - share(room, width, scale)) }
        };
        let (over, over_cut) = fit(over_and_waiting.0, width - plan - least(over_and_waiting.1));
        let (waiting, waiting_cut) = fit(over_and_waiting.1, width - plan - over);
        // rounding and the least width of small parts cut off less than a part of the width
        let told = |cut: i64| if share(cut, scale, width) > 3 { cut } else { 0 };
        Self { plan, taken, over, waiting, cut: (told(over_cut), told(waiting_cut)) }
    }
}

/// The share `part / whole` of `width`.
fn share(part: i64, whole: i64, width: i64) -> i64 {
    i64::try_from(i128::from(part) * i128::from(width) / i128::from(whole.max(1))).unwrap_or(width)
}

/// `beside`: another picture on the same scale.
pub(super) fn large(usage: Usage, beside: Option<Usage>) -> impl IntoView {
    const HEIGHT: i64 = 28;
    let usages: Vec<Usage> = beside.into_iter().chain([usage]).collect();
    let strip = Strip::of(usage, scale(&usages), 680);
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
            {cut(strip, HEIGHT)}
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
    let strip = Strip::of(usage, scale(&[usage]), 124);
    let is_cut = strip.cut != (0, 0);
    view! {
        <svg role="img" aria-label=usage.sentence() viewBox="-1 -3 150 18" width="150" height="18">
            {bars(usage, strip, 12, 2)}
            {is_cut.then(|| view! { <g class="meter__crowd">{endless(138, 6, 1)}</g> })}
        </svg>
    }
}

fn bars(usage: Usage, strip: Strip, height: i64, out: i64) -> impl IntoView {
    let Strip { plan, taken, over, waiting, .. } = strip;
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

/// The numbers of what is not in the picture, on the parts that are cut.
fn cut(strip: Strip, height: i64) -> impl IntoView {
    let end = |part: i64, from: i64| from + part - 8;
    let beyond = strip.plan + 6;
    let after_over = beyond + if strip.over > 0 { strip.over + 4 } else { 0 };
    let number = |count: i64, x: i64, class: &'static str| {
        (count > 0).then(|| {
            view! {
                <text class=class x=x y=height / 2 + 5 text-anchor="end">
                    {format!("+{}", grouped(count))}
                </text>
            }
        })
    };
    let over = number(strip.cut.0, end(strip.over, beyond), "meter__more meter__more--filled");
    let waiting = number(strip.cut.1, end(strip.waiting, after_over), "meter__more");
    view! {
        {over}
        {waiting}
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
        let usage = Usage { limit, used, waiting };
        Strip::of(usage, scale(&[usage]), 500)
    }

    #[test]
    fn a_strip_is_in_proportion() {
        assert_eq!(
            strip(SeatLimit::Seats(1_000), 500, 0),
            Strip { plan: 500, taken: 250, ..Strip::default() }
        );
        assert_eq!(
            strip(SeatLimit::Seats(1_000), 1_000, 1_000),
            Strip { plan: 250, taken: 250, waiting: 250, ..Strip::default() }
        );
        assert_eq!(
            strip(SeatLimit::Seats(100), 150, 250),
            Strip { plan: 125, taken: 125, over: 62, waiting: 312, ..Strip::default() }
        );
    }

    #[test]
    fn two_pictures_on_one_scale_differ_in_the_line() {
        let now = Usage { limit: SeatLimit::Seats(3_000), used: 3_000, waiting: 3_662 };
        let after = Usage { limit: SeatLimit::Seats(4_000), used: 4_000, waiting: 2_662 };
        let scale = scale(&[now, after]);

        let (now, after) = (Strip::of(now, scale, 500), Strip::of(after, scale, 500));

        assert_eq!((now.plan, now.waiting), (225, 274));
        assert_eq!((after.plan, after.waiting), (300, 199));
    }

    #[test]
    fn one_free_seat_in_ten_thousand_is_still_seen() {
        assert!(strip(SeatLimit::Seats(10_000), 9_999, 0).taken < 500);
        assert_eq!(strip(SeatLimit::Seats(10_000), 10_000, 0).taken, 500);
    }

    #[test]
    fn a_few_who_wait_are_seen_and_a_crowd_is_cut_with_its_number() {
        assert_eq!(strip(SeatLimit::Seats(10_000), 10_000, 1).waiting, 3);
        assert_eq!(strip(SeatLimit::Seats(10_000), 10_000, 1).cut, (0, 0));
        let crowd = strip(SeatLimit::Seats(200), 200, 9_000);
        assert_eq!((crowd.plan, crowd.waiting, crowd.cut), (125, 375, (0, 8_400)));
        assert_eq!(strip(SeatLimit::Seats(0), 0, 300).waiting, 500);
    }

    #[test]
    fn no_picture_is_wider_than_its_place() {
        for (limit, used, waiting) in [
            (SeatLimit::Seats(SeatLimit::MOST), SeatLimit::MOST, i64::MAX / 1_000),
            (SeatLimit::Seats(1), 10_000_000, 10_000_000),
            (SeatLimit::Seats(0), 10_000_000, 10_000_000),
            (SeatLimit::NotSet, 0, 0),
            (SeatLimit::Unlimited, 5_000, 0),
        ] {
            let Strip { plan, taken, over, waiting, .. } = strip(limit, used, waiting);
            assert!(taken <= plan && plan + over + waiting <= 500, "{limit:?}");
        }
    }
}
