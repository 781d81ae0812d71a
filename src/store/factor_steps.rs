//! What browsers have begun and not ended: the second step of a sign-in, or the set-up of a factor.
//! The token is in a cookie alone, and the table has its hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sqlx::FromRow;

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{factor::StepKind, id::AccountId, time::Timestamp},
};

/// How many steps one statement deletes, so that deliveries do not wait for it.
const REMOVED_AT_ONCE: i64 = 2_000;

#[derive(Clone)]
pub struct FactorStep {
    pub account: AccountId,
    /// A hash of the password hash that was right.
    pub password_mark: Option<String>,
    /// The secret of a new app, in base64; empty for a second step.
    pub state: String,
}

#[derive(FromRow)]
struct Row {
    account_id: String,
    password_mark: Option<String>,
    state: String,
}

pub async fn add(
    tx: &mut Tx,
    (token, kind): (&str, StepKind),
    step: &FactorStep,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into factor_steps (token_hash, kind, account_id, password_mark, state, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        ",
        hash(token),
        kind.as_str(),
        step.account.as_str(),
        step.password_mark.as_deref(),
        step.state.as_str(),
        expires_at.nanos(),
    )
    .and_then(exactly_one)
}

/// The step of a token; `None` if it is over.
pub async fn find(
    tx: &mut Tx,
    (token, kind): (&str, StepKind),
    now: Timestamp,
) -> sqlx::Result<Option<FactorStep>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select account_id, password_mark, state
        from factor_steps
        where token_hash = $1 and kind = $2 and expires_at > $3
        ",
        hash(token),
        kind.as_str(),
        now.nanos(),
    )?;
    Ok(row.map(|row| FactorStep {
        account: AccountId::new(row.account_id),
        password_mark: row.password_mark,
        state: row.state,
    }))
}

/// Ends a step. False: it has ended before, so that what it allowed is not done twice.
pub async fn end(tx: &mut Tx, token: &str) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        delete from factor_steps
        where token_hash = $1
        ",
        hash(token),
    )?;
    Ok(hit == 1)
}

/// Ends all steps of an account.
pub async fn end_all(tx: &mut Tx, account: &AccountId) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from factor_steps
        where account_id = $1
        ",
        account.as_str(),
    )
}

/// Deletes some of the steps whose time is over; gives how many.
pub async fn remove_expired(tx: &mut Tx, now: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from factor_steps
        where token_hash in (
          select token_hash
          from factor_steps
          where expires_at <= $1
          order by expires_at, token_hash
          limit $2
        )
        ",
        now.nanos(),
        REMOVED_AT_ONCE,
    )
}

/// A hash of a text that is secret and long, for a column.
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}
