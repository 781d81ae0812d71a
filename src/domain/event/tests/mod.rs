//! What is read from every sample payload (`payloads`), and the rules that no sample shows
//! (`rules`).

mod payloads;
mod rules;

use super::*;

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
