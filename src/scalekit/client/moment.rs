//! Finds the time at which an answer was true. It is compared with webhooks, which carry Scalekit's
//! time. If our clock is ahead of Scalekit's, our time would wrongly take precedence over later
//! changes.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap};

use crate::domain::time::Timestamp;

/// With clocks further apart than this no webhook would be accepted either, so a `Date` header that
/// differs more is ignored.
const MOST_APART: Duration = Duration::from_mins(15);

/// When a request was made, by the clock that is behind. Our clock gives the time of the request
/// and of the answer. Scalekit's `Date` header gives the time when the answer was ready; the
/// duration of the call is subtracted from it, because the request was made no earlier than that.
pub(super) fn asked_at(
    (asked, answered): (Timestamp, Timestamp),
    headers: &HeaderMap,
) -> Timestamp {
    let said = headers.get(DATE).and_then(|date| Timestamp::parse_rfc2822(date.to_str().ok()?));
    let theirs = said.map(|said| said.minus(answered.since(asked)));
    theirs
        .filter(|theirs| asked.since(*theirs) <= MOST_APART)
        .map_or(asked, |theirs| theirs.min(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 05:48:12.
    const NOON: Timestamp = Timestamp::from_seconds(1_795_326_492);

    fn asked(took: u64, date: &str) -> Timestamp {
        let headers = [(DATE, date.parse().unwrap())].into_iter().collect();
        asked_at((NOON, NOON.plus(Duration::from_secs(took))), &headers)
    }

    #[test]
    fn the_clock_that_is_behind_counts() {
        assert_eq!(asked(0, "Sun, 22 Nov 2026 05:48:12 GMT"), NOON);
        assert_eq!(
            asked(0, "Sun, 22 Nov 2026 05:47:02 GMT"),
            NOON.minus(Duration::from_secs(70)),
            "ours runs ahead"
        );
        assert_eq!(
            asked(3, "Sun, 22 Nov 2026 05:47:02 GMT"),
            NOON.minus(Duration::from_secs(73)),
            "it took its time"
        );
        assert_eq!(asked(0, "Sun, 22 Nov 2026 05:49:02 GMT"), NOON, "ours is behind");
        assert_eq!(asked(9, "Sun, 22 Nov 2026 05:48:21 GMT"), NOON);
    }

    #[test]
    fn what_is_no_clock_counts_for_nothing() {
        for date in ["", "now", "Sun, 22 Nov 1970 05:48:12 GMT", "2026-11-22T05:47:02Z"] {
            assert_eq!(asked(0, date), NOON, "{date}");
        }
        assert_eq!(asked_at((NOON, NOON), &HeaderMap::new()), NOON);
    }
}
