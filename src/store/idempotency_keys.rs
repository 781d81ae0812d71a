//! The calls of the API that are not done twice.

use sqlx::FromRow;

use super::{columns, exactly_one};
use crate::{
    db::{Tx, sql},
    domain::{api_key::ApiKey, time::Timestamp},
};

/// A call that was begun.
#[derive(Clone, Debug, FromRow)]
pub struct Begun {
    pub request_hash: String,
    pub at: i64,
    /// The status and the body of the answer, if there is one.
    pub status: Option<i64>,
    pub body: Option<String>,
    pub etag: Option<String>,
}

/// The answer of a call, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    pub status: u16,
    pub body: String,
    pub etag: Option<String>,
}

/// Begins a call. False: one with this name was begun before.
pub async fn begin(
    tx: &mut Tx,
    (key, name): (&ApiKey, &str),
    request_hash: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        insert into idempotency_keys (
          organization_id, key_id, idempotency_key, request_hash, begun_at
        )
        values ($1, $2, $3, $4, $5)
        on conflict (organization_id, key_id, idempotency_key) do nothing
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        name,
        request_hash,
        now.nanos(),
    )?;
    Ok(hit == 1)
}

pub async fn find(tx: &mut Tx, (key, name): (&ApiKey, &str)) -> sqlx::Result<Option<Begun>> {
    sql!(
        optional(tx),
        r"
        select request_hash, begun_at as at, status, body, etag
        from idempotency_keys
        where organization_id = $1 and key_id = $2 and idempotency_key = $3
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        name,
    )
}

/// Keeps the answer of a call.
pub async fn keep(
    tx: &mut Tx,
    (key, name): (&ApiKey, &str),
    answer: &KeptAnswer,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update idempotency_keys
        set status = $4, body = $5, etag = $6
        where organization_id = $1 and key_id = $2 and idempotency_key = $3
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        name,
        i64::from(answer.status),
        answer.body.as_str(),
        answer.etag.as_deref(),
    )
    .and_then(exactly_one)
}

/// Forgets a call, so that it may be tried again.
pub async fn forget(tx: &mut Tx, (key, name): (&ApiKey, &str)) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from idempotency_keys
        where organization_id = $1 and key_id = $2 and idempotency_key = $3
        ",
        columns::from_organization(key.organization.as_ref()),
        key.id.as_str(),
        name,
    )
    .map(|_| ())
}

/// Forgets some of the calls that were begun before `cutoff`; gives how many.
pub async fn forget_old(tx: &mut Tx, cutoff: Timestamp, most: i64) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from idempotency_keys
        where (organization_id, key_id, idempotency_key) in (
          select organization_id, key_id, idempotency_key
          from idempotency_keys
          where begun_at < $1
          order by begun_at, organization_id, key_id, idempotency_key
          limit $2
        )
        ",
        cutoff.nanos(),
        most,
    )
}
