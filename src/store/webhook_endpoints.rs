//! Endpoints of outgoing webhooks, their secrets, and the lease of the worker that sends.

use std::time::Duration;

use sqlx::FromRow;

use super::{
    exactly_one,
    lease::{self, Lease, LeaseRow, Work},
    rows::{FromText, Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        id::{OrganizationId, WebhookEndpointId},
        outgoing_event::EventType,
        time::Timestamp,
        webhook_endpoint::{EndpointState, EventFilter, WebhookEndpoint},
    },
};

/// The types of a filter.
#[derive(Clone, Debug)]
struct Types(Vec<EventType>);

impl FromText for Types {
    fn from_text(text: &str) -> Option<Self> {
        EventFilter::parse_types(text).ok().map(Self)
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    url: String,
    note: String,
    organization: Option<String>,
    types: Text<Types>,
    state: Text<EndpointState>,
    state_since: i64,
    failing_since: Option<i64>,
    created_at: i64,
    created_by: String,
}

impl Stored for Row {
    const TABLE: &'static str = "webhook_endpoints";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for WebhookEndpoint {
    fn from(row: Row) -> Self {
        Self {
            id: WebhookEndpointId::new(row.id),
            url: row.url,
            note: row.note,
            filter: EventFilter {
                organization: row.organization.map(OrganizationId::new),
                types: row.types.0.0,
            },
            state: row.state.0,
            state_since: Timestamp::from_nanos(row.state_since),
            failing_since: row.failing_since.map(Timestamp::from_nanos),
            created_at: Timestamp::from_nanos(row.created_at),
            created_by: row.created_by,
        }
    }
}

/// Adds an endpoint. It gets the events behind the number `written_to`.
pub async fn add(tx: &mut Tx, new: &WebhookEndpoint, written_to: i64) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into webhook_endpoints (
          id, url, note, organization, types, state, state_since, written_to, created_at, created_by
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ",
        new.id.as_str(),
        new.url.as_str(),
        new.note.as_str(),
        new.filter.organization.as_ref().map(OrganizationId::as_str),
        new.filter.types_text(),
        new.state.as_str(),
        new.state_since.nanos(),
        written_to,
        new.created_at.nanos(),
        new.created_by.as_str(),
    )
    .and_then(exactly_one)
}

/// All endpoints, the oldest first.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<WebhookEndpoint>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select id, url, note, organization, types, state, state_since, failing_since, created_at,
          created_by
        from webhook_endpoints
        order by created_at, id
        limit 1000
        ",
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

pub async fn one(tx: &mut Tx, id: &WebhookEndpointId) -> sqlx::Result<Option<WebhookEndpoint>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select id, url, note, organization, types, state, state_since, failing_since, created_at,
          created_by
        from webhook_endpoints
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// Locks an endpoint until the transaction ends.
pub async fn lock(tx: &mut Tx, id: &WebhookEndpointId) -> sqlx::Result<Option<WebhookEndpoint>> {
    sql!(
        execute(tx),
        r"
        update webhook_endpoints
        set state = state
        where id = $1
        ",
        id.as_str(),
    )?;
    one(tx, id).await
}

/// Writes the address, the note and the types of an endpoint.
pub async fn set_details(tx: &mut Tx, endpoint: &WebhookEndpoint) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update webhook_endpoints
        set url = $2, note = $3, types = $4
        where id = $1
        ",
        endpoint.id.as_str(),
        endpoint.url.as_str(),
        endpoint.note.as_str(),
        endpoint.filter.types_text(),
    )
    .and_then(exactly_one)
}

pub async fn set_state(
    tx: &mut Tx,
    id: &WebhookEndpointId,
    state: EndpointState,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update webhook_endpoints
        set state = $2, state_since = $3, failing_since = null
        where id = $1
        ",
        id.as_str(),
        state.as_str(),
        now.nanos(),
    )
    .and_then(exactly_one)
}

