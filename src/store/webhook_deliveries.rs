//! Deliveries of outgoing webhooks: what an endpoint got or is to get, with the last attempt.

use sqlx::FromRow;

use super::{SHORT_ROWS_AT_ONCE, exactly_one};
use crate::{
    db::{Tx, bulk, sql},
    domain::{
        id::{OutgoingEventId, WebhookEndpointId},
        time::Timestamp,
        webhook_endpoint::Attempt,
    },
};

/// A delivery to be made.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    pub event: OutgoingEventId,
    /// 0: a test.
    pub sequence: i64,
    pub kind: String,
    pub body: String,
}

/// Adds deliveries that are due at once. One that the endpoint has taken stays as it is; one that
/// was given up is tried again.
pub async fn add(
    tx: &mut Tx,
    endpoint: &WebhookEndpointId,
    rows: &[NewDelivery],
    now: Timestamp,
) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        insert into webhook_deliveries (
          endpoint_id, event_id, sequence, type, body, created_at, due_at, attempts
        )
        {rows}
        on conflict (endpoint_id, event_id) do update
        set due_at = excluded.due_at, attempts = 0
        where webhook_deliveries.delivered_at is null and webhook_deliveries.due_at is null
        ",
        |row| [
            endpoint.as_str(),
            row.event.as_str(),
            row.sequence,
            row.kind.as_str(),
            row.body.as_str(),
            now.nanos(),
            now.nanos(),
            0_i64,
        ],
    );
    Ok(())
}

/// A delivery that is due.
#[derive(Clone, Debug, FromRow)]
pub struct Due {
    pub event_id: String,
    /// 0: a test.
    pub sequence: i64,
    pub body: String,
    /// The number of earlier attempts.
    pub attempts: i64,
}

/// The first deliveries of an endpoint that are due. A due time later than any pause (`furthest`)
/// was written before the clock was set back.
pub async fn due(
    tx: &mut Tx,
    endpoint: &WebhookEndpointId,
    (now, furthest): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Vec<Due>> {
    sql!(
        all(tx),
        r"
        select event_id, sequence, body, attempts
        from webhook_deliveries
        where endpoint_id = $1 and (due_at <= $2 or due_at > $3)
        order by due_at, sequence, event_id
        limit $4
        ",
        endpoint.as_str(),
        now.nanos(),
        furthest.nanos(),
        most,
    )
}

/// Records an attempt. `next`: when the next one is due; `None`: none follows.
pub async fn record(
    tx: &mut Tx,
    (endpoint, event): (&WebhookEndpointId, &str),
    attempt: &Attempt,
    (now, next): (Timestamp, Option<Timestamp>),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update webhook_deliveries
        set attempts = attempts + 1, last_at = $3, last_status = $4, last_answer = $5,
          last_millis = $6, due_at = $7, delivered_at = coalesce($8, delivered_at)
        where endpoint_id = $1 and event_id = $2
        ",
        endpoint.as_str(),
        event,
        now.nanos(),
        attempt.status.map(i64::from),
        attempt.answer.as_str(),
        i64::try_from(attempt.took.as_millis()).unwrap_or(i64::MAX),
        next.map(Timestamp::nanos),
        attempt.is_taken().then(|| now.nanos()),
    )
    .and_then(exactly_one)
}

/// Sends one delivery again, whatever became of it. False: there is no such delivery.
pub async fn send_again(
    tx: &mut Tx,
    endpoint: &WebhookEndpointId,
    event: &OutgoingEventId,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update webhook_deliveries
        set due_at = $3, attempts = 0
        where endpoint_id = $1 and event_id = $2
        ",
        endpoint.as_str(),
        event.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

/// The body of a delivery, as (endpoint, event, body).
pub type Body = (String, String, String);

/// The bodies behind a delivery, in order of endpoint and event.
pub async fn bodies_after(
    tx: &mut Tx,
    (endpoint, event): (&str, &str),
    most: i64,
) -> sqlx::Result<Vec<Body>> {
    sql!(
        all(tx),
        r"
        select endpoint_id, event_id, body
        from webhook_deliveries
        where (endpoint_id, event_id) > ($1, $2)
        order by endpoint_id, event_id
        limit $3
        ",
        endpoint,
        event,
        most,
    )
}

/// Replaces the bodies of deliveries.
pub async fn replace_bodies(tx: &mut Tx, rows: &[Body]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        SHORT_ROWS_AT_ONCE,
        r"
        with cut (endpoint_id, event_id, body) as ({rows})
        update webhook_deliveries
        set body = cut.body
        from cut
        where webhook_deliveries.endpoint_id = cut.endpoint_id
          and webhook_deliveries.event_id = cut.event_id
        ",
        |row| [row.0.as_str(), row.1.as_str(), row.2.as_str()],
    );
    Ok(())
}

/// A delivery in the log of an endpoint.
#[derive(Clone, Debug, FromRow)]
pub struct Logged {
    pub event_id: String,
    pub sequence: i64,
    pub r#type: String,
    pub body: String,
    pub created_at: i64,
    pub due_at: Option<i64>,
    pub attempts: i64,
    pub delivered_at: Option<i64>,
    pub last_at: Option<i64>,
    pub last_status: Option<i64>,
    pub last_answer: Option<String>,
    pub last_millis: Option<i64>,
}

/// The log of an endpoint, the newest first, from before a delivery on.
pub async fn logged(
    tx: &mut Tx,
    endpoint: &WebhookEndpointId,
    before: Option<(i64, &str)>,
    most: i64,
) -> sqlx::Result<Vec<Logged>> {
    let (created_at, event) = before.unwrap_or((i64::MAX, ""));
    sql!(
        all(tx),
        r"
        select event_id, sequence, type, body, created_at, due_at, attempts, delivered_at, last_at,
          last_status, last_answer, last_millis
        from webhook_deliveries
        where endpoint_id = $1 and (created_at, event_id) < ($2, $3)
        order by created_at desc, event_id desc
        limit $4
        ",
        endpoint.as_str(),
        created_at,
        event,
        most,
    )
}

/// One delivery of an endpoint.
pub async fn one(
    tx: &mut Tx,
    endpoint: &WebhookEndpointId,
    event: &OutgoingEventId,
) -> sqlx::Result<Option<Logged>> {
    sql!(
        optional(tx),
        r"
        select event_id, sequence, type, body, created_at, due_at, attempts, delivered_at, last_at,
          last_status, last_answer, last_millis
        from webhook_deliveries
        where endpoint_id = $1 and event_id = $2
        ",
        endpoint.as_str(),
        event.as_str(),
    )
}

/// Removes deliveries from before `cutoff`, at most `most`. Gives how many.
pub async fn remove_old(tx: &mut Tx, cutoff: Timestamp, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from webhook_deliveries
        where (endpoint_id, event_id) in (
            select endpoint_id, event_id
            from webhook_deliveries
            where created_at < $1
            order by created_at
            limit $2
          )
        ",
        cutoff.nanos(),
        most,
    )
}
