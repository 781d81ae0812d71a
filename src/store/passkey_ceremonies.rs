//! What browsers were asked to sign with a passkey. Each is used once. The token is in a cookie
//! alone, and the table has its hash.

use sqlx::FromRow;

use super::{exactly_one, factor_steps::hash};
use crate::{
    db::{Tx, sql},
    domain::{id::AccountId, passkey::CeremonyKind, time::Timestamp},
};

/// How many ceremonies one statement deletes, so that deliveries do not wait for it.
const REMOVED_AT_ONCE: i64 = 2_000;

#[derive(Clone)]
pub struct Ceremony {
    /// `None`: it is not known who signs in.
    pub account: Option<AccountId>,
    /// The challenge, as JSON of webauthn-rs.
    pub state: String,
}

#[derive(FromRow)]
struct Row {
    account_id: Option<String>,
    state: String,
}

pub async fn add(
    tx: &mut Tx,
    (token, kind): (&str, CeremonyKind),
    ceremony: &Ceremony,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into passkey_ceremonies (token_hash, kind, account_id, state, expires_at)
        values ($1, $2, $3, $4, $5)
        ",
        hash(token),
        kind.as_str(),
        ceremony.account.as_ref().map(AccountId::as_str),
        ceremony.state.as_str(),
        expires_at.nanos(),
    )
    .and_then(exactly_one)
}

/// Takes a ceremony out of the table, so that no other answer finds it. `None`: there is none, its
/// time is over, or it was used.
pub async fn take(
    tx: &mut Tx,
    (token, kind): (&str, CeremonyKind),
    now: Timestamp,
) -> sqlx::Result<Option<Ceremony>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        delete from passkey_ceremonies
        where token_hash = $1 and kind = $2 and expires_at > $3
        returning account_id, state
        ",
        hash(token),
        kind.as_str(),
        now.nanos(),
    )?;
    Ok(row.map(|row| Ceremony { account: row.account_id.map(AccountId::new), state: row.state }))
}

/// Ends all ceremonies of an account.
pub async fn end_all(tx: &mut Tx, account: &AccountId) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from passkey_ceremonies
        where account_id = $1
        ",
        account.as_str(),
    )
}

/// Deletes some of the ceremonies whose time is over; gives how many.
pub async fn remove_expired(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from passkey_ceremonies
        where token_hash in (
          select token_hash
          from passkey_ceremonies
          where expires_at <= $1
          order by expires_at, token_hash
          limit $2
        )
        ",
        now.nanos(),
        REMOVED_AT_ONCE,
    )
}
