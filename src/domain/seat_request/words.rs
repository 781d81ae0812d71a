//! How pages, e-mails and the command line describe a seat request.

use super::{RequestMessage, RequestState};
use crate::organization::{grouped, seats};

impl RequestState {
    /// The state in one or two words, for a badge.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Question => "Question asked",
            Self::Approved => "Approved",
            Self::Declined => "Declined",
            Self::Withdrawn => "Withdrawn",
        }
    }
}

impl RequestMessage {
    /// The message in a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "Seats are asked for",
            Self::Question => "A question about a seat request",
            Self::Reply => "An answer about a seat request",
            Self::Approved => "A seat request was approved",
            Self::Declined => "A seat request was declined",
            Self::Reminder => "A seat request waits",
            Self::QuestionReminder => "A question about a seat request waits",
        }
    }
}

/// `10 more seats`, `1 more seat`.
pub fn more_seats(number: i64) -> String {
    format!("{} more {}", grouped(number), seats(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_seats_is_worded() {
        assert_eq!(more_seats(1), "1 more seat");
        assert_eq!(more_seats(1_200), "1,200 more seats");
    }
}
