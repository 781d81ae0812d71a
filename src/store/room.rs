//! Tries whether the database has room for the next delivery.

use super::exactly_one;
use crate::{
    db::{Tx, sql},
    domain::time::Timestamp,
};

/// Writes a row as large as a delivery's that no other statement finds; the caller rolls it back.
pub async fn try_delivery(tx: &mut Tx, id: &str, body: &[u8], now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into deliveries (
          organization_id, id, webhook_id, event_id, kind, occurred_at, received_at, outcome,
          original, suspicious, body, body_hash
        )
        values ('', $1, $1, $1, '', $2, $2, 'ignored', false, false, $3, '')
        ",
        id,
        now.nanos(),
        body,
    )
    .and_then(exactly_one)
}

/// Writes one small row, the same each time; the caller commits it.
pub async fn try_commit(tx: &mut Tx, now: Timestamp) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into jobs (name, finished_at, notes)
        values ('room', $1, '')
        on conflict (name) do update
        set finished_at = excluded.finished_at
        ",
        now.nanos(),
    )
    .and_then(exactly_one)
}
