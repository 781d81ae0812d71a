//! The browsers and networks from which accounts have signed in.

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::{id::AccountId, time::Timestamp},
};

/// How many browsers of one account are remembered.
const MOST_PER_ACCOUNT: i64 = 20;
const REMOVED_AT_ONCE: i64 = 2_000;

/// Whether the account of this address (`email_key`) has signed in with this token since `since`.
pub async fn is_device(
    tx: &mut Tx,
    token_hash: &str,
    email_key: &str,
    since: Timestamp,
) -> sqlx::Result<bool> {
    let found: Option<(i64,)> = sql!(
        optional(tx),
        r"
        select d.seen_at
        from known_devices d
        join accounts a on a.id = d.account_id
        where d.token_hash = $1 and a.email_key = $2 and d.seen_at > $3
        ",
        token_hash,
        email_key,
        since.nanos(),
    )?;
    Ok(found.is_some())
}

/// Whether any browser has signed in with this key since `since`; the key holds the address and the
/// network.
pub async fn is_network(tx: &mut Tx, network_key: &str, since: Timestamp) -> sqlx::Result<bool> {
    let found: Vec<(i64,)> = sql!(
        all(tx),
        r"
        select seen_at
        from known_devices
        where network_key = $1 and seen_at > $2
        order by seen_at desc
        limit 1
        ",
        network_key,
        since.nanos(),
    )?;
    Ok(!found.is_empty())
}

/// Remembers a browser, and forgets the account's oldest ones.
pub async fn save(
    tx: &mut Tx,
    token_hash: &str,
    account: &AccountId,
    network_key: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into known_devices (token_hash, account_id, network_key, seen_at)
        values ($1, $2, $3, $4)
        on conflict (token_hash, account_id) do update
        set network_key = excluded.network_key, seen_at = excluded.seen_at
        ",
        token_hash,
        account.as_str(),
        network_key,
        now.nanos(),
    )
    .and_then(exactly_one)?;
    sql!(
        execute(tx),
        r"
        delete from known_devices
        where account_id = $1
          and token_hash not in (
            select token_hash
            from known_devices
            where account_id = $1
            order by seen_at desc, token_hash
            limit $2
          )
        ",
        account.as_str(),
        MOST_PER_ACCOUNT,
    )
    .map(|_| ())
}

/// Replaces a browser's token in all of its rows.
pub async fn replace_token(tx: &mut Tx, old_hash: &str, new_hash: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update known_devices
        set token_hash = $2
        where token_hash = $1
        ",
        old_hash,
        new_hash,
    )
    .map(|_| ())
}

/// Deletes some of the browsers that were last seen by `until`; returns how many.
pub async fn remove_expired(tx: &mut Tx, until: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from known_devices
        where (token_hash, account_id) in (
          select token_hash, account_id
          from known_devices
          where seen_at <= $1
          order by seen_at, token_hash
          limit $2
        )
        ",
        until.nanos(),
        REMOVED_AT_ONCE,
    )
}
