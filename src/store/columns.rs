//! How the domain's values are written in columns, and read back.

use crate::domain::{
    directory_user::{SeatState, Stamp, Weight},
    id::{OrganizationId, ResyncId},
    organization::SeatLimit,
    time::Timestamp,
};

/// Which run of which organization.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    pub organization: &'a OrganizationId,
    pub id: &'a ResyncId,
}

/// `limit_kind`, `limit_seats`.
pub fn from_limit(limit: SeatLimit) -> (&'static str, Option<i64>) {
    match limit {
        SeatLimit::NotSet => ("not_set", None),
        SeatLimit::Seats(seats) => ("seats", Some(seats)),
        SeatLimit::Unlimited => ("unlimited", None),
    }
}

pub fn to_limit(kind: &str, seats: Option<i64>) -> SeatLimit {
    match (kind, seats) {
        ("unlimited", _) => SeatLimit::Unlimited,
        ("seats", Some(seats)) => SeatLimit::Seats(seats),
        _ => SeatLimit::NotSet,
    }
}

/// Room for the event's number below the weight.
const EVENT_BITS: u32 = 61;

/// What wins at the same moment, in one number: the weight, then the event's number.
pub fn tie(stamp: Stamp) -> i64 {
    let weight = match stamp.weight {
        Weight::Active => 0,
        Weight::Inactive => 1,
        Weight::Deleted => 2,
    };
    let event = i64::try_from(stamp.event).unwrap_or(i64::MAX).min((1 << EVENT_BITS) - 1);
    (weight << EVENT_BITS) | event
}

pub fn stamp(at: i64, tie: i64) -> Stamp {
    let weight = match tie >> EVENT_BITS {
        0 => Weight::Active,
        1 => Weight::Inactive,
        _ => Weight::Deleted,
    };
    let event = u64::try_from(tie & ((1 << EVENT_BITS) - 1)).unwrap_or(0);
    Stamp { at: Timestamp::from_nanos(at), weight, event }
}

/// A state the table's check has let in.
pub fn state(text: &str) -> SeatState {
    SeatState::parse(text).unwrap_or(SeatState::Removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_keeps_its_order_in_two_columns() {
        let all = [(Weight::Active, 1), (Weight::Active, 999_999_999_999_999_999), (Weight::Inactive, 0), (Weight::Deleted, 5)];
        let stamps = all.map(|(weight, event)| Stamp { at: Timestamp::from_seconds(1), weight, event });
        for pair in stamps.windows(2) {
            assert!(tie(pair[0]) < tie(pair[1]));
        }
        for one in stamps {
            assert_eq!(stamp(one.at.nanos(), tie(one)), one);
        }
    }
}
