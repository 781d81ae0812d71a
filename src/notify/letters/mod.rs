//! What Seatkeeper writes to people: one folder per letter, with its subject, its text and its HTML.
//! Letters hold what they are about, so that they can be written long after it happened.

mod dead_letters;
mod drift;
mod enforcement_silent;
mod limit_not_set;
mod picture;
mod resync_failed;
mod resync_needs_confirmation;
mod seat_limit_reached;
mod words;

use askama::Template;
use serde::{Deserialize, Serialize};

pub use self::{
    dead_letters::DeadLetters,
    drift::Drift,
    enforcement_silent::EnforcementSilent,
    limit_not_set::LimitNotSet,
    resync_failed::ResyncFailed,
    resync_needs_confirmation::ResyncNeedsConfirmation,
    seat_limit_reached::{Audience, SeatLimitReached},
};
use crate::domain::id::DirectoryUserId;

/// A letter to one person: ready to send, the same for each recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Somebody who waits, as the directory describes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPerson {
    pub id: DirectoryUserId,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// A template that writes to a `String` and calls nothing that can fail.
#[expect(clippy::expect_used, reason = "writing to a String cannot fail, and no template calls a filter of ours")]
fn written(template: &impl Template) -> String {
    template.render().expect("a template without fallible filters")
}
