//! Parses a time as other programs write it: RFC 3339, and similar formats that are unambiguous. A
//! text without a zone or without a date is not a time.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Parses `2024-01-15T10:30:00.123+01:00`. It also accepts a blank or a lower-case `t`, a time
/// without seconds, a fraction of any length (digits after the nanoseconds are cut), a leap second,
/// and the zones `z`, `+0100` and `+01`.
pub(super) fn parse(text: &str) -> Option<OffsetDateTime> {
    let mut rest = Rest(text.trim().as_bytes());
    let date = date(&mut rest)?;
    rest.one_of(b"Tt ")?;
    let time = time(&mut rest)?;
    let offset = offset(&mut rest)?;
    rest.0.is_empty().then(|| PrimitiveDateTime::new(date, time).assume_offset(offset))
}

fn date(rest: &mut Rest<'_>) -> Option<Date> {
    let year = i32::from(rest.number(4)?);
    rest.one_of(b"-")?;
    let month = Month::try_from(u8::try_from(rest.number(2)?).ok()?).ok()?;
    rest.one_of(b"-")?;
    Date::from_calendar_date(year, month, u8::try_from(rest.number(2)?).ok()?).ok()
}

fn time(rest: &mut Rest<'_>) -> Option<Time> {
    let hour = u8::try_from(rest.number(2)?).ok()?;
    rest.one_of(b":")?;
    let minute = u8::try_from(rest.number(2)?).ok()?;
    let (mut second, mut nanos) = (0, 0);
    if rest.one_of(b":").is_some() {
        second = u8::try_from(rest.number(2)?).ok()?;
        nanos = if rest.one_of(b".,").is_some() { rest.fraction()? } else { 0 };
    }
    // A leap second becomes the last nanosecond of its minute, so it is later than everything
    // before it.
    let (second, nanos) = if second == 60 { (59, 999_999_999) } else { (second, nanos) };
    Time::from_hms_nano(hour, minute, second, nanos).ok()
}

fn offset(rest: &mut Rest<'_>) -> Option<UtcOffset> {
    let sign = match rest.one_of(b"Zz+-")? {
        b'+' => 1,
        b'-' => -1,
        _ => return Some(UtcOffset::UTC),
    };
    let hours = i8::try_from(rest.number(2)?).ok()?;
    let has_minutes = rest.one_of(b":").is_some() || !rest.0.is_empty();
    let minutes = if has_minutes { i8::try_from(rest.number(2)?).ok()? } else { 0 };
    let is_one = hours <= 23 && minutes <= 59;
    is_one.then(|| UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()).flatten()
}

/// The text that is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// The next byte, if it is one of these.
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// A number with exactly this many digits.
    fn number(&mut self, digits: usize) -> Option<u16> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let is_number = number.iter().all(u8::is_ascii_digit);
        self.0 = rest;
        is_number.then(|| number.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
    }

    /// A fraction of a second, in nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        (length > 0).then(|| padded.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> Option<i128> {
        parse(text).map(OffsetDateTime::unix_timestamp_nanos)
    }

    #[test]
    fn what_leaves_no_room_for_a_guess_is_read() {
        let half_past_nine = nanos("2024-01-15T09:30:00Z");
        assert!(half_past_nine.is_some());
        for same in [
            "2024-01-15T10:30:00+01:00",
            "2024-01-15T10:30:00+0100",
            "2024-01-15T10:30:00+01",
            "2024-01-15T10:30+01",
            "2024-01-15T09:30Z",
            "2024-01-15t09:30:00z",
            "2024-01-15 09:30:00Z",
            " 2024-01-15T09:30:00,0Z\n",
            "2024-01-15T09:30:00.0000000000000000000000000Z",
            "2024-01-15T09:30:00.000000000999Z",
            "2024-01-15T04:00:00-0530",
            "2024-01-15T09:30:00-00:00",
        ] {
            assert_eq!(nanos(same), half_past_nine, "{same}");
        }
    }

    #[test]
    fn a_leap_second_is_the_last_moment_of_its_minute() {
        let leap = nanos("2016-12-31T23:59:60Z");
        assert!(leap > nanos("2016-12-31T23:59:59.99999Z") && leap < nanos("2017-01-01T00:00:00Z"));
        assert_eq!(nanos("2017-01-01T00:59:60.5+01:00"), leap);
    }

    #[test]
    fn what_would_have_to_be_guessed_is_no_time() {
        for bad in [
            "",
            "now",
            "2024-01-15",
            "2024-01-15T10:30:00",
            "2024-01-15 10:30",
            "1705311000",
            "1705311000000",
            "15.01.2024 10:30:00Z",
            "01/15/2024 10:30:00Z",
            "24-01-15T10:30:00Z",
            "2024-1-15T10:30:00Z",
            "2024-13-15T10:30:00Z",
            "2024-02-30T10:30:00Z",
            "2024-01-15T25:30:00Z",
            "2024-01-15T10:30:61Z",
            "2024-01-15T10:30:00.Z",
            "2024-01-15T10:30:00+1",
            "2024-01-15T10:30:00+01:",
            "2024-01-15T10:30:00+01:60",
            "2024-01-15T10:30:00+24:00",
            "2024-01-15T10:30:00Z Z",
            "2024-01-15T10:30:00 Europe/Berlin",
            "２０２４-01-15T10:30:00Z",
            "-2024-01-15T10:30:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
