//! Reads `Retry-After`: seconds, or a date. A date is compared with the answer's own `Date` header,
//! because our clock may differ.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::pacing::LONGEST;
use crate::domain::time::Timestamp;

/// How long the answer asks us to wait, at most `LONGEST`. A value that cannot be read gives
/// `None`; a time that has passed gives zero.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        seconds(text)?
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let said = || httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?.trim()).ok();
        until.duration_since(said().unwrap_or_else(|| system(now))).unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok().filter(|seconds: &f64| !seconds.is_nan())?;
    if seconds <= 0.0 {
        Some(Duration::ZERO)
    } else {
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }
}

fn system(now: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(now.seconds()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 05:48:12.
    const NOW: Timestamp = Timestamp::from_seconds(1_795_326_492);

    fn wait(text: &str, date: Option<&str>) -> Option<u64> {
        let mut headers: HeaderMap = [(RETRY_AFTER, text.parse().unwrap())].into_iter().collect();
        headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
        retry_after(&headers, NOW).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_read_within_bounds() {
        assert_eq!(wait("20", None), Some(20));
        assert_eq!(wait(" 3 ", None), Some(3));
        assert_eq!(wait("0", None), Some(0));
        assert_eq!(wait("-5", None), Some(0));
        for huge in ["99999999999999999999999", "1e300", "86400"] {
            assert_eq!(wait(huge, None), Some(LONGEST.as_secs()), "{huge}");
        }
    }

    #[test]
    fn a_date_is_measured_against_the_answers_own_clock() {
        let an_hour_behind = Some("Sun, 22 Nov 2026 04:48:12 GMT");
        assert_eq!(wait("Sun, 22 Nov 2026 04:48:32 GMT", an_hour_behind), Some(20));
        assert_eq!(
            wait("Sunday, 22-Nov-26 04:48:32 GMT", an_hour_behind),
            Some(20),
            "as it was written before"
        );
        assert_eq!(
            wait("Sun Nov 22 04:48:32 2026", an_hour_behind),
            Some(20),
            "as it was written long before"
        );
        assert_eq!(wait("Sun, 22 Nov 2026 04:48:02 GMT", an_hour_behind), Some(0), "it has passed");
        assert_eq!(
            wait("Sun, 22 Nov 2026 05:48:32 GMT", None),
            Some(20),
            "without a clock of its own ours counts"
        );
        assert_eq!(wait("Fri, 31 Dec 9999 23:59:59 GMT", an_hour_behind), Some(LONGEST.as_secs()));
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for garbage in
            ["", "soon", "NaN", "inf", "12 seconds", "--1", "Sun, 99 Nov 2026 05:48:32 GMT"]
        {
            assert_eq!(wait(garbage, None), None, "{garbage}");
        }
    }
}
