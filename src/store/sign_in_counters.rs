//! Counters of failed sign-ins: when each limit is free again.

use super::exactly;
use crate::{
    db::{Tx, bulk, listed, sql},
    domain::time::Timestamp,
};

/// How many rows one statement deletes, so that deliveries do not wait for it.
const REMOVED_AT_ONCE: i64 = 2_000;

/// How many counters one statement reads or writes.
const COUNTERS_AT_ONCE: usize = 256;

/// The existing counters of these keys. They are locked for this transaction.
pub async fn lock(tx: &mut Tx, keys: &[String]) -> sqlx::Result<Vec<(String, Timestamp)>> {
    tx.take_sign_in_turn().await?;
    let rows: Vec<(String, i64)> = listed!(
        tx,
        keys,
        COUNTERS_AT_ONCE,
        r"
        select key, full_at
        from sign_in_counters
        where key in ({keys})
        order by key
        ",
        |key| [key.as_str()],
    );
    Ok(rows.into_iter().map(|(key, full_at)| (key, Timestamp::from_nanos(full_at))).collect())
}

pub async fn save(tx: &mut Tx, counters: &[(String, Timestamp)]) -> sqlx::Result<()> {
    let hit = bulk!(
        tx,
        counters,
        COUNTERS_AT_ONCE,
        r"
        insert into sign_in_counters (key, full_at)
        {rows}
        on conflict (key) do update
        set full_at = excluded.full_at
        ",
        |counter| [counter.0.as_str(), counter.1.nanos()],
    );
    exactly(counters.len() as u64, hit)
}

/// Deletes some of the counters that have no effect any more; returns how many. A time later than
/// `horizon` was written while the clock was wrong.
pub async fn remove_expired(tx: &mut Tx, now: Timestamp, horizon: Timestamp) -> sqlx::Result<u64> {
    sql!(
        execute(tx),
        r"
        delete from sign_in_counters
        where key in (
          select key
          from sign_in_counters
          where full_at <= $1 or full_at > $2
          order by full_at, key
          limit $3
        )
        ",
        now.nanos(),
        horizon.nanos(),
        REMOVED_AT_ONCE,
    )
}
