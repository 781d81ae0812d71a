//! Dead letters: verified deliveries that could not be applied, until a person replays them.

use sqlx::FromRow;

use super::{deliveries::DeliveryRecord, exactly_one};
use crate::{
    db::{Tx, sql},
    domain::{
        id::{DeliveryId, OrganizationId},
        time::Timestamp,
    },
};

/// The stored parts of a delivery that a replay needs.
#[derive(Clone, Debug, FromRow)]
pub struct Kept {
    pub webhook_id: String,
    pub outcome: String,
    pub received_at: i64,
    pub body: Option<Vec<u8>>,
}

pub async fn kept(tx: &mut Tx, id: &DeliveryId) -> sqlx::Result<Option<Kept>> {
    sql!(
        optional(tx),
        "select webhook_id, outcome, received_at, body from deliveries where id = $1",
        id.as_str()
    )
}

/// Whether it is a dead letter. Its row is locked, so the answer holds until the transaction ends.
pub async fn lock(tx: &mut Tx, id: &DeliveryId) -> sqlx::Result<bool> {
    let text = format!(
        "select id from deliveries where id = $1 and outcome = 'dead' order by id {}",
        tx.for_update()
    );
    let dead: Vec<String> = sql!(values(tx), sqlx::AssertSqlSafe(text), id.as_str())?;
    Ok(!dead.is_empty())
}

/// Writes the result of a replay; the body and the time of receipt stay.
pub async fn replayed(tx: &mut Tx, row: &DeliveryRecord) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update deliveries set event_id = $2, kind = $3, organization_id = $4, occurred_at = $5, outcome = $6, original = $7, \
         suspicious = $8, why = $9, revision = $10 where id = $1",
        row.id.as_str(),
        row.event.as_str(),
        row.kind.as_str(),
        row.organization.as_ref().map(OrganizationId::as_str),
        row.occurred_at.nanos(),
        row.outcome.as_str(),
        row.original,
        row.suspicious,
        row.why.as_deref(),
        row.revision,
    )
    .and_then(exactly_one)
}

/// Keeps the delivery as a dead letter, with a new reason.
pub async fn stays(tx: &mut Tx, id: &DeliveryId, why: &str) -> sqlx::Result<()> {
    sql!(execute(tx), "update deliveries set why = $2 where id = $1", id.as_str(), why)
        .and_then(exactly_one)
}

/// A filter for dead letters; empty means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which<'a> {
    pub organization: &'a str,
    pub kind: &'a str,
}

/// `$1` and `$2` are organization and type. The fragment `$by` is the condition of the index.
macro_rules! replayable {
    ($head:literal, $by:literal, $tail:literal) => {
        concat!(
            $head,
            " from deliveries where outcome = 'dead' and body is not null and ",
            $by,
            " and ($1 = '' or organization_id = $1) and ($2 = '' or kind = $2)",
            $tail
        )
    };
}

/// The number of dead letters to replay that were received by `until`, counted up to `most`.
pub async fn count(
    tx: &mut Tx,
    which: Which<'_>,
    until: Timestamp,
    most: i64,
) -> sqlx::Result<i64> {
    macro_rules! counted {
        ($by:literal) => {
            replayable!(
                "select count(*) from (select id",
                $by,
                " and received_at <= $3 order by received_at, id limit $4) d"
            )
        };
    }
    let text = match (which.organization, which.kind) {
        ("", "") => counted!("true"),
        ("", _) => counted!("kind = $2"),
        _ => counted!("organization_id = $1"),
    };
    sql!(value(tx), text, which.organization, which.kind, until.nanos(), most)
}

/// When the newest dead letter that can be replayed was received.
pub async fn newest(tx: &mut Tx, which: Which<'_>) -> sqlx::Result<Option<Timestamp>> {
    let newest: Option<(i64,)> = sql!(
        optional(tx),
        replayable!("select received_at", "true", " order by received_at desc, id desc limit 1"),
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
    macro_rules! after {
        ($by:literal) => {
            replayable!(
                "select id, received_at",
                $by,
                " and received_at <= $3 and (received_at, id) > ($4, $5) order by received_at, id limit 1"
            )
        };
    }
    let text = match (which.organization, which.kind) {
        ("", "") => after!("true"),
        ("", _) => after!("kind = $2"),
        _ => after!("organization_id = $1"),
    };
    let row: Option<(String, i64)> = sql!(
        optional(tx),
        text,
        which.organization,
        which.kind,
        until.nanos(),
        received_at.nanos(),
        id
    )?;
    Ok(row.map(|(id, at)| (DeliveryId::new(id), Timestamp::from_nanos(at))))
}

/// The newest dead letter that can be replayed, as (type, organization, reason).
pub async fn newest_facts(
    tx: &mut Tx,
) -> sqlx::Result<Option<(String, Option<String>, Option<String>)>> {
    sql!(
        optional(tx),
        "select kind, organization_id, why from deliveries where outcome = 'dead' and body is not null \
         order by received_at desc, id desc limit 1"
    )
}

/// Whether any dead letter can still be replayed.
pub async fn are_left(tx: &mut Tx) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        "select id from deliveries where outcome = 'dead' and body is not null order by received_at, id limit 1"
    )?;
    Ok(row.is_some())
}
