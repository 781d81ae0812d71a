//! A program changes what an endpoint is for.

use super::{Actor, Error, audit, lock, resolve_unless_broken};
use crate::{
    channels::webhook::WebhookUrl,
    domain::{
        access::FreshProof,
        audit::AuditAction,
        id::WebhookEndpointId,
        outgoing_event::EventType,
        refusal::Refusal,
        webhook_endpoint::{EndpointState, EventFilter, LONGEST_NOTE},
    },
    state::AppState,
    store::{audit_log::Entry, outgoing_events, webhook_endpoints},
};

/// What changes; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange {
    /// Deliveries that still wait go there, too.
    pub url: Option<String>,
    pub note: Option<String>,
    /// In order; empty: all. Counts for the events from now on.
    pub types: Option<Vec<EventType>>,
    pub is_enabled: Option<bool>,
}

/// Changes an endpoint, all at once. What is so already is no change and no entry of the audit log.
pub async fn change_endpoint(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    (id, change): (&WebhookEndpointId, &EndpointChange),
) -> Result<(), Error> {
    let allowed = state.settings.operations.allowed_addresses;
    let mut tx = state.db.write().await?;
    let before = lock(&mut tx, id).await?;
    let mut after = before.clone();
    if let Some(url) = &change.url {
        let url = WebhookUrl::parse(url, allowed).ok_or(Refusal::WebhookUrl)?;
        url.as_str().clone_into(&mut after.url);
    }
    if let Some(note) = &change.note {
        if note.trim().chars().count() > LONGEST_NOTE {
            return Err(Refusal::EndpointNote.into());
        }
        note.trim().clone_into(&mut after.note);
    }
    if let Some(types) = &change.types {
        after.filter = EventFilter { types: types.clone(), ..after.filter };
    }
    match change.is_enabled {
        Some(true) => after.state = EndpointState::Enabled,
        // one that Seatkeeper disabled stays as it is: the reason counts
        Some(false) if before.state == EndpointState::Enabled => {
            after.state = EndpointState::Disabled;
        }
        Some(false) | None => {}
    }
    let now = state.clock.now();
    let mut done = Vec::new();
    if (&after.url, &after.note, &after.filter) != (&before.url, &before.note, &before.filter) {
        webhook_endpoints::set_details(&mut tx, &after).await?;
        let parts = [
            ("url", after.url != before.url),
            ("note", after.note != before.note),
            ("types", after.filter != before.filter),
        ];
        done.extend(parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part));
    }
    if after.state != before.state {
        if after.state == EndpointState::Enabled {
            let (newest, _) = outgoing_events::ends(&mut tx).await?;
            webhook_endpoints::set_written_to(&mut tx, id, newest).await?;
        }
        webhook_endpoints::set_state(&mut tx, id, after.state, now).await?;
        done.push(after.state.as_str());
    }
    if done.is_empty() {
        return Ok(());
    }
    let done = done.join(", ");
    let entry = Entry {
        before: Some(before.state.as_str()),
        after: Some(&done),
        ..actor.entry(AuditAction::ChangeWebhookEndpoint)
    };
    audit(&mut tx, state, (&after, entry), now).await?;
    resolve_unless_broken(&mut tx, now).await?;
    Ok(tx.commit().await?)
}
