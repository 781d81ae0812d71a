//! `Timestamp`: nanoseconds since 1970 in UTC, and the formats that people read.

mod day;
mod written;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::{
    OffsetDateTime,
    format_description::well_known::{Rfc2822, Rfc3339},
};

pub use day::Day;

/// Nanoseconds since 1970-01-01 in UTC, from 1677 to 2262.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

const SECOND: i64 = 1_000_000_000;

impl Timestamp {
    /// Earlier than every other time: the time of an update that has not arrived.
    pub const NEVER: Self = Self(i64::MIN);

    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }

    pub const fn nanos(self) -> i64 {
        self.0
    }

    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// Parses RFC 3339 and similar unambiguous formats, see `written`. `None` if the time does not
    /// fit into an `i64` of nanoseconds.
    ///
    /// ```
    /// use domain::time::Timestamp;
    ///
    /// let time = Timestamp::parse("2026-11-22T06:48:12+01:00").unwrap();
    ///
    /// assert_eq!(time.exact(), "22 Nov 2026, 05:48:12 UTC");
    /// assert_eq!(Timestamp::parse("yesterday"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let nanos = written::parse(text)?.unix_timestamp_nanos();
        i64::try_from(nanos).ok().map(Self).filter(|time| *time > Self::NEVER)
    }

    /// Parses the format of HTTP: `Sun, 22 Nov 2026 05:48:12 GMT`.
    pub fn parse_rfc2822(text: &str) -> Option<Self> {
        let time = OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?;
        Some(Self::from_seconds(time.unix_timestamp()))
    }

    /// The beginning of a day in UTC, from `2026-11-22`, as a date field of a form sends it.
    pub fn of_day(text: &str) -> Option<Self> {
        Self::parse(&format!("{}T00:00:00Z", text.trim()))
    }

    /// `2026-11-22`, for a date field of a form.
    pub fn day(self) -> String {
        let t = self.utc();
        format!("{:04}-{:02}-{:02}", t.year(), u8::from(t.month()), t.day())
    }

    /// `2026-11-22T05:48:12`, for a date-and-time field of a form, which is in UTC.
    pub fn day_and_time(self) -> String {
        let t = self.utc();
        format!("{}T{:02}:{:02}:{:02}", self.day(), t.hour(), t.minute(), t.second())
    }

    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos(span)))
    }

    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(span)))
    }

    /// The time since `earlier`; zero if `earlier` is later than this.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// `2026-11-22T05:48:00.123456789Z`, for machines and `<time datetime>`.
    pub fn rfc3339(self) -> String {
        self.utc().format(&Rfc3339).unwrap_or_default()
    }

    /// `22 Nov 2026, 05:48:12 UTC`, for readers who need the exact time.
    pub fn exact(self) -> String {
        let t = self.utc();
        format!(
            "{} {} {}, {:02}:{:02}:{:02} UTC",
            t.day(),
            month(t),
            t.year(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// `05:48:12 UTC`, for a time of today.
    pub fn time_of_day(self) -> String {
        let t = self.utc();
        format!("{:02}:{:02}:{:02} UTC", t.hour(), t.minute(), t.second())
    }

    /// `just now`, `5 min ago`, `3 h ago`, `yesterday`, `12 Mar`, `12 Mar 2024`.
    pub fn ago(self, now: Self) -> String {
        let (then, today) = (self.utc(), now.utc());
        match now.since(self).as_secs() {
            0..45 => "just now".to_owned(),
            s @ 45..3_600 => format!("{} min ago", (s / 60).max(1)),
            s @ 3_600..72_000 => format!("{} h ago", s / 3_600),
            s if s < 172_800 && (today.date() - then.date()).whole_days() == 1 => {
                "yesterday".to_owned()
            }
            _ if then.year() == today.year() => format!("{} {}", then.day(), month(then)),
            _ => format!("{} {} {}", then.day(), month(then), then.year()),
        }
    }

    fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

fn nanos(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

fn month(t: OffsetDateTime) -> &'static str {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [usize::from(u8::from(t.month())) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_survive_the_way_there_and_back() {
        let text = "2024-01-15T10:30:00.123456789Z";
        assert_eq!(Timestamp::parse(text).map(Timestamp::rfc3339).as_deref(), Some(text));
        assert_eq!(
            Timestamp::parse("2024-01-15T11:30:00+01:00"),
            Timestamp::parse("2024-01-15T10:30:00Z")
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for bad in ["", "yesterday", "2024-13-01T00:00:00Z", "9999-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_are_written_in_words() {
        let now = Timestamp::from_seconds(1_790_000_000);
        let before = |seconds| now.minus(Duration::from_secs(seconds)).ago(now);
        assert_eq!(before(3), "just now");
        assert_eq!(before(300), "5 min ago");
        assert_eq!(before(7_200), "2 h ago");
        assert_eq!(before(90_000), "yesterday");
        assert_eq!(Timestamp::NEVER.plus(Duration::from_secs(1)).nanos(), i64::MIN + SECOND);
    }
}
