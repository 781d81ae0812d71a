//! Alert episodes about Seatkeeper itself: when a condition began and when it ended.

use crate::{
    db::{Tx, sql},
    domain::{alert::HouseAlert, id::EpisodeId, time::Timestamp},
};

/// Whether an episode is under way. It stays under way until this transaction ends: whoever begins or ends one asks first.
pub async fn is_open(tx: &mut Tx, kind: HouseAlert) -> sqlx::Result<bool> {
    let text = format!("select id from house_episodes where kind = $1 and ended_at is null order by id {}", tx.for_update());
    let open: Vec<String> = sql!(values(tx), sqlx::AssertSqlSafe(text), kind.as_str())?;
    Ok(!open.is_empty())
}

/// False: somebody else began one meanwhile.
pub async fn begin(tx: &mut Tx, id: &EpisodeId, kind: HouseAlert, now: Timestamp) -> sqlx::Result<bool> {
    let hit = sql!(
        execute(tx),
        "insert into house_episodes (id, kind, began_at) values ($1, $2, $3) on conflict (kind) where ended_at is null do nothing",
        id.as_str(),
        kind.as_str(),
        now.nanos(),
    )?;
    Ok(hit == 1)
}

pub async fn end(tx: &mut Tx, kind: HouseAlert, now: Timestamp) -> sqlx::Result<()> {
    sql!(execute(tx), "update house_episodes set ended_at = $2 where kind = $1 and ended_at is null", kind.as_str(), now.nanos())
        .map(|_| ())
}
