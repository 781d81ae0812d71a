//! Limits that were set until a day end: the limit that applied before is set again, through the
//! seat rules.

use super::{
    Actor, Error,
    alerts::notify_of_limit,
    seat_transaction::SeatTransaction,
    set_seat_limit::{NewLimit, set_limit},
};
use crate::{
    domain::{id::OrganizationId, limit_end::LimitEnd},
    state::AppState,
    store::limit_ends,
};

/// How many limits are ended in one turn.
const AT_ONCE: i64 = 100;

/// Ends the limits whose last day is over; gives how many rows were dealt with.
pub async fn end_limits(state: &AppState) -> Result<usize, Error> {
    let due = limit_ends::due(&mut state.db.read().await?, state.clock.now(), AT_ONCE).await?;
    let mut ended = 0;
    for organization in due {
        ended += usize::from(end_limit(state, &organization).await?);
    }
    Ok(ended)
}

/// False: it was dealt with meanwhile.
async fn end_limit(state: &AppState, id: &OrganizationId) -> Result<bool, Error> {
    let mut seats = SeatTransaction::begin(state, id).await?;
    let (scope, now) = (seats.scope(id)?, seats.now());
    let locked = seats.organization(id)?;
    let (version, is_archived) = (locked.limit_version, locked.roster.archived);
    match limit_ends::find(seats.tx(), &scope, version).await? {
        Some(end) if end.at > now => {
            seats.rollback().await?;
            return Ok(false);
        }
        Some(end) if !is_archived => {
            set_limit(&mut seats, &Actor::job(), &ended(id, version, end)).await?;
            let version = seats.organization(id)?.limit_version;
            let mut tx = seats.write().await?;
            notify_of_limit(&mut tx, state, (&scope, version), now).await?;
            tx.commit().await?;
        }
        // a later limit applies, or none
        _ => {
            let is_left = limit_ends::remove(seats.tx(), &scope).await?;
            seats.write().await?.commit().await?;
            return Ok(is_left);
        }
    }
    Ok(true)
}

fn ended(id: &OrganizationId, version: i64, end: LimitEnd) -> NewLimit {
    NewLimit {
        organization: id.clone(),
        limit: end.then,
        until: None,
        reason: format!("The limit until {} ended.", end.last_day().written()),
        expected_version: Some(version),
    }
}
