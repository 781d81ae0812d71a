//! Dead letters: verified deliveries that could not be applied, until a person replays them.

use sqlx::FromRow;

use super::{
    columns,
    deliveries::{DeliveryRecord, StoredKey},
    delivery_history, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        decision::Outcome,
        id::{DeliveryId, OrganizationId, WebhookId},
        time::Timestamp,
    },
};

/// The stored parts of a delivery that a replay needs.
#[derive(Clone, Debug)]
pub struct Kept {
    pub key: StoredKey,
    pub webhook_id: WebhookId,
    pub outcome: Outcome,
    pub body: Option<Vec<u8>>,
    /// Of the body that came, in hex.
    pub body_hash: String,
}

#[derive(FromRow)]
struct KeptRow {
    organization_id: String,
    webhook_id: String,
    outcome: Text<Outcome>,
    received_at: i64,
    body: Option<Vec<u8>>,
    body_hash: String,
}

impl Stored for KeptRow {
    const TABLE: &'static str = "deliveries";
    const KEY: &'static [&'static str] = &["id"];
}

/// A delivery by its id alone, as a page names it.
pub async fn kept(tx: &mut Tx, id: &DeliveryId) -> sqlx::Result<Option<Kept>> {
    let row: Option<Keyed<KeptRow>> = sql!(
        optional(tx),
        r"
        select organization_id, id, webhook_id, outcome, received_at, body, body_hash
        from deliveries
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| Kept {
        key: StoredKey {
            organization: columns::organization(row.organization_id),
            received_at: Timestamp::from_nanos(row.received_at),
            id: id.clone(),
        },
        webhook_id: WebhookId::new(row.webhook_id),
        outcome: row.outcome.0,
        body: row.body,
        body_hash: row.body_hash,
    }))
}

/// Whether it is a dead letter. Its row is locked, so the answer holds until the transaction ends.
pub async fn lock(tx: &mut Tx, key: &StoredKey) -> sqlx::Result<bool> {
    let dead: Vec<String> = sql!(
        values(tx),
        r"
        select id
        from deliveries
        where organization_id = $1 and received_at = $2 and id = $3 and outcome = 'dead'
        order by id
        for update
        ",
        columns::from_organization(key.organization.as_ref()),
        key.received_at.nanos(),
        key.id.as_str(),
    )?;
    Ok(!dead.is_empty())
}

/// Writes the result of a replay; the body and the time of receipt stay. If the replay has found
/// another organization than the delivery had, the delivery moves there with its history: no
/// statement changes a key that a table may be distributed by.
pub async fn replayed(tx: &mut Tx, before: &StoredKey, row: &DeliveryRecord) -> sqlx::Result<()> {
    if before.organization != row.organization {
        move_delivery(tx, before, row.organization.as_ref()).await?;
    }
    sql!(
        execute(tx),
        r"
        update deliveries
        set event_id = $4, kind = $5, occurred_at = $6, outcome = $7, original = $8,
          suspicious = $9, why = $10, revision = $11
        where organization_id = $1 and received_at = $2 and id = $3
        ",
        columns::from_organization(row.organization.as_ref()),
        before.received_at.nanos(),
        row.id.as_str(),
        row.event.as_str(),
        row.kind.as_str(),
        row.occurred_at.nanos(),
        row.outcome.as_str(),
        row.original,
        row.suspicious,
        row.why.as_deref(),
        row.revision,
    )
    .and_then(exactly_one)
}

async fn move_delivery(
    tx: &mut Tx,
    before: &StoredKey,
    after: Option<&OrganizationId>,
) -> sqlx::Result<()> {
    let StoredKey { organization, received_at, id } = before;
    let from = columns::from_organization(organization.as_ref());
    let to = columns::from_organization(after);
    sql!(
        execute(tx),
        r"
        insert into deliveries (
          organization_id, id, webhook_id, event_id, kind, occurred_at, received_at, outcome,
          original, suspicious, why, body, body_hash, revision
        )
        select $4, id, webhook_id, event_id, kind, occurred_at, received_at, outcome,
          false, suspicious, why, body, body_hash, revision
        from deliveries
        where organization_id = $1 and received_at = $2 and id = $3
        ",
        from,
        received_at.nanos(),
        id.as_str(),
        to,
    )
    .and_then(exactly_one)?;
    sql!(
        execute(tx),
        r"
        delete from deliveries
        where organization_id = $1 and received_at = $2 and id = $3
        ",
        from,
        received_at.nanos(),
        id.as_str(),
    )
    .and_then(exactly_one)?;
    delivery_history::move_to(tx, before, after).await
}

