//! The history as a chart shows it: a bounded number of steps, none of which loses a largest
//! number.

use serde::{Deserialize, Serialize};

use super::{ChangePoint, DailyRollup};
use crate::{
    organization::Usage,
    time::{Day, Timestamp},
    true_up::Month,
};

/// How far a chart goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryRange {
    Days30,
    #[default]
    Days90,
    Days365,
    All,
}

impl HistoryRange {
    pub const ALL: [Self; 4] = [Self::Days30, Self::Days90, Self::Days365, Self::All];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Days30 => "30",
            Self::Days90 => "90",
            Self::Days365 => "365",
            Self::All => "all",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == text)
    }

    /// The first day; today is the last one.
    pub fn first(self, today: Day) -> Day {
        match self {
            Self::Days30 => today.plus(-29),
            Self::Days90 => today.plus(-89),
            Self::Days365 => today.plus(-364),
            Self::All => Day::new(i64::MIN / 2),
        }
    }
}

/// A time with the same numbers, or the largest numbers of one day or of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub since: Timestamp,
    pub until: Timestamp,
    /// Its largest numbers, and the limit at its end.
    pub most: Usage,
    pub over: i64,
    pub blocked: i64,
}

/// A month of the table. Its numbers are the largest ones, and the limit at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryMonth {
    pub month: Month,
    pub most: Usage,
    pub over: i64,
    pub blocked: i64,
    pub admitted: i64,
}

/// Every day from `first` on until today, also those without a row. The rows are in order; days
/// before the first one are not known.
pub fn every_day(rows: &[DailyRollup], first: Day, today: Day) -> Vec<DailyRollup> {
    let Some(oldest) = rows.first() else { return Vec::new() };
    let mut rest = rows.iter().peekable();
    let mut last = *oldest;
    let mut days = Vec::new();
    for number in first.max(oldest.day).number()..=today.number() {
        let day = Day::new(number);
        while let Some(row) = rest.next_if(|row| row.day <= day) {
            last = *row;
        }
        days.push(if last.day == day { last } else { last.carried(day) });
    }
    days
}

/// At most so many steps. Each has the same number of days; the last one may have fewer.
pub fn steps(days: &[DailyRollup], most: usize, now: Timestamp) -> Vec<Step> {
    let together = days.len().div_ceil(most.max(1)).max(1);
    days.chunks(together).filter_map(|days| step(days, now)).collect()
}

fn step(days: &[DailyRollup], now: Timestamp) -> Option<Step> {
    let (first, last) = (days.first()?, days.last()?);
    let most = |number: fn(&DailyRollup) -> i64| days.iter().map(number).max().unwrap_or_default();
    Some(Step {
        since: first.day.begins(),
        until: last.day.plus(1).begins().min(now),
        most: Usage {
            limit: last.usage.limit,
            used: most(|day| day.most_used),
            waiting: most(|day| day.most_waiting),
        },
        over: most(|day| day.most_over),
        blocked: days.iter().map(|day| day.blocked).sum(),
    })
}

/// A step for each change point, from `since` on. The points are in order.
pub fn exact_steps(points: &[ChangePoint], since: Timestamp, now: Timestamp) -> Vec<Step> {
    let ends = points.iter().skip(1).map(|point| point.at).chain([now]);
    let step = |(point, until): (&ChangePoint, Timestamp)| Step {
        since: point.at.max(since),
        until,
        most: point.usage,
        over: point.usage.over(),
        blocked: 0,
    };
    points.iter().zip(ends).map(step).filter(|step| step.until > since).collect()
}

