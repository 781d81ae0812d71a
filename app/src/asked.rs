//! The ids in the address of a request.

use domain::id::{
    DeliveryId, DirectoryUserId, GroupId, OrganizationId, OutgoingEventId, ProposalId, ResyncId,
    SeatRequestId, WebhookEndpointId,
};

use crate::{percent::decoded, server_fns::answer};

/// The organization id in the address. A text that is no id becomes the empty id, which no
/// organization has.
pub fn asked_organization() -> OrganizationId {
    OrganizationId::parse(&asked_part(1)).unwrap_or_else(|| OrganizationId::new(""))
}

/// The delivery id in the address, in the same way.
pub fn asked_delivery() -> DeliveryId {
    DeliveryId::parse(&asked_part(1)).unwrap_or_else(|| DeliveryId::new(""))
}

/// The directory user's id in the address, in the same way.
pub fn asked_person() -> DirectoryUserId {
    DirectoryUserId::parse(&asked_part(3)).unwrap_or_else(|| DirectoryUserId::new(""))
}

/// The group's id in the address, in the same way.
pub fn asked_group() -> GroupId {
    GroupId::parse(&asked_part(3)).unwrap_or_else(|| GroupId::new(""))
}

/// The resync id in the address, in the same way.
pub fn asked_run() -> ResyncId {
    ResyncId::parse(&asked_part(3)).unwrap_or_else(|| ResyncId::new(""))
}

/// The seat request's id in the address, in the same way.
pub fn asked_request() -> SeatRequestId {
    SeatRequestId::parse(&asked_part(3)).unwrap_or_else(|| SeatRequestId::new(""))
}

/// The proposal's id in the address, in the same way.
pub fn asked_proposal() -> ProposalId {
    ProposalId::parse(&asked_part(3)).unwrap_or_else(|| ProposalId::new(""))
}

/// The endpoint's id in the address, in the same way.
pub fn asked_endpoint() -> WebhookEndpointId {
    WebhookEndpointId::parse(&asked_part(2)).unwrap_or_else(|| WebhookEndpointId::new(""))
}

/// The id of an outgoing event in the address, in the same way.
pub fn asked_event() -> OutgoingEventId {
    OutgoingEventId::parse(&asked_part(4)).unwrap_or_else(|| OutgoingEventId::new(""))
}

/// The token of a link in an e-mail.
pub fn asked_token() -> String {
    asked_part(1)
}

/// One segment of the path, percent-decoded once.
fn asked_part(number: usize) -> String {
    let (path, _) = answer::address();
    path.split('/').skip(1).nth(number).map(decoded).unwrap_or_default()
}
