//! A seat limit as a person types it into a form: the new limit, or how many seats more.

use super::{SeatLimit, number_of_seats};
use crate::refusal::Refusal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedLimit {
    Exactly(SeatLimit),
    /// `+5`
    More(i64),
}

impl TypedLimit {
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text.trim().strip_prefix('+') {
            Some(more) => number_of_seats(more).map(Self::More).ok_or(Refusal::SeatLimit),
            None => SeatLimit::parse(text).map(Self::Exactly),
        }
    }

    /// The limit that is meant while the organization has the limit `now`. Only a number of seats
    /// can have more of them.
    ///
    /// ```
    /// use domain::organization::{SeatLimit, TypedLimit};
    ///
    /// let five_more = TypedLimit::parse("+5").unwrap();
    /// assert_eq!(five_more.beside(SeatLimit::Seats(50)), Ok(SeatLimit::Seats(55)));
    /// assert!(five_more.beside(SeatLimit::Unlimited).is_err());
    /// ```
    pub fn beside(self, now: SeatLimit) -> Result<SeatLimit, Refusal> {
        match (self, now) {
            (Self::Exactly(limit), _) => Ok(limit),
            (Self::More(more), SeatLimit::Seats(seats)) if seats + more <= SeatLimit::MOST => {
                Ok(SeatLimit::Seats(seats + more))
            }
            (Self::More(_), _) => Err(Refusal::SeatLimit),
        }
    }
}

impl From<SeatLimit> for TypedLimit {
    fn from(limit: SeatLimit) -> Self {
        Self::Exactly(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_seats_are_counted_from_the_limit_of_now() {
        let beside = |text, now| TypedLimit::parse(text).and_then(|typed| typed.beside(now));

        assert_eq!(beside(" +5 ", SeatLimit::Seats(52)), Ok(SeatLimit::Seats(57)));
        assert_eq!(beside("+1k", SeatLimit::Seats(0)), Ok(SeatLimit::Seats(1_000)));
        assert_eq!(beside("60", SeatLimit::Unlimited), Ok(SeatLimit::Seats(60)));
        assert_eq!(beside("unlimited", SeatLimit::NotSet), Ok(SeatLimit::Unlimited));
        for (bad, now) in [
            ("+5", SeatLimit::Unlimited),
            ("+5", SeatLimit::NotSet),
            ("+1", SeatLimit::Seats(SeatLimit::MOST)),
            ("+-1", SeatLimit::Seats(5)),
            ("+", SeatLimit::Seats(5)),
            ("+unlimited", SeatLimit::Seats(5)),
        ] {
            assert_eq!(beside(bad, now), Err(Refusal::SeatLimit), "{bad}");
        }
    }
}
