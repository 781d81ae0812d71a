//! Sessions: tower-sessions' records in our own table, under the hash of their token.

use crate::{
    db::{Tx, sql},
    domain::{id::AccountId, time::Timestamp},
};

/// A session as stored.
#[derive(Clone, Debug)]
pub struct Stored<'a> {
    pub token_hash: &'a str,
    pub account: Option<&'a AccountId>,
    pub data: &'a [u8],
    pub expires_at: Timestamp,
}

/// A new session. False: the token is taken.
pub async fn create(tx: &mut Tx, session: &Stored<'_>) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "insert into sessions (token_hash, account_id, data, expires_at) values ($1, $2, $3, $4) on conflict (token_hash) do nothing",
        session.token_hash,
        session.account.map(AccountId::as_str),
        session.data,
        session.expires_at.nanos(),
    )?;
    Ok(hit == 1)
}

/// Writes a session that is there; one that was ended meanwhile stays ended.
pub async fn save(tx: &mut Tx, session: &Stored<'_>) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        "update sessions set account_id = $2, data = $3, expires_at = $4 where token_hash = $1",
        session.token_hash,
        session.account.map(AccountId::as_str),
        session.data,
        session.expires_at.nanos(),
    )
    .map(|_| ())
}

pub async fn load(tx: &mut Tx, token_hash: &str, now: Timestamp) -> sqlx::Result<Option<(Vec<u8>, Timestamp)>> {
    let row: Option<(Vec<u8>, i64)> =
        sql!(optional(tx), "select data, expires_at from sessions where token_hash = $1 and expires_at > $2", token_hash, now.nanos(),)?;
    Ok(row.map(|(data, expires_at)| (data, Timestamp::from_nanos(expires_at))))
}

pub async fn end(tx: &mut Tx, token_hash: &str) -> sqlx::Result<u64> {
    sql!(execute(tx), "delete from sessions where token_hash = $1", token_hash)
}

/// Everywhere this account is signed in.
pub async fn end_all(tx: &mut Tx, account: &AccountId) -> sqlx::Result<u64> {
    sql!(execute(tx), "delete from sessions where account_id = $1", account.as_str())
}

pub async fn sweep(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    sql!(execute(tx), "delete from sessions where expires_at <= $1", now.nanos())
}
