//! Endpoints of outgoing webhooks: adding, disabling and removing them, their secrets, and what is
//! sent to them again. A new secret is shown once; the audit log names the host alone, because an
//! address may hold a token.

mod change;
mod deliver;
mod send_again;

use base64::{Engine, engine::general_purpose::STANDARD};

pub use self::{
    change::{EndpointChange, change_endpoint},
    deliver::{Delivering, Outgoing, claim_deliveries, due_endpoints, record_deliveries},
    send_again::{recover_events, resend_event, send_test_event},
};
use super::{Actor, Error};
use crate::{
    channels::webhook::WebhookUrl,
    clock::{Clock, Generate},
    db::Tx,
    domain::{
        access::FreshProof,
        alert::SystemAlert,
        audit::AuditAction,
        id::{AuditEntryId, OrganizationId, WebhookEndpointId},
        refusal::Refusal,
        time::Timestamp,
        webhook_endpoint::{
            EndpointState, EventFilter, LONGEST_NOTE, MOST_ENDPOINTS, MOST_SECRETS, OVERLAP,
            WebhookEndpoint,
        },
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        organizations, outgoing_events, system_alerts, webhook_endpoints, webhook_secrets,
    },
};

#[derive(Clone, Debug)]
pub struct NewEndpoint {
    pub url: String,
    pub note: String,
    pub filter: EventFilter,
}

/// A new secret, which is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSecret {
    pub endpoint: WebhookEndpointId,
    pub secret: String,
}

/// Adds an endpoint, which gets the events from now on.
pub async fn add_endpoint(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    new: &NewEndpoint,
) -> Result<NewSecret, Error> {
    let allowed = state.settings.operations.allowed_addresses;
    let url = WebhookUrl::parse(&new.url, allowed).ok_or(Refusal::WebhookUrl)?;
    let note = new.note.trim();
    if note.chars().count() > LONGEST_NOTE {
        return Err(Refusal::EndpointNote.into());
    }
    let mut tx = state.db.write().await?;
    if let Some(organization) = &new.filter.organization {
        is_known(&mut tx, organization).await?;
    }
    if webhook_endpoints::all(&mut tx).await?.len() >= MOST_ENDPOINTS {
        return Err(Refusal::TooManyEndpoints.into());
    }
    let now = state.clock.now();
    let endpoint = WebhookEndpoint {
        id: WebhookEndpointId::generate(&state.clock),
        url: url.as_str().to_owned(),
        note: note.to_owned(),
        filter: new.filter.clone(),
        state: EndpointState::Enabled,
        state_since: now,
        failing_since: None,
        created_at: now,
        created_by: actor.name(),
    };
    let (newest, _) = outgoing_events::ends(&mut tx).await?;
    webhook_endpoints::add(&mut tx, &endpoint, newest).await?;
    let secret = fresh_secret(&state.clock);
    webhook_secrets::add(&mut tx, &endpoint.id, &secret, (now, now)).await?;
    let types = endpoint.filter.types_text();
    let after = if types.is_empty() { "all events" } else { &types };
    let entry = Entry { after: Some(after), ..actor.entry(AuditAction::AddWebhookEndpoint) };
    audit(&mut tx, state, (&endpoint, entry), now).await?;
    tx.commit().await?;
    Ok(NewSecret { endpoint: endpoint.id, secret })
}

async fn is_known(tx: &mut Tx, organization: &OrganizationId) -> Result<(), Error> {
    let known = organizations::names(tx, std::slice::from_ref(organization)).await?;
    if known.is_empty() { Err(Error::Missing) } else { Ok(()) }
}

/// Enables or disables an endpoint. One that is enabled gets the events from now on; those that it
/// missed are sent by [`recover_events`]. False: it is so already.
pub async fn set_endpoint_state(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    (id, is_enabled): (&WebhookEndpointId, bool),
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let endpoint = lock(&mut tx, id).await?;
    let new = if is_enabled { EndpointState::Enabled } else { EndpointState::Disabled };
    if endpoint.state == new {
        return Ok(false);
    }
    let now = state.clock.now();
    if is_enabled {
        let (newest, _) = outgoing_events::ends(&mut tx).await?;
        webhook_endpoints::set_written_to(&mut tx, id, newest).await?;
    }
    webhook_endpoints::set_state(&mut tx, id, new, now).await?;
    let entry = Entry {
        before: Some(endpoint.state.as_str()),
        after: Some(new.as_str()),
        ..actor.entry(AuditAction::ChangeWebhookEndpoint)
    };
    audit(&mut tx, state, (&endpoint, entry), now).await?;
    resolve_unless_broken(&mut tx, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Removes an endpoint with its secrets and its log.
pub async fn remove_endpoint(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    id: &WebhookEndpointId,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let endpoint = lock(&mut tx, id).await?;
    let now = state.clock.now();
    webhook_endpoints::remove(&mut tx, id).await?;
    let entry = Entry { after: Some("removed"), ..actor.entry(AuditAction::ChangeWebhookEndpoint) };
    audit(&mut tx, state, (&endpoint, entry), now).await?;
    resolve_unless_broken(&mut tx, now).await?;
    Ok(tx.commit().await?)
}

/// Gives the endpoint a new secret. The one before it signs, too, for a day.
pub async fn rotate_secret(
    state: &AppState,
    actor: &Actor,
    _: &FreshProof,
    id: &WebhookEndpointId,
) -> Result<NewSecret, Error> {
    let mut tx = state.db.write().await?;
    let endpoint = lock(&mut tx, id).await?;
    let now = state.clock.now();
    if webhook_secrets::valid(&mut tx, id, now).await?.len() >= MOST_SECRETS {
        return Err(Refusal::TooManySecrets.into());
    }
    let secret = fresh_secret(&state.clock);
    webhook_secrets::add(&mut tx, id, &secret, (now, now.plus(OVERLAP))).await?;
    let entry =
        Entry { after: Some("new secret"), ..actor.entry(AuditAction::ChangeWebhookEndpoint) };
    audit(&mut tx, state, (&endpoint, entry), now).await?;
    tx.commit().await?;
    Ok(NewSecret { endpoint: endpoint.id, secret })
}

/// `whsec_` and the base64 of 32 random bytes.
fn fresh_secret(clock: &Clock) -> String {
    let mut key = [0; 32];
    clock.fill(&mut key);
    format!("whsec_{}", STANDARD.encode(key))
}

async fn lock(tx: &mut Tx, id: &WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
    webhook_endpoints::lock(tx, id).await?.ok_or(Error::Missing)
}

async fn audit(
    tx: &mut Tx,
    state: &AppState,
    (endpoint, entry): (&WebhookEndpoint, Entry<'_>),
    now: Timestamp,
) -> sqlx::Result<()> {
    let allowed = state.settings.operations.allowed_addresses;
    let shown = WebhookUrl::parse(&endpoint.url, allowed).map(|url| url.shown());
    let entry = Entry {
        target_id: Some(endpoint.id.as_str()),
        target: Some(shown.as_deref().unwrap_or(endpoint.id.as_str())),
        ..entry
    };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add_to_installation(tx, &id, &entry, now).await
}

/// Resolves the alert when no endpoint is left that Seatkeeper disabled.
async fn resolve_unless_broken(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    let kind = SystemAlert::WebhookEndpointDisabled;
    if system_alerts::is_open(tx, kind).await? && !webhook_endpoints::is_any_broken(tx).await? {
        system_alerts::resolve(tx, kind, now).await?;
    }
    Ok(())
}
