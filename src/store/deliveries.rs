//! The inbox: every verified delivery, with its one outcome.

use sqlx::FromRow;

use super::{
    KEYS_AT_ONCE, ROWS_AT_ONCE, columns, exactly,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::{
        decision::Outcome,
        id::{DeliveryId, EventId, OrganizationId, WebhookId},
        time::Timestamp,
    },
};

/// A delivery and its outcome.
#[derive(Clone, Debug)]
pub struct DeliveryRecord {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub event: EventId,
    pub kind: String,
    pub organization: Option<OrganizationId>,
    pub occurred_at: Timestamp,
    pub received_at: Timestamp,
    pub outcome: Outcome,
    pub original: bool,
    /// Another delivery with the same id had a different body.
    pub suspicious: bool,
    pub why: Option<String>,
    pub body: Option<Vec<u8>>,
    pub body_hash: String,
    /// The revision of the organization under which its decisions were written, if it caused any.
    pub revision: Option<i64>,
}

/// The primary key of a stored delivery.
#[derive(Clone, Debug)]
pub struct StoredKey {
    pub organization: Option<OrganizationId>,
    pub received_at: Timestamp,
    pub id: DeliveryId,
}

/// A delivery that was stored before.
#[derive(Clone, Debug, FromRow)]
pub struct StoredDelivery {
    pub organization_id: String,
    pub id: String,
    pub webhook_id: String,
    pub event_id: String,
    pub kind: String,
    pub body_hash: String,
}

/// The keys to look up a new delivery by, inside its organization: its `webhook-id`, and its event
/// (id and type).
#[derive(Clone, Copy, Debug)]
pub struct DeliveryKey<'a> {
    /// Empty if the delivery has none.
    pub organization: &'a str,
    pub webhook_id: &'a str,
    pub event_id: &'a str,
    pub kind: &'a str,
}

/// The stored originals that these deliveries repeat.
///
/// A retry has the same bytes and therefore the same organization, so that one organization's rows
/// are enough. Deliveries that name no organization are looked up among themselves. They change
/// nothing: if the organization of the same message can be read later (its group is known by then),
/// it is applied then, and once only.
pub async fn known(tx: &mut Tx, asked: &[DeliveryKey<'_>]) -> sqlx::Result<Vec<StoredDelivery>> {
    Ok(listed!(
        tx,
        asked,
        KEYS_AT_ONCE,
        r"
        with asked (organization_id, webhook_id, event_id, kind) as ({keys})
        select d.organization_id, d.id, d.webhook_id, d.event_id, d.kind, d.body_hash
        from asked
        join deliveries d on d.original and d.organization_id = asked.organization_id
          and d.webhook_id = asked.webhook_id
        union all
        select d.organization_id, d.id, d.webhook_id, d.event_id, d.kind, d.body_hash
        from asked
        join deliveries d on d.original and d.organization_id = asked.organization_id
          and d.event_id = asked.event_id and d.kind = asked.kind
        ",
        |asked| [asked.organization, asked.webhook_id, asked.event_id, asked.kind],
    ))
}

/// A recent delivery.
#[derive(Clone, Debug, FromRow)]
pub struct Latest {
    pub event_id: String,
    pub occurred_at: i64,
    pub received_at: i64,
}

/// The latest originals of known organizations that were received by `received_by` and occurred by
/// `now`, newest first.
pub async fn latest(
    tx: &mut Tx,
    (now, received_by): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Vec<Latest>> {
    sql!(
        all(tx),
        r"
        select event_id, occurred_at, received_at
        from deliveries
        where original and organization_id <> '' and occurred_at <= $1 and received_at <= $2
        order by received_at desc, id desc
        limit $3
        ",
        now.nanos(),
        received_by.nanos(),
        most,
    )
}

/// When the last delivery was received.
pub async fn last_received(tx: &mut Tx) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select received_at
        from deliveries
        order by received_at desc, id desc
        limit 1
        ",
    )?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}

pub async fn add(tx: &mut Tx, rows: &[DeliveryRecord]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        insert into deliveries (
          organization_id, id, webhook_id, event_id, kind, occurred_at, received_at, outcome,
          original, suspicious, why, body, body_hash, revision
        )
        {rows}
        ",
        |row| [
            columns::from_organization(row.organization.as_ref()),
            row.id.as_str(),
            row.webhook_id.as_str(),
            row.event.as_str(),
            row.kind.as_str(),
            row.occurred_at.nanos(),
            row.received_at.nanos(),
            row.outcome.as_str(),
            row.original,
            row.suspicious,
            row.why.as_deref(),
            row.body.as_deref(),
            row.body_hash.as_str(),
            row.revision,
        ],
    );
    exactly(rows.len() as u64, hit)
}

