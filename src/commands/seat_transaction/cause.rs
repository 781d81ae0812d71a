//! Why a command is decided.

use std::borrow::Cow;

use super::super::Actor;
use crate::domain::id::EventId;

/// Why a command is decided. Each decision record names its cause.
#[derive(Clone, Copy, Debug)]
pub enum Cause<'a> {
    /// A webhook, or an event from the event log.
    Delivery {
        kind: &'a str,
        event: &'a EventId,
        /// The address that identifies the user, if the event names no id.
        address: Option<&'a str>,
    },
    /// A person, by a form or on the command line.
    Actor { action: &'static str, actor: &'a Actor },
    /// A resync, with the name of the person who started or confirmed it.
    Resync { by: Option<&'a str> },
    /// An import of people, with the name of the person who sent or confirmed it.
    Import { by: Option<&'a str> },
    /// A preview: no decision record is written.
    Preview,
}

impl Cause<'_> {
    /// What the decision record says.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Delivery { kind, .. } => kind,
            Self::Actor { action, .. } => action,
            Self::Resync { .. } => "resync",
            Self::Import { .. } => "import",
            Self::Preview => "preview",
        }
    }

    pub(super) fn event(&self) -> Option<&EventId> {
        match self {
            Self::Delivery { event, .. } => Some(event),
            _ => None,
        }
    }

    pub(super) fn actor(&self) -> Option<String> {
        match self {
            Self::Actor { actor, .. } => Some(actor.name()),
            Self::Resync { by } | Self::Import { by } => by.map(str::to_owned),
            Self::Delivery { .. } | Self::Preview => None,
        }
    }

    pub(super) fn address(&self) -> Option<&str> {
        match self {
            Self::Delivery { address, .. } => *address,
            _ => None,
        }
    }

    /// What the audit log gives as the actor when this cause ends the access of an account: the
    /// person, the event's id, or the kind.
    pub(super) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Actor { actor, .. } => Cow::Owned(actor.name()),
            _ => Cow::Borrowed(self.event().map_or_else(|| self.kind(), EventId::as_str)),
        }
    }

    /// Whether a contradiction between updates asks for a resync. A resync does not ask for another
    /// one, and an import has no directory that could tell more.
    pub(super) fn may_want_resync(&self) -> bool {
        !matches!(self, Self::Resync { .. } | Self::Import { .. })
    }
}
