//! The true-up of an organization: for each month the largest number of used seats, and on how many
//! days more seats were used than the limit allowed. Months and days are those of UTC.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{as_of::LimitDecided, organization::SeatLimit, time::Timestamp};

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month {
    pub year: i64,
    /// From 1.
    pub number: i64,
}

/// What a report says about one month, as far as the organization was known in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueUpMonth {
    pub month: Month,
    /// The largest number of used seats, and since when it was reached in this month.
    pub most_used: i64,
    pub at: Timestamp,
    /// At the end of the month, or now.
    pub limit: SeatLimit,
    pub days_over: i64,
}

/// A time in which more seats were used than the limit allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    pub since: Timestamp,
    pub until: Timestamp,
}

impl Month {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];

    /// The month that a time is in.
    pub fn of(at: Timestamp) -> Self {
        let day = at.day();
        let mut parts = day.split('-').map(|part| part.parse().unwrap_or(1));
        Self { year: parts.next().unwrap_or(1), number: parts.next().unwrap_or(1) }
    }

    pub fn all_of(year: i64) -> impl Iterator<Item = Self> {
        (1..=12).map(move |number| Self { year, number })
    }

    #[must_use]
    pub fn next(self) -> Self {
        match self.number {
            12 => Self { year: self.year + 1, number: 1 },
            number => Self { number: number + 1, ..self },
        }
    }

    /// `None`: a time cannot be that early or late.
    pub fn begins(self) -> Option<Timestamp> {
        Timestamp::of_day(&format!("{}-01", self.written()))
    }

    /// `2026-11`.
    pub fn written(self) -> String {
        format!("{:04}-{:02}", self.year, self.number)
    }

    /// `November 2026`.
    pub fn words(self) -> String {
        let name = usize::try_from(self.number - 1).ok().and_then(|at| Self::NAMES.get(at));
        format!("{} {}", name.unwrap_or(&""), self.year)
    }
}

/// The limit decisions after which more seats were used than the limit allows, each with the one
/// that follows it. Only a lower limit can bring that about: no person gets a seat over the limit.
pub fn over_the_limit(
    limits: &[LimitDecided],
) -> impl Iterator<Item = (&LimitDecided, Option<&LimitDecided>)> {
    let next = limits.iter().skip(1).map(Some).chain([None]);
    limits.iter().zip(next).filter(|(limit, _)| limit.limit.over(limit.used) > 0)
}

/// On how many days from `since` to before `until` the organization was over its limit.
pub fn days_over(times: &[Over], (since, until): (Timestamp, Timestamp)) -> i64 {
    const DAY: i64 = 86_400;
    let mut days = BTreeSet::new();
    for over in times {
        let (from, to) = (over.since.max(since), over.until.min(until));
        if from < to {
            // the last moment belongs to no day after it
            let last = Timestamp::from_nanos(to.nanos() - 1);
            days.extend(from.seconds().div_euclid(DAY)..=last.seconds().div_euclid(DAY));
        }
    }
    i64::try_from(days.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn limit(revision: i64, limit: SeatLimit, used: i64) -> LimitDecided {
        LimitDecided {
            revision,
            ordinal: 0,
            limit,
            archived: false,
            used,
            clock_was_set_back: false,
            at: Timestamp::from_seconds(revision),
        }
    }

    #[test]
    fn months_follow_each_other() {
        let december = Month::of(time("2026-12-31T23:59:59.999Z"));

        assert_eq!(
            (december.written(), december.words()),
            ("2026-12".into(), "December 2026".into())
        );
        assert_eq!(december.next().begins(), Some(time("2027-01-01T00:00:00Z")));
        assert_eq!(Month::all_of(2026).last(), Some(december));
    }

    #[test]
    fn a_day_counts_once_and_each_day_that_is_touched_counts() {
        let month = (time("2026-11-01T00:00:00Z"), time("2026-12-01T00:00:00Z"));
        let over = |since, until| Over { since: time(since), until: time(until) };
        let days = |times: &[Over]| days_over(times, month);

        let minutes = over("2026-11-05T10:00:00Z", "2026-11-05T10:05:00Z");
        assert_eq!(days(&[minutes, over("2026-11-05T20:00:00Z", "2026-11-05T21:00:00Z")]), 1);
        assert_eq!(days(&[over("2026-11-05T23:59:59Z", "2026-11-07T00:00:00Z")]), 2);
        assert_eq!(days(&[over("2026-10-31T10:00:00Z", "2026-11-02T10:00:00Z")]), 2);
        assert_eq!(days(&[over("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z")]), 30);
        assert_eq!(days(&[over("2026-11-05T10:00:00Z", "2026-11-05T10:00:00Z")]), 0);
    }

    #[test]
    fn only_a_limit_that_is_too_low_leads_over_it() {
        let limits = [
            limit(1, SeatLimit::Seats(9), 0),
            limit(2, SeatLimit::Seats(5), 7),
            limit(3, SeatLimit::Seats(6), 7),
            limit(4, SeatLimit::NotSet, 7),
        ];

        let found: Vec<_> = over_the_limit(&limits)
            .map(|(limit, next)| (limit.revision, next.map(|next| next.revision)))
            .collect();

        assert_eq!(found, [(2, Some(3)), (3, Some(4))]);
    }
}
