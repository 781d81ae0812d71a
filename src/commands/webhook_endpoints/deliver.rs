//! What a worker does with the deliveries of an endpoint that it holds: it writes those of new
//! events, takes the next ones that are due, and records how they ended. Nothing is sent here, so
//! no transaction waits for a server.

use std::time::Duration;

use super::super::Error;
use crate::{
    channels::webhook::{SignedEvent, WebhookUrl},
    commands::alerts,
    db::Tx,
    domain::{
        alert::SystemAlert,
        id::{WebhookEndpointId, WebhookId},
        time::Timestamp,
        webhook_endpoint::{Attempt, EndpointState, WebhookEndpoint},
    },
    scalekit::signature::{Secret, sign},
    state::AppState,
    store::{
        lease::Lease,
        outgoing_events,
        webhook_deliveries::{self, NewDelivery},
        webhook_endpoints::{self, Due},
        webhook_secrets,
    },
};

/// How many deliveries are sent between two transactions. Even if all of them end at their time
/// limit, they take less time than the lease lasts.
const PART: i64 = 32;
/// How many events are looked at for one endpoint in one transaction.
const EVENTS: i64 = 500;
/// No pause between two attempts is longer than this.
const FURTHEST: Duration = Duration::from_hours(25);

/// The deliveries of an endpoint that a worker makes.
#[derive(Debug)]
pub struct Delivering {
    id: WebhookEndpointId,
    lease: Lease,
    /// `None`: the settings do not allow the address any more.
    pub url: Option<WebhookUrl>,
    pub deliveries: Vec<Outgoing>,
}

#[derive(Clone, Debug)]
pub struct Outgoing {
    event: String,
    is_test: bool,
    attempts: i64,
    pub signed: SignedEvent,
}

/// The endpoints with something to send that no other worker holds.
pub async fn due_endpoints(state: &AppState) -> Result<Vec<Due>, Error> {
    let now = state.clock.now();
    let mut tx = state.db.read().await?;
    let due = webhook_endpoints::due(&mut tx, (now, now.plus(FURTHEST))).await?;
    let passed = state.clock.monotonic();
    Ok(due.into_iter().filter(|due| state.leases.is_free(&due.work(), due.lease, passed)).collect())
}

/// Claims an endpoint with its first deliveries. `None`: another worker was quicker, or no event is
/// for this endpoint.
pub async fn claim_deliveries(state: &AppState, due: &Due) -> Result<Option<Delivering>, Error> {
    let mut tx = state.db.write().await?;
    let Some(lease) = webhook_endpoints::claim(&mut tx, due).await? else { return Ok(None) };
    let next = next_part(&mut tx, state, due.id(), lease).await?;
    tx.commit().await?;
    if let Some(next) = &next {
        state.leases.note(&next.lease, state.clock.monotonic());
    }
    Ok(next)
}

/// Records the attempts, in the order of the deliveries, and takes the next ones. `None`: there is
/// nothing more to send, or the worker `ends`, and the endpoint is free.
pub async fn record_deliveries(
    state: &AppState,
    made: Delivering,
    attempts: &[Attempt],
    ends: bool,
) -> Result<Option<Delivering>, Error> {
    let Delivering { id, lease, deliveries, .. } = made;
    let mut tx = state.db.write().await?;
    lease.renew(&mut tx).await?;
    let endpoint = super::lock(&mut tx, &id).await?;
    let now = state.clock.now();
    for (delivery, attempt) in deliveries.iter().zip(attempts) {
        let pause = attempt.pause(delivery.attempts + 1);
        let next = pause.filter(|_| !attempt.is_taken() && !delivery.is_test);
        let next = next.map(|pause| now.plus(state.clock.jittered(pause)));
        webhook_deliveries::record(&mut tx, (&id, &delivery.event), attempt, (now, next)).await?;
    }
    note_health(&mut tx, state, &endpoint, (&deliveries[..], attempts)).await?;
    let next = if ends {
        lease.release(&mut tx).await?;
        None
    } else {
        next_part(&mut tx, state, id, lease).await?
    };
    tx.commit().await?;
    Ok(next)
}

