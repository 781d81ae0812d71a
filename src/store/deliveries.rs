//! The inbox: every verified delivery, with its one outcome.

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, listed},
    domain::{
        decision::Outcome,
        id::{DeliveryId, EventId, OrganizationId, WebhookId},
        time::Timestamp,
    },
};

/// A delivery and what became of it.
#[derive(Clone, Debug)]
pub struct Taken {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub event: EventId,
    pub kind: String,
    pub organization: Option<OrganizationId>,
    pub occurred_at: Timestamp,
    pub received_at: Timestamp,
    pub outcome: Outcome,
    pub original: bool,
    /// The same id came with a different body.
    pub suspicious: bool,
    pub why: Option<String>,
    pub body: Option<Vec<u8>>,
    pub body_hash: String,
}

/// A delivery that came before.
#[derive(Clone, Debug, FromRow)]
pub struct Known {
    pub webhook_id: String,
    pub event_id: String,
    pub kind: String,
    pub body_hash: String,
}

/// The originals with one of these `webhook-id`s.
pub async fn with_webhook_ids(tx: &mut Tx, ids: &[&str]) -> sqlx::Result<Vec<Known>> {
    Ok(listed!(
        tx,
        ids,
        1_000,
        "select webhook_id, event_id, kind, body_hash from deliveries where original and webhook_id in",
        |id| [*id],
        ""
    ))
}

/// The originals of these events (id, type).
pub async fn with_events(tx: &mut Tx, events: &[(&str, &str)]) -> sqlx::Result<Vec<Known>> {
    Ok(listed!(
        tx,
        events,
        1_000,
        "select webhook_id, event_id, kind, body_hash from deliveries where original and (event_id, kind) in",
        |event| [event.0, event.1],
        ""
    ))
}

pub async fn add(tx: &mut Tx, rows: &[Taken]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        500,
        "insert into deliveries (id, webhook_id, event_id, kind, organization_id, occurred_at, received_at, outcome, original, suspicious, \
         why, body, body_hash) ",
        |row| [
            row.id.as_str(),
            row.webhook_id.as_str(),
            row.event.as_str(),
            row.kind.as_str(),
            row.organization.as_ref().map(OrganizationId::as_str),
            row.occurred_at.nanos(),
            row.received_at.nanos(),
            row.outcome.as_str(),
            row.original,
            row.suspicious,
            row.why.as_deref(),
            row.body.as_deref(),
            row.body_hash.as_str(),
        ],
        ""
    );
    Ok(())
}
