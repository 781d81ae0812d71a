//! When an organization will be full, with the uncertainty of that.
//!
//! **What grows** is the demand for seats: used seats and people on the waitlist together, at the
//! end of each day. The first day is left out, because it begins with all the people that a
//! directory has already.
//!
//! **Method.** The daily changes of the last 26 weeks at most are cut into whole weeks, the last of
//! which ended yesterday. The future is made of such weeks, drawn at random, so that it has the
//! same weekdays, the same bursts and the same quiet times. The mean growth is itself uncertain,
//! the more so the fewer weeks there are: each future has a growth of its own, drawn from Student's
//! distribution around the mean of the weeks. The day on which a future reaches the limit is its
//! result. The statement is the time in which the middle 80 % of all results are. The draws come
//! from a fixed seed, so the same history has the same forecast.
//!
//! **No statement** if there are fewer than four weeks, if the demand did not grow or grew on a few
//! days only, or if fewer than half of the futures are full within a year. The forecast supposes
//! that an organization goes on as before: it knows nothing about a new contract or a second
//! directory.

mod draws;

use serde::{Deserialize, Serialize};

use self::draws::Draws;
use super::{
    history::DailyRollup,
    organization::{SeatLimit, Usage},
    time::{Day, Timestamp},
};

/// When the organization will be full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Forecast {
    /// Between these days, in [`Forecast::LEVEL`] of 100 cases.
    Full(Span),
    Unknown(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub earliest: Day,
    pub latest: Day,
    /// How many weeks the forecast is computed from, and by how much the demand grew in them.
    pub weeks: i64,
    pub growth: i64,
}

/// Why there is no statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    NotSet,
    Unlimited,
    Archived,
    /// No seat is free already.
    Full,
    /// The people who wait would take all free seats.
    WaitlistIsLonger,
    /// There are fewer than four whole weeks of history.
    TooShort,
    /// The demand does not grow.
    NoGrowth,
    /// It grows too slowly or too unevenly for a statement about the next year.
    TooUncertain,
}

impl Forecast {
    /// The statement is right in so many of 100 cases.
    pub const LEVEL: i64 = 80;
    /// How many days of history are used at most.
    pub const DAYS: i64 = 26 * WEEK;
    const LEAST_WEEKS: usize = 4;
    const MOST_WEEKS: usize = 26;
    /// If the growth came from fewer days, it is not known how often such days come.
    const LEAST_DAYS_OF_GROWTH: f64 = 8.0;
    /// Half of the futures must be full within a year, and nearly all of them within three.
    const YEAR: i64 = 365;
    const HORIZON: i64 = 3 * Self::YEAR;
    const FUTURES: usize = 500;

    /// `history` has the days with a decision, in order, and `now` are the present numbers.
    pub fn of(history: &[DailyRollup], now: Usage, today: Day) -> Self {
        Self::computed(history, now, today).map_or_else(Self::Unknown, Self::Full)
    }

    fn computed(history: &[DailyRollup], now: Usage, today: Day) -> Result<Span, Reason> {
        let seats = match now.limit {
            SeatLimit::NotSet => return Err(Reason::NotSet),
            SeatLimit::Unlimited => return Err(Reason::Unlimited),
            SeatLimit::Seats(seats) => seats,
        };
        if now.used >= seats {
            return Err(Reason::Full);
        }
        let room = seats - now.used - now.waiting;
        if room <= 0 {
            return Err(Reason::WaitlistIsLonger);
        }
        let weeks = Weeks::of(&daily_changes(history, today)).ok_or(Reason::TooShort)?;
        let growth = weeks.growth();
        if growth <= 0 {
            return Err(Reason::NoGrowth);
        }
        if weeks.days_of_growth() < Self::LEAST_DAYS_OF_GROWTH {
            return Err(Reason::TooUncertain);
        }
        let mut full: Vec<i64> = weeks.futures(room);
        full.sort_unstable();
        let tail = Self::FUTURES / 10;
        let (first, last) = (full[tail], full[Self::FUTURES - 1 - tail]);
        if full[Self::FUTURES / 2] > Self::YEAR || last > Self::HORIZON {
            return Err(Reason::TooUncertain);
        }
        // today is not over: what still happens on it counts as part of the first day
        let (earliest, latest) = (today.plus(first - 1), today.plus(last));
        let weeks = i64::try_from(weeks.0.len()).unwrap_or(i64::MAX);
        Ok(Span { earliest, latest, weeks, growth })
    }

