//! Where everything of the chart is. The units are those of its `viewBox`; the browser stretches
//! them to the width of the page.

use std::fmt::Write;

use domain::{
    forecast::Forecast,
    history::Step,
    organization::{SeatLimit, grouped, people, seats},
    time::{Day, Timestamp},
};
use views::history::HistoryChart;

pub(super) const WIDTH: i64 = 2_000;
pub(super) const HEIGHT: i64 = 400;
pub(super) const BARS_HEIGHT: i64 = 80;
/// A limit that is so many times above all other numbers would leave no room for them.
const FAR: i64 = 4;

/// The chart as paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub used: String,
    pub area: String,
    pub limit: String,
    /// The limit is too far above the chart to be drawn.
    pub is_limit_above: bool,
    pub waiting: String,
    pub over: String,
    pub bars: String,
    /// The largest number of blocked people of a bar.
    pub most_blocked: i64,
    /// The parts that say what they show, in order: position, width and words.
    pub parts: Vec<(i64, i64, String)>,
    /// Where now is, if the chart goes on behind it.
    pub today: Option<i64>,
    /// The time of the forecast: position and width.
    pub forecast: Option<(i64, i64)>,
    /// The labels beside the picture, from the top down; the lines are at the same heights.
    pub levels: Vec<String>,
    /// The labels below the picture, from left to right.
    pub days: Vec<String>,
}

/// How times and numbers become positions.
struct Scale {
    from: Timestamp,
    until: Timestamp,
    top: i64,
}

impl Scale {
    fn of(chart: &HistoryChart, from: Timestamp) -> Self {
        let most = chart.steps.iter().map(|step| step.most.used + step.most.waiting).max();
        let most = most.unwrap_or_default().max(1);
        let limits = chart.steps.iter().filter_map(|step| seats_of(step.most.limit));
        let limit = limits.filter(|limit| *limit <= most * FAR).max().unwrap_or_default();
        // at most as much future as past
        let end = chart.now.plus(chart.now.since(from));
        let until = match chart.forecast {
            Forecast::Full(span) if span.earliest.begins() < end => {
                span.latest.plus(2).begins().min(end)
            }
            _ => chart.now,
        };
        Self { from, until, top: LEVELS * nice((most.max(limit) + LEVELS - 1) / LEVELS) }
    }

    fn x(&self, at: Timestamp) -> i64 {
        let at = at.clamp(self.from, self.until);
        share(at.nanos() - self.from.nanos(), self.until.nanos() - self.from.nanos(), WIDTH)
    }

    fn y(&self, number: i64) -> i64 {
        HEIGHT - share(number.clamp(0, self.top), self.top, HEIGHT)
    }
}

/// The lines of the picture above its lower edge.
pub(super) const LEVELS: i64 = 4;

/// The smallest of 1, 2, 5, 10, 20 … that is not below the number.
fn nice(number: i64) -> i64 {
    let mut ten = 1_i64;
    loop {
        for step in [1, 2, 5] {
            if ten.saturating_mul(step) >= number {
                return ten.saturating_mul(step);
            }
        }
        ten = ten.saturating_mul(10);
    }
}

fn share(part: i64, whole: i64, width: i64) -> i64 {
    let share = i128::from(part) * i128::from(width) / i128::from(whole.max(1));
    i64::try_from(share).unwrap_or(width)
}

fn seats_of(limit: SeatLimit) -> Option<i64> {
    match limit {
        SeatLimit::Seats(seats) => Some(seats),
        SeatLimit::NotSet | SeatLimit::Unlimited => None,
    }
}

