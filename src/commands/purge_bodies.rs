//! Removes raw bodies that are old enough; the decisions stay for ever. Dead letters are no
//! exception, because the retention period is a promise to the people in a body.

use super::Error;
use crate::{
    domain::{invariant::Removed, time::Timestamp},
    state::AppState,
    store::{
        alerts::reads,
        deliveries, digests,
        jobs::{self, Claimed},
        outbox,
    },
};

/// Deliveries processed in one transaction.
const PART: i64 = 100;

/// Removes the bodies of the oldest deliveries that still have one, all received before `cutoff`,
/// as many as one transaction should hold. None: there is nothing left to remove.
pub async fn purge_bodies(
    state: &AppState,
    retention: &Claimed,
    before: Removed,
    cutoff: Timestamp,
) -> Result<Option<Removed>, Error> {
    let mut tx = state.db.write().await?;
    let Some(until) = deliveries::part_before(&mut tx, (before.until, cutoff), PART).await? else {
        return Ok(None);
    };
    let bodies = deliveries::purge_bodies(&mut tx, before.until, until).await?;
    let after = Removed { until, bodies: before.bodies + bodies };
    let notes = serde_json::to_string(&after).unwrap_or_default();
    jobs::note(&mut tx, retention, &notes).await?;
    tx.commit().await?;
    state.metrics.bodies_removed(bodies);
    Ok(Some(after))
}

/// Removes a part of the messages that were sent, dropped or given up before `cutoff`, and of what
/// was read about alerts that are resolved; gives how many rows.
pub async fn remove_old_messages(
    state: &AppState,
    retention: &Claimed,
    cutoff: Timestamp,
) -> Result<u64, Error> {
    let mut tx = state.db.write().await?;
    let removed = outbox::remove_old(&mut tx, cutoff, PART).await?
        + reads::remove_old_reads(&mut tx, PART).await?
        + digests::remove_old(&mut tx, cutoff, PART).await?;
    jobs::keep(&mut tx, retention).await?;
    tx.commit().await?;
    Ok(removed)
}