/// Sets since when the endpoint takes nothing. `None`: it takes deliveries.
pub async fn set_failing_since(
    tx: &mut Tx,
    id: &WebhookEndpointId,
    since: Option<Timestamp>,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update webhook_endpoints
        set failing_since = $2
        where id = $1
        ",
        id.as_str(),
        since.map(Timestamp::nanos),
    )
    .and_then(exactly_one)
}

/// Whether Seatkeeper disabled an endpoint that is still there.
pub async fn is_any_broken(tx: &mut Tx) -> sqlx::Result<bool> {
    let first: Option<(String,)> = sql!(
        optional(tx),
        r"
        select id
        from webhook_endpoints
        where state in ('gone', 'failing')
        order by id
        limit 1
        ",
    )?;
    Ok(first.is_some())
}

/// Removes an endpoint with its secrets and deliveries.
pub async fn remove(tx: &mut Tx, id: &WebhookEndpointId) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from webhook_deliveries
        where endpoint_id = $1
        ",
        id.as_str(),
    )?;
    sql!(
        execute(tx),
        r"
        delete from webhook_secrets
        where endpoint_id = $1
        ",
        id.as_str(),
    )?;
    sql!(
        execute(tx),
        r"
        delete from webhook_endpoints
        where id = $1
        ",
        id.as_str(),
    )
    .and_then(exactly_one)
}

/// A worker without a heartbeat for this long counts as dead. It is longer than a part of the
/// deliveries may take.
const LEASE: Duration = Duration::from_mins(2);

/// An endpoint with something to send.
#[derive(Clone, Debug, FromRow)]
pub struct Due {
    id: String,
    /// Up to which number of the events its deliveries are written.
    pub written_to: i64,
    #[sqlx(flatten)]
    pub lease: LeaseRow,
}

impl Due {
    pub fn id(&self) -> WebhookEndpointId {
        WebhookEndpointId::new(&self.id)
    }

    pub fn work(&self) -> Work {
        Work::WebhookEndpoint(self.id())
    }
}

/// The enabled endpoints with a delivery that is due, or with events whose deliveries are not
/// written yet. A due time later than any pause (`furthest`) was written before the clock was set
/// back, so it counts as passed.
pub async fn due(tx: &mut Tx, (now, furthest): (Timestamp, Timestamp)) -> sqlx::Result<Vec<Due>> {
    sql!(
        all(tx),
        r"
        select e.id, e.written_to, e.claim, e.heartbeats, e.lease_millis
        from webhook_endpoints e
        where e.state = 'enabled'
          and (
            e.written_to < (select last from event_sequence where id = 'event_sequence')
            or exists (
                select 1
                from webhook_deliveries d
                where d.endpoint_id = e.id and (d.due_at <= $1 or d.due_at > $2)
              )
          )
        order by e.id
        limit 1000
        ",
        now.nanos(),
        furthest.nanos(),
    )
}

/// Claims an endpoint. `None`: another worker was quicker.
pub async fn claim(tx: &mut Tx, due: &Due) -> sqlx::Result<Option<Lease>> {
    lease::take(tx, due.work(), due.lease, LEASE).await
}

/// Notes up to which number of the events the deliveries are written.
pub async fn set_written_to(
    tx: &mut Tx,
    id: &WebhookEndpointId,
    sequence: i64,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update webhook_endpoints
        set written_to = $2
        where id = $1
        ",
        id.as_str(),
        sequence,
    )
    .and_then(exactly_one)
}

pub async fn written_to(tx: &mut Tx, id: &WebhookEndpointId) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select written_to
        from webhook_endpoints
        where id = $1
        ",
        id.as_str(),
    )
}

/// Lets the deliveries of the events since a time be written again; those that were taken stay as
/// they are. Gives whether there are such events.
pub async fn write_again_since(
    tx: &mut Tx,
    id: &WebhookEndpointId,
    since: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update webhook_endpoints
        set written_to = (
            select min(sequence) - 1
            from outgoing_events
            where sequence is not null and occurred_at >= $2
          )
        where id = $1
          and written_to >= (
            select min(sequence)
            from outgoing_events
            where sequence is not null and occurred_at >= $2
          )
        ",
        id.as_str(),
        since.nanos(),
    )?;
    Ok(hit == 1)
}