/// Keeps the delivery as a dead letter, with a new reason.
pub async fn stays(tx: &mut Tx, key: &StoredKey, why: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update deliveries
        set why = $4
        where organization_id = $1 and received_at = $2 and id = $3
        ",
        columns::from_organization(key.organization.as_ref()),
        key.received_at.nanos(),
        key.id.as_str(),
        why,
    )
    .and_then(exactly_one)
}

/// A filter for dead letters; empty means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which<'a> {
    pub organization: &'a str,
    pub kind: &'a str,
}

/// The number of dead letters to replay that were received by `until`, counted up to `most`.
pub async fn count(
    tx: &mut Tx,
    which: Which<'_>,
    until: Timestamp,
    most: i64,
) -> sqlx::Result<i64> {
    let Which { organization, kind } = which;
    match (organization, kind) {
        ("", "") => sql!(
            value(tx),
            r"
            select count(*)
            from (
              select id
              from deliveries
              where outcome = 'dead' and body is not null and received_at <= $1
              order by received_at, id
              limit $2
            ) d
            ",
            until.nanos(),
            most,
        ),
        ("", kind) => sql!(
            value(tx),
            r"
            select count(*)
            from (
              select id
              from deliveries
              where outcome = 'dead' and body is not null and kind = $3 and received_at <= $1
              order by received_at, id
              limit $2
            ) d
            ",
            until.nanos(),
            most,
            kind,
        ),
        (organization, kind) => sql!(
            value(tx),
            r"
            select count(*)
            from (
              select id
              from deliveries
              where outcome = 'dead' and body is not null
                and organization_id = $3 and ($4 = '' or kind = $4) and received_at <= $1
              order by received_at, id
              limit $2
            ) d
            ",
            until.nanos(),
            most,
            organization,
            kind,
        ),
    }
}

/// When the newest dead letter that can be replayed was received.
pub async fn newest(tx: &mut Tx, which: Which<'_>) -> sqlx::Result<Option<Timestamp>> {
    let newest: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select received_at
        from deliveries
        where outcome = 'dead' and body is not null
          and ($1 = '' or organization_id = $1) and ($2 = '' or kind = $2)
        order by received_at desc, id desc
        limit 1
        ",
        which.organization,
        which.kind,
    )?;
    Ok(newest.map(|(at,)| Timestamp::from_nanos(at)))
}

/// The oldest dead letter after a position in the order of receipt.
pub async fn next(
    tx: &mut Tx,
    which: Which<'_>,
    (received_at, id): (Timestamp, &str),
    until: Timestamp,
) -> sqlx::Result<Option<(DeliveryId, Timestamp)>> {
    let Which { organization, kind } = which;
    let row: Option<(String, i64)> = match (organization, kind) {
        ("", "") => sql!(
            optional(tx),
            r"
            select id, received_at
            from deliveries
            where outcome = 'dead' and body is not null
              and received_at <= $1 and (received_at, id) > ($2, $3)
            order by received_at, id
            limit 1
            ",
            until.nanos(),
            received_at.nanos(),
            id,
        ),
        ("", kind) => sql!(
            optional(tx),
            r"
            select id, received_at
            from deliveries
            where outcome = 'dead' and body is not null and kind = $4
              and received_at <= $1 and (received_at, id) > ($2, $3)
            order by received_at, id
            limit 1
            ",
            until.nanos(),
            received_at.nanos(),
            id,
            kind,
        ),
        (organization, kind) => sql!(
            optional(tx),
            r"
            select id, received_at
            from deliveries
            where outcome = 'dead' and body is not null
              and organization_id = $4 and ($5 = '' or kind = $5)
              and received_at <= $1 and (received_at, id) > ($2, $3)
            order by received_at, id
            limit 1
            ",
            until.nanos(),
            received_at.nanos(),
            id,
            organization,
            kind,
        ),
    }?;
    Ok(row.map(|(id, at)| (DeliveryId::new(id), Timestamp::from_nanos(at))))
}

/// The newest dead letter that can be replayed, as (type, organization, reason).
pub async fn newest_facts(
    tx: &mut Tx,
) -> sqlx::Result<Option<(String, Option<OrganizationId>, Option<String>)>> {
    let row: Option<(String, String, Option<String>)> = sql!(
        optional(tx),
        r"
        select kind, organization_id, why
        from deliveries
        where outcome = 'dead' and body is not null
        order by received_at desc, id desc
        limit 1
        ",
    )?;
    Ok(row.map(|(kind, organization, why)| (kind, columns::organization(organization), why)))
}

/// Whether any dead letter can still be replayed.
pub async fn are_left(tx: &mut Tx) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select id
        from deliveries
        where outcome = 'dead' and body is not null
        order by received_at, id
        limit 1
        ",
    )?;
    Ok(row.is_some())
}
