//! Sessions, stored under the hash of their token. [`end`] and [`end_all`] also notify the pages
//! that are open with them.

use super::accounts;
use crate::{
    db::{Tx, sql},
    domain::{id::AccountId, session::SessionLimits, time::Timestamp},
};

/// A session as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    pub account: AccountId,
    pub created_at: Timestamp,
    pub used_at: Timestamp,
}

/// Begins a session. False: the account was disabled in the meantime, or its password hash is no
/// longer this one.
pub async fn begin(
    tx: &mut Tx,
    token_hash: &str,
    account: &AccountId,
    password_hash: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    if !accounts::is_unchanged(tx, account, password_hash).await? {
        return Ok(false);
    }
    let rows = sql!(
        execute(tx),
        r"
        insert into sessions (token_hash, account_id, created_at, used_at)
        values ($1, $2, $3, $3)
        ",
        token_hash,
        account.as_str(),
        now.nanos(),
    )?;
    super::exactly_one(rows).map(|()| true)
}

pub async fn load(tx: &mut Tx, token_hash: &str) -> sqlx::Result<Option<StoredSession>> {
    let row: Option<(String, i64, i64)> = sql!(
        optional(tx),
        r"
        select account_id, created_at, used_at
        from sessions
        where token_hash = $1
        ",
        token_hash,
    )?;
    Ok(row.map(|(account, created_at, used_at)| StoredSession {
        account: AccountId::new(account),
        created_at: Timestamp::from_nanos(created_at),
        used_at: Timestamp::from_nanos(used_at),
    }))
}

/// Records a use. An ended session stays ended, and a later use is not overwritten.
pub async fn note_use(tx: &mut Tx, token_hash: &str, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update sessions
        set used_at = $2
        where token_hash = $1 and used_at < $2
        ",
        token_hash,
        now.nanos(),
    )
    .map(|_| ())
}

/// Ends one session, if it exists, and returns its account. The account's row is locked first, as
/// in [`end_all`].
pub async fn end(tx: &mut Tx, token_hash: &str, now: Timestamp) -> sqlx::Result<Option<AccountId>> {
    let Some(StoredSession { account, .. }) = load(tx, token_hash).await? else { return Ok(None) };
    accounts::note_access_change(tx, &account, now).await?;
    let ended = sql!(
        execute(tx),
        r"
        delete from sessions
        where token_hash = $1
        ",
        token_hash,
    )?;
    Ok((ended == 1).then_some(account))
}

/// Ends all sessions of an account. Returns how many there were.
pub async fn end_all(tx: &mut Tx, account: &AccountId, now: Timestamp) -> sqlx::Result<u64> {
    accounts::note_access_change(tx, account, now).await?;
    sql!(
        execute(tx),
        r"
        delete from sessions
        where account_id = $1
        ",
        account.as_str(),
    )
}

/// Deletes the sessions that have expired under every limit.
pub async fn remove_expired(
    tx: &mut Tx,
    limits: &SessionLimits,
    now: Timestamp,
) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from sessions
        where created_at <= $1 or used_at <= $2
        ",
        now.minus(limits.absolute).nanos(),
        now.minus(limits.longest_idle()).nanos(),
    )
}
