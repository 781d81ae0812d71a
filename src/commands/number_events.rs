//! The sequencer of the outgoing events. It numbers those that are committed, in one transaction
//! after the other, so that the numbers have no gap and a reader who has seen a number never finds
//! a smaller one later.

use std::time::Duration;

use super::Error;
use crate::{
    state::AppState,
    store::{outgoing_events, webhook_deliveries},
};

/// For how long a reader may come back for an event.
pub const EVENTS_KEPT: Duration = Duration::from_hours(30 * 24);
/// How many events one transaction numbers.
const EVENTS_AT_ONCE: i64 = 2_000;
/// How many one transaction removes.
const REMOVED_AT_ONCE: i64 = 500;

/// Numbers a part of the events without a number. Gives how many; none: all have theirs.
pub async fn number_events(state: &AppState) -> Result<i64, Error> {
    // most of the time nothing is new, and no writer has to wait
    if !outgoing_events::is_any_unnumbered(&mut state.db.read().await?).await? {
        return Ok(0);
    }
    let mut tx = state.db.write().await?;
    let last = outgoing_events::lock_sequence(&mut tx).await?;
    let newest = outgoing_events::number(&mut tx, last, EVENTS_AT_ONCE).await?;
    tx.commit().await?;
    Ok(newest - last)
}

/// Removes events and their deliveries that are 30 days old, of the oldest few. Gives whether there
/// may be more.
pub async fn remove_old_events(state: &AppState) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let cutoff = state.clock.now().minus(EVENTS_KEPT);
    let events = outgoing_events::remove_old(&mut tx, cutoff, REMOVED_AT_ONCE).await?;
    let deliveries = webhook_deliveries::remove_old(&mut tx, cutoff, REMOVED_AT_ONCE).await?;
    tx.commit().await?;
    Ok(i64::try_from(events.max(deliveries)).is_ok_and(|removed| removed == REMOVED_AT_ONCE))
}
