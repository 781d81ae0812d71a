//! A day of the calendar in UTC.

use serde::{Deserialize, Serialize};
use time::Month;

use super::{SECOND, Timestamp, month};

/// Counts the days since 1970-01-01.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Day(i64);

impl Day {
    const NANOS: i64 = 86_400 * SECOND;

    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    pub const fn of(at: Timestamp) -> Self {
        Self(at.0.div_euclid(Self::NANOS))
    }

    pub const fn number(self) -> i64 {
        self.0
    }

    pub const fn begins(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(Self::NANOS))
    }

    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The days since `earlier`; below zero if `earlier` is later than this.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Parses `2026-11-22`.
    pub fn parse(text: &str) -> Option<Self> {
        let day = Self::of(Timestamp::parse(&format!("{text}T00:00:00Z"))?);
        (day.written() == text).then_some(day)
    }

    /// `2026-11-22`, for machines and `<time datetime>`.
    pub fn written(self) -> String {
        self.begins().day()
    }

    /// `12 Mar`, or with its year if that is not the year of `now`.
    pub fn words(self, now: Timestamp) -> String {
        let (day, today) = (self.begins().utc(), now.utc());
        if day.year() == today.year() {
            format!("{} {}", day.day(), month(day))
        } else {
            format!("{} {} {}", day.day(), month(day), day.year())
        }
    }

    /// This day and a later one: `3 and 21 Mar`, `28 Mar and 4 Apr`.
    pub fn and(self, later: Self, now: Timestamp) -> String {
        let (first, last) = (self.begins().utc(), later.begins().utc());
        let (first_words, last_words) = (self.words(now), later.words(now));
        if (first.year(), first.month()) == (last.year(), last.month()) {
            format!("{} and {last_words}", first.day())
        } else {
            format!("{first_words} and {last_words}")
        }
    }

    /// Whether a month of the calendar begins with this day.
    pub fn is_first_of_month(self) -> bool {
        self.begins().utc().day() == 1
    }

    /// Whether it is the first of January.
    pub fn is_first_of_year(self) -> bool {
        self.is_first_of_month() && self.begins().utc().month() == Month::January
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::of(Timestamp::of_day(text).unwrap())
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let evening = Timestamp::parse("2026-11-22T23:59:59.999Z").unwrap();

        assert_eq!(Day::of(evening).written(), "2026-11-22");
        assert_eq!(Day::of(Timestamp::from_nanos(-1)).written(), "1969-12-31");
        assert_eq!(day("2027-01-01").since(Day::of(evening)), 40);
        assert_eq!(day("2026-11-22").plus(40), day("2027-01-01"));
    }

    #[test]
    fn two_days_are_written_without_repeating_their_month() {
        let now = Timestamp::parse("2026-11-22T10:00:00Z").unwrap();
        let and = |first, last| day(first).and(day(last), now);

        assert_eq!(and("2026-12-03", "2026-12-21"), "3 and 21 Dec");
        assert_eq!(and("2026-11-28", "2026-12-04"), "28 Nov and 4 Dec");
        assert_eq!(and("2026-12-28", "2027-03-04"), "28 Dec and 4 Mar 2027");
        assert_eq!(and("2027-03-04", "2027-03-28"), "4 and 28 Mar 2027");
    }
}