/// `None`: there is nothing to draw.
pub(super) fn picture(chart: &HistoryChart) -> Option<Picture> {
    let scale = Scale::of(chart, chart.steps.first()?.since);
    let mut picture = Picture { levels: levels(scale.top), ..Picture::default() };
    let mut last_limit = None;
    for step in &chart.steps {
        let (x, end) = (scale.x(step.since), scale.x(step.until));
        let used = scale.y(step.most.used);
        let begin = if picture.used.is_empty() { 'M' } else { 'L' };
        let _ = write!(picture.used, "{begin}{x} {used}H{end}");
        let box_between = |top: i64, bottom: i64| {
            let (top, bottom) = (scale.y(top), scale.y(bottom));
            format!("M{x} {bottom}V{top}H{end}V{bottom}z")
        };
        if step.most.waiting > 0 {
            let top = step.most.used + step.most.waiting;
            picture.waiting += &box_between(top, step.most.used);
        }
        if step.over > 0 {
            picture.over += &box_between(step.most.used, step.most.used - step.over);
        }
        let limit = seats_of(step.most.limit);
        picture.is_limit_above |= limit.is_some_and(|limit| limit > scale.top);
        let limit = limit.filter(|limit| *limit <= scale.top);
        if let Some(limit) = limit {
            let begin = if last_limit.is_some() { 'L' } else { 'M' };
            let _ = write!(picture.limit, "{begin}{x} {}H{end}", scale.y(limit));
        }
        last_limit = limit;
        picture.parts.push((x, (end - x).max(1), words(step, chart)));
    }
    let end = scale.x(chart.now);
    picture.area = format!("{}V{HEIGHT}H0z", picture.used);
    picture.today = (end < WIDTH).then_some(end);
    picture.forecast = forecast(chart, &scale);
    picture.days = days(&scale, chart.now);
    bars(&mut picture, chart, &scale);
    Some(picture)
}

fn forecast(chart: &HistoryChart, scale: &Scale) -> Option<(i64, i64)> {
    let Forecast::Full(span) = chart.forecast else { return None };
    let from = scale.x(span.earliest.begins().max(chart.now));
    let until = scale.x(span.latest.plus(1).begins());
    (from < WIDTH).then_some((from, (until - from).max(6)))
}

fn bars(picture: &mut Picture, chart: &HistoryChart, scale: &Scale) {
    picture.most_blocked = chart.bars.iter().map(|bar| bar.blocked).max().unwrap_or_default();
    for bar in chart.bars.iter().filter(|bar| bar.blocked > 0) {
        let (x, end) = (scale.x(bar.since), scale.x(bar.until));
        let height = share(bar.blocked, picture.most_blocked, BARS_HEIGHT).max(4);
        let end = end.max(x + 3) - i64::from(end > x + 8);
        let _ = write!(picture.bars, "M{x} {BARS_HEIGHT}v-{height}H{end}v{height}z");
    }
}

fn levels(top: i64) -> Vec<String> {
    (0..=LEVELS).rev().map(|level| grouped(top / LEVELS * level)).collect()
}

/// Five days in even distances.
fn days(scale: &Scale, now: Timestamp) -> Vec<String> {
    let span = scale.until.nanos() - scale.from.nanos();
    let day = |part: i64| {
        let at = Timestamp::from_nanos(scale.from.nanos() + share(part, 4, span));
        Day::of(at).words(now)
    };
    (0..=4).map(day).collect()
}

