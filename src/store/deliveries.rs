//! The inbox: every verified delivery, with its one outcome.

use sqlx::FromRow;

use crate::{
    db::{Tx, bulk, listed, sql},
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
    /// The organization's revision that its decisions were written under, if it decided anything.
    pub revision: Option<i64>,
}

/// A delivery that came before.
#[derive(Clone, Debug, FromRow)]
pub struct Known {
    pub webhook_id: String,
    pub event_id: String,
    pub kind: String,
    pub body_hash: String,
}

/// What is asked for when deliveries arrive: whether one with this `webhook-id`, or this event (id, type), came before.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub webhook_id: &'a str,
    pub event_id: &'a str,
    pub kind: &'a str,
}

/// The originals that any of these repeats.
pub async fn known(tx: &mut Tx, asked: &[Asked<'_>]) -> sqlx::Result<Vec<Known>> {
    Ok(listed!(
        tx,
        asked,
        1_024,
        "with asked (webhook_id, event_id, kind) as",
        |asked| [asked.webhook_id, asked.event_id, asked.kind],
        "select d.webhook_id, d.event_id, d.kind, d.body_hash from asked join deliveries d on d.original and d.webhook_id = asked.webhook_id \
         union all select d.webhook_id, d.event_id, d.kind, d.body_hash from asked join deliveries d \
         on d.original and d.event_id = asked.event_id and d.kind = asked.kind"
    ))
}

/// A delivery that came lately.
#[derive(Clone, Debug, FromRow)]
pub struct Latest {
    pub event_id: String,
    pub occurred_at: i64,
    pub received_at: i64,
}

/// The latest events that came by then, as far as they happened before `now`; the newest first.
pub async fn latest(tx: &mut Tx, (now, received_by): (Timestamp, Timestamp), most: i64) -> sqlx::Result<Vec<Latest>> {
    sql!(
        all(tx),
        "select event_id, occurred_at, received_at from deliveries where original and organization_id is not null and occurred_at <= $1 \
         and received_at <= $2 order by received_at desc, id desc limit $3",
        now.nanos(),
        received_by.nanos(),
        most,
    )
}

/// When the last delivery came.
pub async fn last_received(tx: &mut Tx) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sql!(optional(tx), "select received_at from deliveries order by received_at desc, id desc limit 1")?;
    Ok(row.map(|(at,)| Timestamp::from_nanos(at)))
}

pub async fn add(tx: &mut Tx, rows: &[Taken]) -> sqlx::Result<()> {
    bulk!(
        tx,
        rows,
        512,
        "insert into deliveries (id, webhook_id, event_id, kind, organization_id, occurred_at, received_at, outcome, original, suspicious, \
         why, body, body_hash, revision) ",
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
            row.revision,
        ],
        ""
    );
    Ok(())
}

/// Until when to go, so that not many more than `most` deliveries lie between `from` and there; nothing if none lies before `to`.
pub async fn part_before(tx: &mut Tx, (from, to): (Timestamp, Timestamp), most: i64) -> sqlx::Result<Option<Timestamp>> {
    let row: (Option<i64>,) = sql!(
        one(tx),
        "select max(received_at) from (select received_at from deliveries where received_at > $1 and received_at < $2 \
         order by received_at limit $3) d",
        from.nanos(),
        to.nanos(),
        most,
    )?;
    Ok(row.0.map(Timestamp::from_nanos))
}

/// Takes the bodies of what was received after `from` and until `to`.
pub async fn remove_bodies(tx: &mut Tx, from: Timestamp, to: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        "update deliveries set body = null where received_at > $1 and received_at <= $2 and body is not null",
        from.nanos(),
        to.nanos(),
    )
}

/// How many there are of each outcome, and how many of those are originals, as (outcome, rows, originals).
pub async fn all_outcomes(tx: &mut Tx) -> sqlx::Result<Vec<(String, i64, i64)>> {
    sql!(all(tx), "select outcome, count(*), count(case when original then 1 end) from deliveries group by outcome order by outcome",)
}

/// What became of the deliveries since `since`, the newest `most` of them.
pub async fn outcomes(tx: &mut Tx, since: Timestamp, most: i64) -> sqlx::Result<Vec<(Outcome, i64)>> {
    let rows: Vec<(String, i64)> = sql!(
        all(tx),
        "select outcome, count(*) from (select outcome from deliveries where received_at >= $1 order by received_at desc limit $2) d \
         group by outcome order by 2 desc, outcome",
        since.nanos(),
        most,
    )?;
    Ok(rows.into_iter().filter_map(|(outcome, count)| Some((Outcome::parse(&outcome)?, count))).collect())
}
