//! The authenticator app of an account: the secret, and the last code that was accepted.

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{id::AccountId, time::Timestamp},
};

/// Gives an account its app. `step` is that of the code that confirmed it.
pub async fn add(
    tx: &mut Tx,
    account: &AccountId,
    (secret, step): (&[u8], i64),
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into authenticator_apps (account_id, secret, added_at, last_step)
        values ($1, $2, $3, $4)
        ",
        account.as_str(),
        secret,
        now.nanos(),
        step,
    )
    .and_then(exactly_one)
}

/// The secret of the app of an account.
pub async fn secret(tx: &mut Tx, account: &AccountId) -> sqlx::Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>,)> = sql!(
        optional(tx),
        r"
        select secret
        from authenticator_apps
        where account_id = $1
        ",
        account.as_str(),
    )?;
    Ok(row.map(|(secret,)| secret))
}

/// Takes the code of a step. False: that code or a newer one was taken before, in any process, or
/// the account has no app any more.
pub async fn take_step(tx: &mut Tx, account: &AccountId, step: i64) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        update authenticator_apps
        set last_step = $2
        where account_id = $1 and last_step < $2
        ",
        account.as_str(),
        step,
    )?;
    Ok(hit == 1)
}

/// False: the account had no app.
pub async fn remove(tx: &mut Tx, account: &AccountId) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        r"
        delete from authenticator_apps
        where account_id = $1
        ",
        account.as_str(),
    )?;
    Ok(hit == 1)
}