/// The months of these days, the newest first.
pub fn months(days: &[DailyRollup]) -> Vec<HistoryMonth> {
    let mut months: Vec<HistoryMonth> = Vec::new();
    for day in days {
        let month = Month::of(day.day.begins());
        if months.last().is_none_or(|known| known.month != month) {
            let most = Usage { used: 0, waiting: 0, ..day.usage };
            months.push(HistoryMonth { month, most, over: 0, blocked: 0, admitted: 0 });
        }
        if let Some(known) = months.last_mut() {
            known.most.limit = day.usage.limit;
            known.most.used = known.most.used.max(day.most_used);
            known.most.waiting = known.most.waiting.max(day.most_waiting);
            known.over = known.over.max(day.most_over);
            known.blocked += day.blocked;
            known.admitted += day.admitted;
        }
    }
    months.reverse();
    months
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::SeatLimit;

    fn row(day: i64, used: i64, most_used: i64) -> DailyRollup {
        let usage = Usage { limit: SeatLimit::Seats(50), used, waiting: 0 };
        DailyRollup { most_used, blocked: 1, ..DailyRollup::begin(Day::new(day), day, usage) }
    }

    fn used(steps: &[Step]) -> Vec<i64> {
        steps.iter().map(|step| step.most.used).collect()
    }

    #[test]
    fn a_day_without_a_row_is_as_the_day_before_it_ended() {
        let rows = [row(10, 4, 9), row(13, 6, 6)];

        let days = every_day(&rows, Day::new(11), Day::new(14));

        let most: Vec<i64> = days.iter().map(|day| day.most_used).collect();
        assert_eq!(most, [4, 4, 6, 6]);
        assert_eq!(days.iter().map(|day| day.blocked).sum::<i64>(), 1);
        assert_eq!(every_day(&rows, Day::new(1), Day::new(10)).len(), 1, "known since then");
        assert_eq!(every_day(&[], Day::new(1), Day::new(10)), []);
    }

    #[test]
    fn fewer_steps_lose_no_largest_number() {
        let days: Vec<DailyRollup> = (0..1_000).map(|day| row(day, 5, day % 97)).collect();
        let now = Day::new(1_000).begins();

        let steps = steps(&days, 400, now);

        assert!(steps.len() <= 400);
        assert_eq!(used(&steps).into_iter().max(), Some(96));
        assert_eq!(steps.iter().map(|step| step.blocked).sum::<i64>(), 1_000);
        assert!(steps.windows(2).all(|two| two[0].until == two[1].since));
        assert_eq!(steps.last().map(|step| step.until), Some(now));
    }

    #[test]
    fn the_exact_steps_begin_with_what_was_true_then() {
        let point = |at, used| {
            let usage = Usage { limit: SeatLimit::Seats(5), used, waiting: 0 };
            ChangePoint { at: Timestamp::from_seconds(at), revision: at, usage }
        };
        let points = [point(10, 1), point(20, 2), point(30, 7)];

        let steps = exact_steps(&points, Timestamp::from_seconds(25), Timestamp::from_seconds(40));

        assert_eq!(used(&steps), [2, 7]);
        assert_eq!(steps[0].since, Timestamp::from_seconds(25));
        assert_eq!(steps[1].over, 2);
    }

    #[test]
    fn a_month_has_its_largest_numbers_and_the_limit_at_its_end() {
        let days: Vec<DailyRollup> = (20_000..20_040).map(|day| row(day, 5, day % 39)).collect();

        let months = months(&days);

        let words: Vec<_> = months.iter().map(|month| month.month.written()).collect();
        assert_eq!(words, ["2024-11", "2024-10"]);
        assert_eq!(months.iter().map(|month| month.most.used).max(), Some(38));
        assert_eq!(months.iter().map(|month| month.blocked).sum::<i64>(), 40);
    }

    #[test]
    fn a_range_has_as_many_days_as_its_name_says() {
        let today = Day::new(20_000);

        assert_eq!(today.since(HistoryRange::Days30.first(today)), 29);
        for range in HistoryRange::ALL {
            assert_eq!(HistoryRange::parse(range.as_str()), Some(range));
        }
        assert_eq!(HistoryRange::parse("7"), None);
    }
}
