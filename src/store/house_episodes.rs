//! System alerts: when a condition of Seatkeeper itself began and when it ended.

use crate::{
    db::{Tx, sql},
    domain::{alert::SystemAlert, id::EpisodeId, time::Timestamp},
};

/// Whether an alert is open. An open alert stays open until this transaction ends, so this is
/// called before [`begin`] and [`end`].
pub async fn is_open(tx: &mut Tx, kind: SystemAlert) -> sqlx::Result<bool> {
    let text = format!("select id from house_episodes where kind = $1 and ended_at is null order by id {}", tx.for_update());
    let open: Vec<String> = sql!(values(tx), sqlx::AssertSqlSafe(text), kind.as_str())?;
    Ok(!open.is_empty())
}

/// Opens an alert. False: another transaction opened it in the meantime.
pub async fn begin(tx: &mut Tx, id: &EpisodeId, kind: SystemAlert, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "insert into house_episodes (id, kind, began_at) values ($1, $2, $3) on conflict (kind) where ended_at is null do nothing",
        id.as_str(),
        kind.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

pub async fn end(tx: &mut Tx, kind: SystemAlert, now: Timestamp) -> sqlx::Result<()> {
    sql!(execute(tx), "update house_episodes set ended_at = $2 where kind = $1 and ended_at is null", kind.as_str(), now.nanos())
        .map(|_| ())
}
