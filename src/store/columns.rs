//! Converts the domain's values to columns and back.

use crate::domain::{
    directory_user::{Precedence, SeatState, Version},
    id::{OrganizationId, ResyncId},
    organization::SeatLimit,
    time::Timestamp,
};

/// A resync of an organization.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    pub organization: &'a OrganizationId,
    pub id: &'a ResyncId,
}

/// The columns `limit_kind` and `limit_seats`.
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

/// The bits for the event's number, below the precedence.
const EVENT_BITS: u32 = 61;
/// The smallest tie-breaker of a deletion.
pub const FIRST_DELETED_TIE: i64 = 2 << EVENT_BITS;

/// The tie-breaker of versions of the same moment, in one number: the precedence, then the event's
/// number.
pub fn tie(stamp: Version) -> i64 {
    let weight = match stamp.weight {
        Precedence::Active => 0,
        Precedence::Inactive => 1,
        Precedence::Deleted => 2,
    };
    let event = i64::try_from(stamp.event).unwrap_or(i64::MAX).min((1 << EVENT_BITS) - 1);
    (weight << EVENT_BITS) | event
}

pub fn stamp(at: i64, tie: i64) -> Version {
    let weight = match tie >> EVENT_BITS {
        0 => Precedence::Active,
        1 => Precedence::Inactive,
        _ => Precedence::Deleted,
    };
    let event = u64::try_from(tie & ((1 << EVENT_BITS) - 1)).unwrap_or(0);
    Version { at: Timestamp::from_nanos(at), weight, event }
}

/// A state; the table's check constraint permits only known ones.
pub fn state(text: &str) -> SeatState {
    SeatState::parse(text).unwrap_or(SeatState::Removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_keeps_its_order_in_two_columns() {
        let all = [
            (Precedence::Active, 1),
            (Precedence::Active, 999_999_999_999_999_999),
            (Precedence::Inactive, 0),
            (Precedence::Deleted, 5),
        ];
        let stamps =
            all.map(|(weight, event)| Version { at: Timestamp::from_seconds(1), weight, event });
        for pair in stamps.windows(2) {
            assert!(tie(pair[0]) < tie(pair[1]));
        }
        for one in stamps {
            assert_eq!(stamp(one.at.nanos(), tie(one)), one);
        }
    }
}