    /// `Full between 3 and 21 Mar.`, or why there is no forecast.
    pub fn sentence(&self, now: Timestamp) -> String {
        let reason = match self {
            Self::Full(span) if span.earliest == span.latest => {
                return format!("Full on {}.", span.earliest.words(now));
            }
            Self::Full(span) => {
                return format!("Full between {}.", span.earliest.and(span.latest, now));
            }
            Self::Unknown(reason) => reason,
        };
        match reason {
            Reason::NotSet => "No forecast: no seat limit is set.",
            Reason::Unlimited => "No forecast: the number of seats is unlimited.",
            Reason::Archived => "No forecast: the organization is archived.",
            Reason::Full => "No forecast: every seat is taken.",
            Reason::WaitlistIsLonger => {
                "No forecast: the people who wait would take every free seat."
            }
            Reason::TooShort => "No forecast yet: it needs four whole weeks of history.",
            Reason::NoGrowth => "No forecast: the number of people who need a seat does not grow.",
            Reason::TooUncertain => {
                "No forecast: the growth is too slow or too uneven to name a time within a year."
            }
        }
        .to_owned()
    }

    /// How the statement was found, in one sentence.
    pub fn how_we_know(&self) -> Option<String> {
        let Self::Full(Span { weeks, growth, .. }) = self else { return None };
        let grew = match growth {
            1 => "1 more person needed".to_owned(),
            n => format!("{n} more people needed"),
        };
        Some(format!(
            "In the last {weeks} weeks {grew} a seat. If the next weeks are like these, the seats become full in these days in {} of 100 cases.",
            Self::LEVEL,
        ))
    }
}

const WEEK: i64 = 7;
const DAYS_OF_WEEK: usize = 7;

/// The changes of the demand on each whole day after the first one, up to yesterday.
fn daily_changes(history: &[DailyRollup], today: Day) -> Vec<i64> {
    let demand = |row: &DailyRollup| row.usage.used + row.usage.waiting;
    let Some(first) = history.first() else { return Vec::new() };
    let mut rows = history.iter().peekable();
    let (mut last, mut changes) = (demand(first), Vec::new());
    for number in first.day.number()..today.number() {
        let before = last;
        while let Some(row) = rows.next_if(|row| row.day.number() <= number) {
            last = demand(row);
        }
        if number > first.day.number() {
            changes.push(last - before);
        }
    }
    changes
}

/// Whole weeks of daily changes, each beginning with the weekday of today.
struct Weeks(Vec<[i64; DAYS_OF_WEEK]>);

impl Weeks {
    /// `None`: there are too few. The last change is that of yesterday.
    fn of(changes: &[i64]) -> Option<Self> {
        let weeks: Vec<_> = changes
            .rchunks_exact(DAYS_OF_WEEK)
            .take(Forecast::MOST_WEEKS)
            .filter_map(|week| <[i64; DAYS_OF_WEEK]>::try_from(week).ok())
            .collect();
        (weeks.len() >= Forecast::LEAST_WEEKS).then_some(Self(weeks))
    }

    fn growth(&self) -> i64 {
        self.0.iter().flatten().sum()
    }

    /// On how many days the demand grew; days with a large part of the growth count for less. It is
    /// the square of the sum of the growth of all days, divided by the sum of its squares.
    fn days_of_growth(&self) -> f64 {
        let grew = |change: &i64| signed((*change).max(0));
        let sum: f64 = self.0.iter().flatten().map(grew).sum();
        let squares: f64 = self.0.iter().flatten().map(|change| grew(change).powi(2)).sum();
        sum.powi(2) / squares.max(1.0)
    }

    /// The day on which each of the futures has no room any more, 1 for tomorrow; a day behind the
    /// horizon if there is none.
    fn futures(&self, room: i64) -> Vec<i64> {
        let count = float(self.0.len());
        let mean: [f64; DAYS_OF_WEEK] = std::array::from_fn(|day| {
            self.0.iter().map(|week| signed(week[day])).sum::<f64>() / count
        });
        let of_week: f64 = mean.iter().sum();
        let variance =
            self.0.iter().map(|week| (signed(week.iter().sum()) - of_week).powi(2)).sum::<f64>()
                / (count - 1.0);
        let error = (variance / count).sqrt();
        // a sample of few weeks varies less than what it is drawn from
        let widened = (count / (count - 1.0)).sqrt();
        let mut draws = Draws::new();
        let mut future = || {
            let drift = error * draws.student(self.0.len() - 1) / signed(WEEK);
            let (mut left, mut day) = (signed(room), 0);
            while day <= Forecast::HORIZON {
                let week = &self.0[draws.below(self.0.len())];
                for (change, mean) in week.iter().zip(mean) {
                    // what happened today is part of the present numbers
                    if day > 0 {
                        left -= (signed(*change) - mean) * widened + mean + drift;
                    }
                    if left <= 0.0 {
                        return day;
                    }
                    day += 1;
                }
            }
            i64::MAX
        };
        (0..Forecast::FUTURES).map(|_| future()).collect()
    }
}

fn signed(number: i64) -> f64 {
    // numbers of people are far below this
    f64::from(i32::try_from(number).unwrap_or(i32::MAX))
}

fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
