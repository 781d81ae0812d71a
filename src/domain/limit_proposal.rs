//! A large change of a seat limit waits for a second staff member: it is a proposal until that
//! person approves it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::{AccountId, OrganizationId, ProposalId, SeatRequestId},
    limit_end::LimitEnd,
    organization::SeatLimit,
    time::Timestamp,
};

/// A proposal. An organization has at most one that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitProposal {
    pub organization: OrganizationId,
    pub id: ProposalId,
    pub state: ProposalState,
    /// The limit at that time, in words, and its version.
    pub before: String,
    pub limit_version: i64,
    pub limit: SeatLimit,
    /// When the new limit ends; `None`: it does not end.
    pub until: Option<Timestamp>,
    pub reason: String,
    /// The seat request that the proposal approves.
    pub request: Option<SeatRequestId>,
    /// What the organization reads with the approval of its request; may be empty.
    pub text: String,
    /// The name and the account of the person who proposes it.
    pub by: String,
    pub account: AccountId,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    pub answer: Option<ProposalAnswer>,
}

/// How a proposal ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalAnswer {
    pub by: String,
    /// Empty if nothing was written.
    pub text: String,
    pub at: Timestamp,
}

impl LimitProposal {
    /// For how long a proposal waits.
    pub const LASTS: Duration = Duration::from_hours(7 * 24);

    /// Whether a second person can still approve it.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == ProposalState::Open && now < self.expires_at
    }

    /// The last day of the new limit, if it ends.
    pub fn end(&self, then: SeatLimit) -> Option<LimitEnd> {
        self.until.map(|at| LimitEnd { at, then })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// It waits for a second person.
    Open,
    Approved,
    Rejected,
    Withdrawn,
    Expired,
}

impl ProposalState {
    pub const ALL: [Self; 5] =
        [Self::Open, Self::Approved, Self::Rejected, Self::Withdrawn, Self::Expired];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The state in one word, for a badge.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Withdrawn => "Withdrawn",
            Self::Expired => "Expired",
        }
    }
}

/// A message about a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalMessage {
    /// To staff, but not to the person who proposed it.
    Waits,
    /// To the person who proposed it.
    Answered,
}

impl ProposalMessage {
    pub const ALL: [Self; 2] = [Self::Waits, Self::Answered];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waits => "limit_proposal_waits",
            Self::Answered => "limit_proposal_answered",
        }
    }

    /// The message in a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waits => "A change of a limit waits for a second person",
            Self::Answered => "A proposed change of a limit was answered",
        }
    }
}

/// A limit, and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitTerms {
    pub limit: SeatLimit,
    pub end: Option<LimitEnd>,
}

impl LimitTerms {
    fn at(&self, moment: Timestamp) -> SeatLimit {
        match self.end {
            Some(end) if end.at <= moment => end.then,
            _ => self.limit,
        }
    }

    /// Whether the change to other terms is larger than that many seats at any time: a limit that
    /// was approved until a day does not become a lasting one without a second person.
    pub fn changes_more_than(&self, above: u32, after: &Self) -> bool {
        let ends = [self.end, after.end].into_iter().flatten().map(|end| end.at);
        let moments = [Timestamp::from_nanos(i64::MIN)].into_iter().chain(ends);
        moments
            .map(|moment| difference(self.at(moment), after.at(moment)))
            .any(|seats| seats.is_none_or(|seats| seats > above.into()))
    }
}

/// How many seats are between two limits, of which one that is not set has none. `None`: one of
/// them is unlimited, which is more than any number.
fn difference(one: SeatLimit, other: SeatLimit) -> Option<i64> {
    let seats = |limit| match limit {
        SeatLimit::NotSet => Some(0),
        SeatLimit::Seats(seats) => Some(seats),
        SeatLimit::Unlimited => None,
    };
    match (seats(one), seats(other)) {
        (Some(one), Some(other)) => Some((one - other).abs()),
        (None, None) => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        organization::SeatLimit::{NotSet, Seats, Unlimited},
        property::cases,
    };

    fn lasting(limit: SeatLimit) -> LimitTerms {
        LimitTerms { limit, end: None }
    }

    fn until(limit: SeatLimit, seconds: i64, then: SeatLimit) -> LimitTerms {
        LimitTerms { limit, end: Some(LimitEnd { at: Timestamp::from_seconds(seconds), then }) }
    }

    #[test]
    fn each_state_and_message_has_a_name_of_its_own() {
        for state in ProposalState::ALL {
            assert_eq!(ProposalState::parse(state.as_str()), Some(state));
        }
        assert_ne!(ProposalMessage::Waits.as_str(), ProposalMessage::Answered.as_str());
    }

    #[test]
    fn the_size_of_a_change_is_the_difference_in_seats() {
        let is_large = |before, after| lasting(before).changes_more_than(20, &lasting(after));

        for (before, after) in [
            (Seats(50), Seats(70)),
            (Seats(50), Seats(30)),
            (NotSet, Seats(20)),
            (Unlimited, Unlimited),
        ] {
            assert!(!is_large(before, after), "{before:?} {after:?}");
        }
        for (before, after) in [
            (Seats(50), Seats(71)),
            (Seats(50), Seats(29)),
            (NotSet, Seats(21)),
            (Seats(SeatLimit::MOST), Unlimited),
            (Unlimited, Seats(SeatLimit::MOST)),
            (NotSet, Unlimited),
        ] {
            assert!(is_large(before, after), "{before:?} {after:?}");
        }
        assert!(lasting(Seats(5)).changes_more_than(0, &lasting(Seats(6))), "each change");
    }

    #[test]
    fn a_limit_that_ends_does_not_last_longer_by_itself() {
        let large = until(Seats(500), 9, Seats(50));
        let is_large = |after: LimitTerms| large.changes_more_than(20, &after);

        assert!(is_large(lasting(Seats(500))), "it would stay");
        assert!(is_large(until(Seats(500), 10, Seats(50))), "a day longer");
        assert!(is_large(until(Seats(500), 8, Seats(50))), "a day less");
        assert!(!is_large(until(Seats(510), 9, Seats(50))));
        assert!(!is_large(large), "the same");
        assert!(lasting(Seats(50)).changes_more_than(20, &large), "for a time");
    }

    fn limits() -> impl Strategy<Value = SeatLimit> {
        prop_oneof![Just(NotSet), Just(Unlimited), (0..200_i64).prop_map(Seats)]
    }

    fn terms() -> impl Strategy<Value = LimitTerms> {
        (limits(), proptest::option::of((0..5_i64, limits()))).prop_map(|(limit, end)| match end {
            None => lasting(limit),
            Some((seconds, then)) => until(limit, seconds, then),
        })
    }

    proptest! {
        #![proptest_config(cases(2_000))]

        #[test]
        fn a_change_and_its_reverse_are_equally_large(
            (one, other, above) in (terms(), terms(), 0..200_u32)
        ) {
            let is_large = one.changes_more_than(above, &other);
            prop_assert_eq!(is_large, other.changes_more_than(above, &one));
            prop_assert!(!one.changes_more_than(above, &one), "no change is never large");
            if is_large && above > 0 {
                prop_assert!(one.changes_more_than(above - 1, &other), "a smaller bound");
            }
        }
    }
}
