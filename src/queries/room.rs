//! Whether the database can be written. The check is a real write, because a full disk shows in no
//! other way.

use std::time::Duration;

use tokio::time::timeout;

use crate::{
    db::why_unwritable,
    state::AppState,
    store::room::{try_commit, try_delivery},
};

/// How long a check may wait for other writers. A long wait says nothing about the disk.
const PATIENCE: Duration = Duration::from_secs(2);
/// A body larger than one page of either engine.
const BODY: usize = 16 * 1_024;

/// The reason why the database cannot be written, if it cannot.
pub(super) async fn unwritable(state: &AppState) -> Option<&'static str> {
    let check = async {
        match timeout(PATIENCE, try_to_write(state)).await {
            Ok(Err(error)) => why_unwritable(&error),
            Ok(Ok(())) | Err(_) => None,
        }
    };
    state.write_check.last_or(check).await
}

async fn try_to_write(state: &AppState) -> sqlx::Result<()> {
    let (now, id) = (state.clock.now(), state.clock.unique_name("room"));
    let mut body = vec![0; BODY];
    state.clock.fill(&mut body); // Postgres would compress zeros to almost nothing
    let mut tx = state.db.write().await?;
    try_delivery(&mut tx, &id, &body, now).await?;
    tx.rollback().await?;
    let mut tx = state.db.write().await?;
    try_commit(&mut tx, now).await?;
    tx.commit().await
}