/// Notes whether the endpoint takes deliveries, and disables one that is gone or has taken nothing
/// for days.
async fn note_health(
    tx: &mut Tx,
    state: &AppState,
    endpoint: &WebhookEndpoint,
    (deliveries, attempts): (&[Outgoing], &[Attempt]),
) -> Result<(), Error> {
    let now = state.clock.now();
    let of_events = deliveries.iter().zip(attempts).filter(|(delivery, _)| !delivery.is_test);
    let attempts: Vec<&Attempt> = of_events.map(|(_, attempt)| attempt).collect();
    let broken = if attempts.iter().any(|attempt| attempt.is_gone()) {
        Some(EndpointState::Gone)
    } else if attempts.iter().any(|attempt| attempt.is_taken()) {
        if endpoint.failing_since.is_some() {
            webhook_endpoints::set_failing_since(tx, &endpoint.id, None).await?;
        }
        None
    } else if endpoint.is_given_up(now) && !attempts.is_empty() {
        Some(EndpointState::Failing)
    } else {
        if endpoint.failing_since.is_none() && !attempts.is_empty() {
            webhook_endpoints::set_failing_since(tx, &endpoint.id, Some(now)).await?;
        }
        None
    };
    // a person may have disabled it meanwhile
    if let Some(broken) = broken
        && endpoint.state == EndpointState::Enabled
    {
        webhook_endpoints::set_state(tx, &endpoint.id, broken, now).await?;
        alerts::system::open(tx, state, SystemAlert::WebhookEndpointDisabled, now).await?;
        tracing::warn!(endpoint = %endpoint.id, state = broken.as_str(), "an endpoint is disabled");
    }
    Ok(())
}

/// Writes the deliveries of new events and takes the next ones that are due; without any, the
/// endpoint is free.
async fn next_part(
    tx: &mut Tx,
    state: &AppState,
    id: WebhookEndpointId,
    lease: Lease,
) -> Result<Option<Delivering>, Error> {
    let endpoint = super::lock(tx, &id).await?;
    let now = state.clock.now();
    let mut due = Vec::new();
    if endpoint.state == EndpointState::Enabled {
        write_new(tx, &endpoint, now).await?;
        due = webhook_deliveries::due(tx, &id, (now, now.plus(FURTHEST)), PART).await?;
    }
    if due.is_empty() {
        lease.release(tx).await?;
        return Ok(None);
    }
    let secrets: Vec<Secret> = webhook_secrets::valid(tx, &id, now)
        .await?
        .iter()
        .filter_map(|text| Secret::parse(text).ok())
        .collect();
    let deliveries = due.into_iter().map(|due| Outgoing {
        signed: signed(&secrets, (&due.event_id, due.body), now),
        event: due.event_id,
        is_test: due.sequence == 0,
        attempts: due.attempts,
    });
    let deliveries = deliveries.collect();
    let allowed = state.settings.operations.allowed_addresses;
    let url = WebhookUrl::parse(&endpoint.url, allowed);
    Ok(Some(Delivering { id, lease, url, deliveries }))
}

/// Writes the deliveries of the next events that the endpoint gets.
async fn write_new(tx: &mut Tx, endpoint: &WebhookEndpoint, now: Timestamp) -> Result<(), Error> {
    let written_to = webhook_endpoints::written_to(tx, &endpoint.id).await?;
    let events = outgoing_events::after(tx, None, written_to, EVENTS).await?;
    let Some(newest) = events.last().map(|event| event.sequence) else { return Ok(()) };
    let wanted = events.iter().filter(|event| endpoint.filter.has(event));
    let rows = wanted.map(|event| {
        let body = event.json().map_err(|error| sqlx::Error::Decode(error.into()))?;
        let (event, sequence, kind) = (event.id.clone(), event.sequence, event.kind.to_string());
        Ok(NewDelivery { event, sequence, kind, body })
    });
    let rows = rows.collect::<sqlx::Result<Vec<_>>>()?;
    webhook_deliveries::add(tx, &endpoint.id, &rows, now).await?;
    Ok(webhook_endpoints::set_written_to(tx, &endpoint.id, newest).await?)
}

/// The event with the time of the attempt, signed with each secret that is valid now.
fn signed(secrets: &[Secret], (event, body): (&str, String), now: Timestamp) -> SignedEvent {
    let (id, timestamp) = (WebhookId::new(event), now.seconds());
    let signatures = secrets.iter().map(|secret| sign(secret, &id, timestamp, body.as_bytes()));
    let signature = signatures.collect::<Vec<_>>().join(" ");
    SignedEvent { id: event.to_owned(), timestamp, signature, body }
}
