//! What is read from every sample payload (`users`, `others`), and the rules that no sample shows
//! (`rules`).

mod others;
mod rules;
mod users;

use super::*;
use crate::domain::{
    directory_user::Profile,
    event::{Change, DirectoryChange, EventPayload, KINDS, UserPayload},
    id::{DirectoryId, DirectoryUserId, EventId, GroupId, OrganizationId},
    time::Timestamp,
};

macro_rules! payload {
    ($name:literal) => {
        read(include_bytes!(concat!("../../../tests/payloads/", $name, ".json")))
    };
}
use payload;

const ACME: &str = "org_53879494091473415";

fn event(envelope: Envelope, payload: EventPayload) -> ParsedBody {
    ParsedBody::Event(Box::new(Event { envelope, mismatch: false, payload }))
}

/// An envelope from its id, type, time and organization.
fn envelope(event: &str, kind: &str, at: &str, organization: &str) -> Envelope {
    Envelope {
        event: EventId::parse(event),
        kind: kind.to_owned(),
        occurred_at: Timestamp::parse(at),
        organization: OrganizationId::parse(organization),
    }
}

fn group(id: &str, name: &str) -> (GroupId, Option<String>) {
    (GroupId::new(id), Some(name.to_owned()))
}