/// `12 Mar: at most 48 seats used, limit 50 seats, at most 3 waiting`.
pub(super) fn words(step: &Step, chart: &HistoryChart) -> String {
    let (first, last) = (Day::of(step.since), Day::of(before(step.until)).max(Day::of(step.since)));
    let (time, most) = if chart.exact {
        (format!("From {}", step.since.exact()), "")
    } else if first == last {
        (first.words(chart.now), "at most ")
    } else {
        (format!("{} to {}", first.words(chart.now), last.words(chart.now)), "at most ")
    };
    let used = format!("{most}{} {} used", grouped(step.most.used), seats(step.most.used));
    let limit = match step.most.limit {
        SeatLimit::NotSet => "limit not set".to_owned(),
        SeatLimit::Unlimited => "no limit".to_owned(),
        SeatLimit::Seats(limit) => format!("limit {}", grouped(limit)),
    };
    let many =
        |number: i64, word: &str| (number > 0).then(|| format!("{most}{} {word}", grouped(number)));
    let blocked = (step.blocked > 0)
        .then(|| format!("{} {} blocked", grouped(step.blocked), people(step.blocked)));
    let parts = [
        Some(used),
        Some(limit),
        many(step.most.waiting, "waiting"),
        many(step.over, "over the limit"),
        blocked,
    ];
    format!("{time}: {}.", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn before(at: Timestamp) -> Timestamp {
    Timestamp::from_nanos(at.nanos().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use domain::{
        forecast::{Reason, Span},
        history::HistoryRange,
        organization::Usage,
    };

    use super::*;

    const DAY: i64 = 86_400;

    fn step(day: i64, used: i64, waiting: i64, limit: SeatLimit) -> Step {
        let most = Usage { limit, used, waiting };
        let at = |day: i64| Timestamp::from_seconds(day * DAY);
        Step { since: at(day), until: at(day + 1), most, over: most.over(), blocked: waiting }
    }

    fn chart(steps: Vec<Step>, forecast: Forecast) -> HistoryChart {
        let now = steps.last().unwrap().until;
        let usage = steps.last().unwrap().most;
        let (range, bars) = (HistoryRange::Days30, steps.clone());
        HistoryChart { range, usage, steps, exact: false, bars, forecast, now }
    }

    fn none() -> Forecast {
        Forecast::Unknown(Reason::TooShort)
    }

    #[test]
    fn used_seats_and_the_limit_are_step_lines_on_one_scale() {
        let ten = SeatLimit::Seats(10);
        let steps = vec![step(0, 5, 0, ten), step(1, 10, 0, ten)];

        let picture = picture(&chart(steps, none())).unwrap();

        assert_eq!(picture.levels, ["20", "15", "10", "5", "0"]);
        assert_eq!(picture.used, "M0 300H1000L1000 200H2000");
        assert_eq!(picture.area, "M0 300H1000L1000 200H2000V400H0z");
        assert_eq!(picture.limit, "M0 200H1000L1000 200H2000");
        assert_eq!((picture.waiting.as_str(), picture.over.as_str()), ("", ""));
        assert_eq!((picture.today, picture.forecast), (None, None));
    }

    #[test]
    fn waiting_people_stand_on_the_used_seats_and_seats_over_the_limit_below_their_line() {
        let steps = vec![
            step(0, 10, 5, SeatLimit::Seats(10)),
            step(1, 10, 0, SeatLimit::Seats(5)),
            step(2, 10, 0, SeatLimit::Unlimited),
            step(3, 10, 0, SeatLimit::Seats(900)),
        ];

        let picture = picture(&chart(steps, none())).unwrap();

        assert_eq!(picture.waiting, "M0 200V100H500V200z");
        assert_eq!(picture.over, "M500 300V200H1000V300z");
        assert_eq!(picture.limit, "M0 200H500L500 300H1000", "no line without a number");
        assert!(picture.is_limit_above);
        assert_eq!(picture.bars, "M0 80v-80H499v80z");
        assert_eq!(picture.parts.len(), 4);
    }

    #[test]
    fn the_forecast_is_behind_today_and_takes_at_most_a_half() {
        let steps =
            || vec![step(0, 5, 0, SeatLimit::Seats(10)), step(9, 6, 0, SeatLimit::Seats(10))];
        let full = |earliest, latest| {
            let (earliest, latest) = (Day::new(earliest), Day::new(latest));
            let span = Span { earliest, latest, weeks: 4, growth: 9 };
            let picture = picture(&chart(steps(), Forecast::Full(span))).unwrap();
            (picture.today, picture.forecast)
        };

        assert_eq!(full(10, 12), (Some(1_428), Some((1_428, 429))));
        assert_eq!(full(11, 90), (Some(1_000), Some((1_100, 900))), "it goes on behind the chart");
        assert_eq!(full(60, 90), (None, None), "too far away");
    }

    #[test]
    fn each_part_says_what_it_shows() {
        let mut shown = chart(vec![step(0, 12, 1, SeatLimit::Seats(10))], none());
        assert_eq!(
            words(&shown.steps[0], &shown),
            "1 Jan: at most 12 seats used, limit 10, at most 1 waiting, at most 2 over the limit, 1 person blocked."
        );
        shown.exact = true;
        shown.steps[0].blocked = 0;
        shown.steps[0].most.limit = SeatLimit::NotSet;
        shown.steps[0].over = 0;
        assert_eq!(
            words(&shown.steps[0], &shown),
            "From 1 Jan 1970, 00:00:00 UTC: 12 seats used, limit not set, 1 waiting."
        );
    }

    #[test]
    fn many_steps_make_a_small_picture() {
        let steps: Vec<Step> = (0..i64::try_from(HistoryChart::STEPS).unwrap())
            .map(|day| step(day, 100_000 + day, day % 7, SeatLimit::Seats(100_200)))
            .collect();

        let picture = picture(&chart(steps, none())).unwrap();

        let paths = [&picture.used, &picture.area, &picture.limit, &picture.waiting, &picture.over];
        assert!(paths.iter().map(|path| path.len()).sum::<usize>() < 60_000);
    }

    #[test]
    fn a_scale_has_nice_numbers() {
        assert_eq!([1, 2, 3, 6, 12, 25, 51, 700].map(nice), [1, 2, 5, 10, 20, 50, 100, 1_000]);
    }
}
