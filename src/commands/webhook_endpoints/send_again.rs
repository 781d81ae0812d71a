//! What a person sends to an endpoint again: one delivery, the events since a time, or a test.

use super::{Actor, Error, audit, lock};
use crate::{
    clock::Generate,
    domain::{
        audit::AuditAction,
        id::{OutgoingEventId, WebhookEndpointId},
        outgoing_event::VERSION,
        refusal::Refusal,
        time::Timestamp,
        webhook_endpoint::EndpointState,
    },
    state::AppState,
    store::{
        audit_log::Entry,
        webhook_deliveries::{self, NewDelivery},
        webhook_endpoints,
    },
};

/// Sends a delivery again under the same `webhook-id`, whatever became of it.
pub async fn resend_event(
    state: &AppState,
    actor: &Actor,
    (id, event): (&WebhookEndpointId, &OutgoingEventId),
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let endpoint = lock(&mut tx, id).await?;
    is_enabled(endpoint.state)?;
    let now = state.clock.now();
    if !webhook_deliveries::send_again(&mut tx, id, event, now).await? {
        return Err(Refusal::NoWebhookDelivery.into());
    }
    let entry =
        Entry { after: Some(event.as_str()), ..actor.entry(AuditAction::SendWebhookEvents) };
    audit(&mut tx, state, (&endpoint, entry), now).await?;
    Ok(tx.commit().await?)
}

/// Sends the events since a time that the endpoint has not taken, also those that it missed while
/// it was disabled. False: there is none.
pub async fn recover_events(
    state: &AppState,
    actor: &Actor,
    (id, since): (&WebhookEndpointId, Timestamp),
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let endpoint = lock(&mut tx, id).await?;
    is_enabled(endpoint.state)?;
    let now = state.clock.now();
    if !webhook_endpoints::write_again_since(&mut tx, id, since).await? {
        return Ok(false);
    }
    let text = format!("since {}", since.rfc3339());
    let entry = Entry { after: Some(&text), ..actor.entry(AuditAction::SendWebhookEvents) };
    audit(&mut tx, state, (&endpoint, entry), now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Sends a test, which is no event of the feed and is tried once.
pub async fn send_test_event(
    state: &AppState,
    actor: &Actor,
    id: &WebhookEndpointId,
) -> Result<OutgoingEventId, Error> {
    let mut tx = state.db.write().await?;
    let endpoint = lock(&mut tx, id).await?;
    is_enabled(endpoint.state)?;
    let now = state.clock.now();
    let event = OutgoingEventId::generate(&state.clock);
    let body = serde_json::json!({
        "sequence": 0,
        "id": event,
        "type": TEST,
        "organization_id": null,
        "occurred_at": now.rfc3339(),
        "data": { "version": VERSION, "message": "Seatkeeper reaches this endpoint." },
    });
    let test = NewDelivery {
        event: event.clone(),
        sequence: 0,
        kind: TEST.to_owned(),
        body: body.to_string(),
    };
    webhook_deliveries::add(&mut tx, id, &[test], now).await?;
    let entry = Entry { after: Some(TEST), ..actor.entry(AuditAction::SendWebhookEvents) };
    audit(&mut tx, state, (&endpoint, entry), now).await?;
    tx.commit().await?;
    Ok(event)
}

/// The type of a test.
const TEST: &str = "test";

fn is_enabled(state: EndpointState) -> Result<(), Refusal> {
    match state {
        EndpointState::Enabled => Ok(()),
        EndpointState::Disabled | EndpointState::Gone | EndpointState::Failing => {
            Err(Refusal::EndpointDisabled)
        }
    }
}
