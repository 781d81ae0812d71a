//! Reads the body of a webhook into an [`Event`], in every format that Scalekit and its guides have
//! shown.

mod attributes;
mod fields;
mod read;
mod salvage;
#[cfg(test)]
mod tests;

pub use self::{
    attributes::without_attributes,
    read::{is_known, listed_user, read},
};
use crate::domain::event::{Envelope, Event};

/// The result of reading a verified body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParsedBody {
    Event(Box<Event>),
    /// A type that we do not use (`user.login`, `role.created` …). It is stored and shown.
    Unknown(Envelope),
    /// A known type without a required field, or a body that is not JSON: a dead letter. `why` is a
    /// sentence.
    Unreadable {
        envelope: Option<Envelope>,
        why: String,
    },
}
