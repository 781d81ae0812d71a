//! A seat limit that applies until a day.

use serde::{Deserialize, Serialize};

use super::{
    organization::SeatLimit,
    refusal::Refusal,
    time::{Day, Timestamp},
};

/// When a limit ends, and which limit applies then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitEnd {
    pub at: Timestamp,
    pub then: SeatLimit,
}

impl LimitEnd {
    /// How many days ahead a limit may end: ten years.
    const FURTHEST: i64 = 3_653;

    /// The end of the last day that a person types; empty: the limit does not end. Days are those
    /// of UTC.
    pub fn parse(text: &str, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let day = Day::parse(text).ok_or(Refusal::LastDay)?;
        if !(0..=Self::FURTHEST).contains(&day.since(Day::of(now))) {
            return Err(Refusal::LastDayRange);
        }
        Ok(Some(day.plus(1).begins()))
    }

    /// The last day on which the limit applies.
    pub fn last_day(&self) -> Day {
        Day::of(self.at).plus(-1)
    }

    /// `until 31 Jan 2027, then 50 seats`
    pub fn words(&self, now: Timestamp) -> String {
        format!("until {}, then {}", self.last_day().words(now), self.then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_limit_ends_with_its_last_day() {
        let now = at("2026-11-30T12:00:00Z");
        let parsed = |text: &str| LimitEnd::parse(text, now);

        assert_eq!(parsed(" "), Ok(None));
        assert_eq!(parsed(" 2027-01-31 "), Ok(Some(at("2027-02-01T00:00:00Z"))));
        assert_eq!(parsed("2026-11-30"), Ok(Some(at("2026-12-01T00:00:00Z"))), "today");
        for past_or_far in ["2026-11-29", "2036-12-02"] {
            assert_eq!(parsed(past_or_far), Err(Refusal::LastDayRange), "{past_or_far}");
        }
        for no_day in ["31 Jan", "2027-02-30", "2027-1-31", "2027-01-31T00:00:00Z", "-1"] {
            assert_eq!(parsed(no_day), Err(Refusal::LastDay), "{no_day}");
        }
    }

    #[test]
    fn it_says_what_applies_then() {
        let end = LimitEnd { at: at("2027-02-01T00:00:00Z"), then: SeatLimit::Seats(50) };

        assert_eq!(end.words(at("2026-11-30T12:00:00Z")), "until 31 Jan 2027, then 50 seats");
    }
}