/// Upper bound of a part of about `most` deliveries between `from` and `to`; `None` if there are
/// none.
pub async fn part_before(
    tx: &mut Tx,
    (from, to): (Timestamp, Timestamp),
    most: i64,
) -> sqlx::Result<Option<Timestamp>> {
    let row: (Option<i64>,) = sql!(
        one(tx),
        r"
        select max(received_at)
        from (
          select received_at
          from deliveries
          where received_at > $1 and received_at < $2
          order by received_at
          limit $3
        ) d
        ",
        from.nanos(),
        to.nanos(),
        most,
    )?;
    Ok(row.0.map(Timestamp::from_nanos))
}

/// The bodies of deliveries that were received after `from` and until `to`.
pub async fn bodies(
    tx: &mut Tx,
    (from, to): (Timestamp, Timestamp),
) -> sqlx::Result<Vec<(StoredKey, Vec<u8>)>> {
    let rows: Vec<(String, i64, String, Vec<u8>)> = sql!(
        all(tx),
        r"
        select organization_id, received_at, id, body
        from deliveries
        where received_at > $1 and received_at <= $2 and body is not null
        order by received_at, id
        ",
        from.nanos(),
        to.nanos(),
    )?;
    let row = |(organization, received_at, id, body): (String, i64, String, Vec<u8>)| {
        let organization = columns::organization(organization);
        let (received_at, id) = (Timestamp::from_nanos(received_at), DeliveryId::new(id));
        (StoredKey { organization, received_at, id }, body)
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Replaces the bodies of deliveries that still have one; the hashes stay those of what came.
pub async fn replace_bodies(tx: &mut Tx, rows: &[(StoredKey, Vec<u8>)]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        ROWS_AT_ONCE,
        r"
        with cut (organization_id, received_at, id, body) as ({rows})
        update deliveries
        set body = cut.body
        from cut
        where deliveries.organization_id = cut.organization_id
          and deliveries.received_at = cut.received_at and deliveries.id = cut.id
          and deliveries.body is not null
        ",
        |row| [
            columns::from_organization(row.0.organization.as_ref()),
            row.0.received_at.nanos(),
            row.0.id.as_str(),
            row.1.as_slice(),
        ],
    );
    Ok(())
}

/// Removes the bodies of deliveries that were received after `from` and until `to`.
pub async fn purge_bodies(tx: &mut Tx, from: Timestamp, to: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        update deliveries
        set body = null
        where received_at > $1 and received_at <= $2 and body is not null
        ",
        from.nanos(),
        to.nanos(),
    )
}

/// The number of deliveries of each outcome, as (outcome, rows, originals).
pub async fn all_outcomes(tx: &mut Tx) -> sqlx::Result<Vec<(Outcome, i64, i64)>> {
    let rows: Vec<Keyed<AllCount>> = sql!(
        all(tx),
        r"
        select outcome, count(*) as deliveries, count(case when original then 1 end) as originals
        from deliveries
        group by outcome
        order by outcome
        ",
    )?;
    let count =
        |Keyed(row): Keyed<AllCount>| (row.count.outcome.0, row.count.deliveries, row.originals);
    Ok(rows.into_iter().map(count).collect())
}

#[derive(FromRow)]
struct AllCount {
    #[sqlx(flatten)]
    count: Count,
    originals: i64,
}

impl Stored for AllCount {
    const TABLE: &'static str = Count::TABLE;
    const KEY: &'static [&'static str] = Count::KEY;
}

#[derive(FromRow)]
struct Count {
    outcome: Text<Outcome>,
    deliveries: i64,
}

impl Stored for Count {
    const TABLE: &'static str = "deliveries";
    const KEY: &'static [&'static str] = &["outcome"];
}

/// The outcomes of the newest `most` deliveries since `since`, with their numbers.
pub async fn outcomes(
    tx: &mut Tx,
    since: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<(Outcome, i64)>> {
    let rows: Vec<Keyed<Count>> = sql!(
        all(tx),
        r"
        select outcome, count(*) as deliveries
        from (
          select outcome
          from deliveries
          where received_at >= $1
          order by received_at desc
          limit $2
        ) d
        group by outcome
        order by deliveries desc, outcome
        ",
        since.nanos(),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| (row.outcome.0, row.deliveries)).collect())
}
