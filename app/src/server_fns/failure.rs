//! The errors that a server function may return to the browser. They contain no internal details.

use std::fmt;

use domain::{organization::SeatLimit, refusal::Refusal};
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};

use super::answer;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// An expected refusal, worded for the reader.
    #[error("{0}")]
    Refused(Refusal),
    /// It does not exist, or the reader may not see it.
    #[error("There is nothing here.")]
    Missing,
    #[error("Sign in first.")]
    SignIn,
    /// An internal error; the log has the details under this request id.
    #[error("We could not do this. Request id {request}.")]
    Internal { request: String },
    /// The fields of a form or a call are not the ones that the function needs.
    #[error("A field is missing or has a value it cannot have. Nothing was changed.")]
    Unreadable,
    /// The account or the organization has more requests at once than its share allows.
    #[error("Too many pages are being loaded at once. Try again in a few seconds.")]
    Busy,
    /// A query of the database took longer than its time limit.
    #[error("This took too long and was stopped. Search for something longer or more exact.")]
    TooSlow,
    /// The browser did not reach the server.
    #[error("Seatkeeper could not be reached. Check your connection.")]
    Away,
}

/// The constructors also set the HTTP status of the answer.
impl AppError {
    pub fn refused(refusal: Refusal) -> Self {
        answer::status(422);
        Self::Refused(refusal)
    }

    pub fn missing() -> Self {
        answer::status(404);
        Self::Missing
    }

    pub fn sign_in() -> Self {
        answer::status(401);
        Self::SignIn
    }

    pub fn busy() -> Self {
        answer::status(429);
        answer::come_again();
        Self::Busy
    }

    pub fn too_slow() -> Self {
        answer::status(503);
        answer::come_again();
        Self::TooSlow
    }

    /// Logs the cause under the request id, and shows the reader only the id.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        answer::status(500);
        let request = answer::request_id();
        answer::log(&request, &cause.to_string());
        Self::Internal { request }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Away,
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => {
                answer::unreadable();
                Self::Unreadable
            }
            other => Self::internal(other),
        }
    }
}

/// A refusal in an address: a form without JavaScript is answered with a redirect. The address
/// holds a code from a closed list and never text, so that an attacker cannot put a sentence of
/// their own on our page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(&'static str);

impl Refused {
    const OTHER: &str = "other";

    pub fn of(failure: &AppError) -> Self {
        let AppError::Refused(refusal) = failure else { return Self(Self::OTHER) };
        let code = refusal.code();
        let can_be_read = Refusal::of_code(code, SeatLimit::NotSet).is_some();
        Self(if can_be_read { code } else { Self::OTHER })
    }

    pub fn word(self) -> &'static str {
        self.0
    }
}

/// The refusal that a word in an address stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedRefusal {
    Known(Refusal),
    /// One that cannot be read back from an address.
    Other,
}

impl NamedRefusal {
    /// `limit` is the current limit of the organization.
    pub fn read(word: &str, limit: SeatLimit) -> Option<Self> {
        match Refusal::of_code(word, limit) {
            Some(refusal) => Some(Self::Known(refusal)),
            None => (word == Refused::OTHER).then_some(Self::Other),
        }
    }
}

impl fmt::Display for NamedRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(refusal) => refusal.fmt(f),
            Self::Other => {
                f.write_str("We could not save this, and nothing was changed. Try again.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_way_through_an_address() {
        let now = SeatLimit::Seats(55);
        for (word, refusal) in [
            ("limit", Refusal::SeatLimit),
            ("changed", Refusal::LimitChangedMeanwhile(now)),
            ("people", Refusal::PeopleToTakeAway(0)),
            ("attempts", Refusal::TooManyAttempts),
        ] {
            assert_eq!(Refused::of(&AppError::Refused(refusal.clone())).word(), word);
            assert_eq!(NamedRefusal::read(word, now), Some(NamedRefusal::Known(refusal)));
        }
        let quotes = AppError::Refused(Refusal::Email("call us".to_owned()));
        let other = Some(NamedRefusal::Other);
        assert_eq!(NamedRefusal::read(Refused::of(&quotes).word(), now), other);
        assert_eq!(NamedRefusal::read("<b>call us</b>", now), None);
        assert_eq!(NamedRefusal::read(Refused::of(&AppError::Away).word(), now), other);
    }
}
