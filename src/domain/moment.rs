//! When an event happened, in a form that can be compared. This is the complete rule:
//!
//! - `occurred_at`, otherwise `timestamp`: RFC 3339 and similar formats that are unambiguous
//!   (`time/written.rs`).
//! - Neither is there (absent, null, empty): the time of the first receipt of that `webhook-id`.
//! - At least one is there but none can be read (no zone, a number, outside the years 1677 to
//!   2262): a dead letter (`event/read.rs`). The present time is never used instead, because an old
//!   event would then undo everything newer.
//! - More than five minutes ahead of our clock: the time of receipt.
//!
//! A delivery that counts as of its receipt says so.

use std::time::Duration;

use super::time::Timestamp;

/// How far a sender's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_mins(5);

/// Returns when an event happened: `told`, or `received` if `told` is missing or too far in the
/// future. `received` is the first receipt of its `webhook-id`, so that a retry has the time of the
/// first try.
pub fn occurred_at_or_received(occurred: Option<Timestamp>, received: Timestamp) -> Timestamp {
    occurred.filter(|occurred| !is_too_far_ahead(*occurred, received)).unwrap_or(received)
}

/// Returns whether an event is so far in the future that the time of receipt counts instead.
pub fn is_too_far_ahead(occurred: Timestamp, received: Timestamp) -> bool {
    occurred > received.plus(AHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_more_than_five_minutes_ahead_is_the_time_of_receipt() {
        let received = Timestamp::from_seconds(1_000);
        let ahead = received.plus(AHEAD);
        let just_beyond = ahead.plus(Duration::from_nanos(1));

        assert_eq!(occurred_at_or_received(Some(ahead), received), ahead);
        assert_eq!(occurred_at_or_received(Some(just_beyond), received), received);
        assert_eq!(
            occurred_at_or_received(Some(Timestamp::from_seconds(1)), received),
            Timestamp::from_seconds(1)
        );
    }

    #[test]
    fn no_time_at_all_is_the_time_of_receipt() {
        let received = Timestamp::from_seconds(1_000);

        assert_eq!(occurred_at_or_received(None, received), received);
    }
}
