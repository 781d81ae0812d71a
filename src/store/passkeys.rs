//! The passkeys of accounts. A credential is the JSON of webauthn-rs; nothing here reads it.

use sqlx::FromRow;

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{
        id::{AccountId, PasskeyId},
        passkey::MOST_PASSKEYS,
        time::Timestamp,
    },
};

#[derive(Clone, Debug)]
pub struct StoredPasskey {
    pub id: PasskeyId,
    pub account: AccountId,
    pub name: String,
    /// In base64: what the browser names it by.
    pub credential_id: String,
    pub credential: String,
    pub added_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    account_id: String,
    name: String,
    credential_id: String,
    credential: String,
    added_at: i64,
    used_at: Option<i64>,
}

impl From<Row> for StoredPasskey {
    fn from(row: Row) -> Self {
        Self {
            id: PasskeyId::new(row.id),
            account: AccountId::new(row.account_id),
            name: row.name,
            credential_id: row.credential_id,
            credential: row.credential,
            added_at: Timestamp::from_nanos(row.added_at),
            used_at: row.used_at.map(Timestamp::from_nanos),
        }
    }
}

/// The passkeys of an account, in the order in which they were added.
pub async fn of_account(tx: &mut Tx, account: &AccountId) -> sqlx::Result<Vec<StoredPasskey>> {
    let rows: Vec<Row> = sql!(
        all(tx),
        r"
        select id, account_id, name, credential_id, credential, added_at, used_at
        from passkeys
        where account_id = $1
        order by added_at, id
        limit $2
        ",
        account.as_str(),
        MOST_PASSKEYS,
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The passkey that a browser names, of any account.
pub async fn by_credential(
    tx: &mut Tx,
    credential_id: &str,
) -> sqlx::Result<Option<StoredPasskey>> {
    let row: Option<Row> = sql!(
        optional(tx),
        r"
        select id, account_id, name, credential_id, credential, added_at, used_at
        from passkeys
        where credential_id = $1
        ",
        credential_id,
    )?;
    Ok(row.map(Into::into))
}

pub async fn add(tx: &mut Tx, passkey: &StoredPasskey) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into passkeys (account_id, id, name, credential_id, credential, added_at, used_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        ",
        passkey.account.as_str(),
        passkey.id.as_str(),
        passkey.name.as_str(),
        passkey.credential_id.as_str(),
        passkey.credential.as_str(),
        passkey.added_at.nanos(),
        passkey.used_at.map(Timestamp::nanos),
    )
    .and_then(exactly_one)
}

/// Records a use: the counter and the backup flags are in the credential.
pub async fn note_use(
    tx: &mut Tx,
    (account, id): (&AccountId, &PasskeyId),
    credential: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update passkeys
        set credential = $3, used_at = $4
        where account_id = $1 and id = $2
        ",
        account.as_str(),
        id.as_str(),
        credential,
        now.nanos(),
    )
    .and_then(exactly_one)
}

pub async fn rename(
    tx: &mut Tx,
    (account, id): (&AccountId, &PasskeyId),
    name: &str,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update passkeys
        set name = $3
        where account_id = $1 and id = $2
        ",
        account.as_str(),
        id.as_str(),
        name,
    )
    .and_then(exactly_one)
}

pub async fn remove(tx: &mut Tx, (account, id): (&AccountId, &PasskeyId)) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from passkeys
        where account_id = $1 and id = $2
        ",
        account.as_str(),
        id.as_str(),
    )
    .and_then(exactly_one)
}

pub async fn remove_all(tx: &mut Tx, account: &AccountId) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from passkeys
        where account_id = $1
        ",
        account.as_str(),
    )
}

/// By what the passkeys of an account know it; `None`: it never had one.
pub async fn handle(tx: &mut Tx, account: &AccountId) -> sqlx::Result<Option<String>> {
    let row: Option<(Option<String>,)> = sql!(
        optional(tx),
        r"
        select passkey_handle
        from accounts
        where id = $1
        ",
        account.as_str(),
    )?;
    Ok(row.and_then(|(handle,)| handle))
}

/// Gives an account the handle by which its passkeys know it. It stays, also without passkeys.
pub async fn set_handle(tx: &mut Tx, account: &AccountId, handle: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update accounts
        set passkey_handle = $2
        where id = $1 and passkey_handle is null
        ",
        account.as_str(),
        handle,
    )
    .and_then(exactly_one)
}
