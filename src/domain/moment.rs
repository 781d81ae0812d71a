//! When a piece of news happened: what the wire says, made fit to compare. The whole rule, in one place:
//!
//! - `occurred_at`, else `timestamp`: RFC 3339 and its neighbours that leave no room for a guess (`time/written.rs`).
//! - Neither is there (absent, null, empty): the time of the first receipt of that `webhook-id`.
//! - One is there and none can be read (no zone, a number, beyond the years 1677 to 2262): a dead letter (`event/read.rs`). It is
//!   never the present time, at which an old event would undo everything newer.
//! - More than five minutes ahead of our clock: the time of receipt.

use std::time::Duration;

use super::time::Timestamp;

/// How far a sender's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_mins(5);

/// When it happened: as told; but a time too far in our future, or none at all, is the time of receipt.
/// `received` is the first receipt of its `webhook-id`, so that a retry happened when the first try did.
pub fn happened_at(told: Option<Timestamp>, received: Timestamp) -> Timestamp {
    told.filter(|told| *told <= received.plus(AHEAD)).unwrap_or(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_more_than_five_minutes_ahead_is_the_time_of_receipt() {
        let received = Timestamp::from_seconds(1_000);
        let ahead = received.plus(AHEAD);
        let just_beyond = ahead.plus(Duration::from_nanos(1));

        assert_eq!(happened_at(Some(ahead), received), ahead);
        assert_eq!(happened_at(Some(just_beyond), received), received);
        assert_eq!(happened_at(Some(Timestamp::from_seconds(1)), received), Timestamp::from_seconds(1));
    }

    #[test]
    fn no_time_at_all_is_the_time_of_receipt() {
        let received = Timestamp::from_seconds(1_000);

        assert_eq!(happened_at(None, received), received);
    }
}
