//! What a server function may tell the browser when it cannot do what was asked. Nothing internal gets in here.

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use seatkeeper::domain::{organization::SeatLimit, refusal::Refusal};
use serde::{Deserialize, Serialize};

use super::answer;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Failure {
    /// An expected "no", worded for the reader.
    #[error("{0}")]
    Refused(Refusal),
    /// There is no such thing, or it is somebody else's.
    #[error("There is nothing here.")]
    Missing,
    #[error("Sign in first.")]
    SignIn,
    /// Something broke on our side; the log has the details under this id.
    #[error("We could not do this. Request id {request}.")]
    Internal { request: String },
    /// The fields of a form or a call are not the ones that it needs.
    #[error("A field is missing or has a value it cannot have. Nothing was changed.")]
    Unreadable,
    /// The account or the organization asks for more at once than its share.
    #[error("Too many pages are being loaded at once. Try again in a few seconds.")]
    Busy,
    /// The database did not find it within the time limit.
    #[error("This took too long and was stopped. Search for something longer or more exact.")]
    TooSlow,
    /// The browser did not reach the server.
    #[error("Seatkeeper could not be reached. Check your connection.")]
    Away,
}

/// The constructors also set the status of the answer.
impl Failure {
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

    /// Logs the cause under the request's id and tells the reader the id alone.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        answer::status(500);
        let request = answer::request_id();
        answer::log(&request, &cause.to_string());
        Self::Internal { request }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal)
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Away,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                answer::unreadable();
                Self::Unreadable
            }
            other => Self::internal(other),
        }
    }
}

/// A refusal on its way through an address: a form without JavaScript comes back as a redirect. A word from a closed
/// list travels, never text, so that nobody can put their own sentence on our page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(&'static str);

impl Refused {
    const OTHER: &str = "other";

    pub fn of(failure: &Failure) -> Self {
        let Failure::Refused(refusal) = failure else { return Self(Self::OTHER) };
        let known =
            Self::table(SeatLimit::NotSet).into_iter().find(|(_, known)| std::mem::discriminant(known) == std::mem::discriminant(refusal));
        Self(known.map_or(Self::OTHER, |(word, _)| word))
    }

    pub fn word(self) -> &'static str {
        self.0
    }

    /// The refusal as the reader is told it; `limit` is the organization's limit as it is now.
    pub fn read(word: &str, limit: SeatLimit) -> Option<Result<Refusal, &'static str>> {
        let known = Self::table(limit).into_iter().find(|(known, _)| *known == word);
        match known {
            Some((_, refusal)) => Some(Ok(refusal)),
            None if word == Self::OTHER => Some(Err("We could not save this, and nothing was changed. Try again.")),
            None => None,
        }
    }

    fn table(limit: SeatLimit) -> [(&'static str, Refusal); 20] {
        [
            ("limit", Refusal::SeatLimit),
            ("reason-missing", Refusal::ReasonMissing),
            ("reason-too-long", Refusal::ReasonTooLong),
            ("changed", Refusal::LimitChangedMeanwhile(limit)),
            ("same", Refusal::LimitIsTheSame(limit)),
            ("archived", Refusal::Archived),
            ("not-dead", Refusal::NotDead),
            ("body-removed", Refusal::BodyRemoved),
            ("no-dead-letters", Refusal::NoDeadLetters),
            ("replay-running", Refusal::ReplayRunning),
            ("replay-ended", Refusal::ReplayEnded),
            ("no-directory-api", Refusal::NoDirectoryApi),
            ("resync-under-way", Refusal::ResyncUnderWay),
            ("resync-over", Refusal::ResyncOver),
            ("plan-not-open", Refusal::PlanNotOpen),
            // the page knows the number
            ("people", Refusal::PeopleToTakeAway(0)),
            ("people-added", Refusal::PeopleToAdd(0)),
            ("plan-outdated", Refusal::PlanOutdated),
            ("sign-in", Refusal::SignIn),
            ("attempts", Refusal::TooManyAttempts),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_way_through_an_address() {
        let now = SeatLimit::Seats(55);
        for (word, refusal) in Refused::table(now) {
            assert_eq!(Refused::of(&Failure::Refused(refusal.clone())).word(), word);
            assert_eq!(Refused::read(word, now), Some(Ok(refusal)));
        }
        assert_eq!(Refused::read("<b>call us</b>", now), None);
        assert!(matches!(Refused::read(Refused::of(&Failure::Away).word(), now), Some(Err(_))));
    }
}
