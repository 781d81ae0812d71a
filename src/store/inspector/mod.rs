//! The inbox for the deliveries page, newest first. Every statement uses an index and reads a
//! bounded number of rows.

mod part;

use sqlx::FromRow;

pub use self::part::{Filter, Part, Position, part};
use super::{
    columns,
    deliveries::StoredKey,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        decision::Outcome,
        id::{DeliveryId, EventId, OrganizationId, WebhookId},
        time::Timestamp,
    },
};

/// A delivery in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: DeliveryId,
    /// Empty if the body names no type.
    pub kind: String,
    /// The id and the stored name; the name is empty if the organization is not known.
    pub organization: Option<(OrganizationId, String)>,
    pub event: EventId,
    pub outcome: Outcome,
    pub suspicious: bool,
    pub received_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: String,
    kind: String,
    organization_id: String,
    name: Option<String>,
    event_id: String,
    outcome: Text<Outcome>,
    suspicious: bool,
    received_at: i64,
}

impl Stored for Row {
    const TABLE: &'static str = "deliveries";
    const KEY: &'static [&'static str] = &["id"];
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let name = row.name.unwrap_or_default();
        let organization = columns::organization(row.organization_id).map(|id| (id, name));
        Self {
            id: DeliveryId::new(row.id),
            kind: row.kind,
            organization,
            event: EventId::new(row.event_id),
            outcome: row.outcome.0,
            suspicious: row.suspicious,
            received_at: Timestamp::from_nanos(row.received_at),
        }
    }
}

/// The number of dead letters, counted up to `most`.
pub async fn dead(tx: &mut Tx, most: i64) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
          select id
          from deliveries
          where outcome = 'dead'
          order by received_at, id
          limit $1
        ) d
        ",
        most,
    )
}

/// The number of deliveries that share an id with a different body, counted up to `most`.
pub async fn suspicious(tx: &mut Tx, most: i64) -> sqlx::Result<i64> {
    sql!(
        value(tx),
        r"
        select count(*)
        from (
          select id
          from deliveries
          where suspicious
          order by received_at, id
          limit $1
        ) d
        ",
        most,
    )
}

/// The deliveries with this `webhook-id` or this event id, newest first.
pub async fn called(
    tx: &mut Tx,
    webhook_id: &str,
    event_id: &str,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    // the columns 8 and 1 are `received_at` and `id`
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
          d.received_at
        from deliveries d
        left join organizations o on o.id = d.organization_id
        where d.original and d.webhook_id = $1
        union
        select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
          d.received_at
        from deliveries d
        left join organizations o on o.id = d.organization_id
        where not d.original and d.webhook_id = $1
        union
        select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
          d.received_at
        from deliveries d
        left join organizations o on o.id = d.organization_id
        where d.original and d.event_id = $2
        union
        select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
          d.received_at
        from deliveries d
        left join organizations o on o.id = d.organization_id
        where not d.original and d.event_id = $2
        order by 8 desc, 1 desc
        limit $3
        ",
        webhook_id,
        event_id,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The deliveries that changed a user's seat or waitlist position, newest first.
pub async fn about(
    tx: &mut Tx,
    organization: &str,
    user: &str,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
          d.received_at
        from deliveries d
        left join organizations o on o.id = d.organization_id
        where d.original and d.organization_id = $1
          and d.event_id in (
            select event_id
            from (
              select event_id
              from decisions
              where organization_id = $1 and user_id = $2 and event_id is not null
              order by revision desc, ordinal desc
              limit $3
            ) e
          )
        order by d.received_at desc, d.id desc
        limit $3
        ",
        organization,
        user,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// One delivery with everything that is stored of it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub key: StoredKey,
    pub row: Listed,
    pub webhook_id: WebhookId,
    pub occurred_at: Timestamp,
    pub original: bool,
    pub why: Option<String>,
    pub body: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct WholeRow {
    #[sqlx(flatten)]
    row: Row,
    webhook_id: String,
    occurred_at: i64,
    original: bool,
    why: Option<String>,
    body: Option<Vec<u8>>,
}

impl Stored for WholeRow {
    const TABLE: &'static str = Row::TABLE;
    const KEY: &'static [&'static str] = Row::KEY;
}

pub async fn whole(tx: &mut Tx, id: &DeliveryId) -> sqlx::Result<Option<Whole>> {
    let found: Option<Keyed<WholeRow>> = sql!(
        optional(tx),
        r"
        select d.id, d.kind, d.organization_id, o.name, d.event_id, d.outcome, d.suspicious,
          d.received_at, d.webhook_id, d.occurred_at, d.original, d.why, d.body
        from deliveries d
        left join organizations o on o.id = d.organization_id
        where d.id = $1
        ",
        id.as_str(),
    )?;
    Ok(found.map(|Keyed(whole)| Whole {
        key: StoredKey {
            organization: columns::organization(whole.row.organization_id.clone()),
            received_at: Timestamp::from_nanos(whole.row.received_at),
            id: id.clone(),
        },
        row: whole.row.into(),
        webhook_id: WebhookId::new(whole.webhook_id),
        occurred_at: Timestamp::from_nanos(whole.occurred_at),
        original: whole.original,
        why: whole.why,
        body: whole.body,
    }))
}
