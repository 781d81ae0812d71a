//! When a piece of news happened, and its number among news of the same moment: what the wire says, made fit to compare.

use std::time::Duration;

use super::{id::EventId, time::Timestamp};

/// How far a sender's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_mins(5);

/// When it happened: as told; but a time too far in our future, or none at all, is the time of receipt.
/// `received` is the first receipt of its `webhook-id`, so that a retry happened when the first try did.
pub fn happened_at(told: Option<Timestamp>, received: Timestamp) -> Timestamp {
    told.filter(|told| *told <= received.plus(AHEAD)).unwrap_or(received)
}

/// The number at the end of `evt_53891546994442316`; 0 where there is none.
pub fn event_number(event: Option<&EventId>) -> u64 {
    let digits = event.and_then(|event| event.as_str().rsplit('_').next());
    digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())).and_then(|digits| digits.parse().ok()).unwrap_or(0)
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

    #[test]
    fn events_are_numbered_by_the_end_of_their_id() {
        let number = |id: &str| event_number(Some(&EventId::new(id)));

        assert_eq!(number("evt_53891546994442316"), 53_891_546_994_442_316);
        assert_eq!(number("evt_00000000000000000009"), 9);
        for bad in ["evt_", "evt_12a", "evt_-1", "evt_+1", "evt_99999999999999999999999", ""] {
            assert_eq!(number(bad), 0, "{bad}");
        }
        assert_eq!(event_number(None), 0);
    }
}
