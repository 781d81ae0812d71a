//! What a batch needs before it can be decided.

use super::Delivery;
use crate::{
    commands::seat_transaction::{Needs, SeatTransaction},
    domain::{
        directory_user::email_key,
        event::{Change, EventPayload, UserPayload},
        id::{DirectoryUserId, OrganizationId},
    },
    scalekit::payload::ParsedBody,
    state::AppState,
};

/// Begins the transaction and locks the organizations of a batch. Deliveries without an
/// organization are serialized by an advisory lock.
pub async fn begin<'a>(
    state: &'a AppState,
    batch: &[Delivery],
) -> sqlx::Result<SeatTransaction<'a>> {
    let mut ids: Vec<OrganizationId> =
        batch.iter().filter_map(|delivery| delivery.organization().cloned()).collect();
    ids.sort();
    ids.dedup();
    let in_turn = batch.iter().any(|delivery| delivery.organization().is_none());
    SeatTransaction::begin_batch(state, &ids, in_turn).await
}

/// Every user that the batch may change.
pub fn needs(batch: &[Delivery]) -> Needs {
    let mut needs = Needs::default();
    for delivery in batch {
        let (Some(organization), ParsedBody::Event(event)) =
            (delivery.organization(), &delivery.reading)
        else {
            continue;
        };
        match &event.payload {
            EventPayload::User(update) => user(&mut needs, organization, update),
            EventPayload::Organization { .. } if delivery.is_about_the_end() => {
                needs.organization_deleted(organization);
            }
            EventPayload::Organization { .. } => {
                needs.organization_seen(organization, delivery.occurred_at());
            }
            EventPayload::Group { id, change: Change::Deleted, .. } => {
                needs.group_deleted(organization, id);
            }
            EventPayload::GroupMembers { added, removed, .. } => {
                needs.group_members(organization, added.iter().chain(removed));
            }
            EventPayload::Group { .. } | EventPayload::Directory { .. } => {}
        }
    }
    needs
}

fn user(needs: &mut Needs, organization: &OrganizationId, update: &UserPayload) {
    let email = update.profile.as_ref().and_then(|profile| profile.email.as_deref());
    if let Some(user) = &update.user {
        needs.user(organization, user);
        let profile = update.profile.as_ref();
        if let Some(external_id) = profile.and_then(|profile| profile.external_id.as_deref()) {
            // A user who was imported under this external id may be this user.
            needs.external_id(organization, external_id, Some(user));
        }
    }
    if let Some(email) = email {
        // A placeholder with this address may be merged into the user.
        needs.user(organization, &DirectoryUserId::by_email(email));
        if update.user.is_none() {
            needs.address(organization, email_key(email));
        }
    }
    needs.update(organization, update.change, update.active);
}
