//! Reminds the side that must act, once, when a request has waited for it for long.

use super::{Written, write};
use crate::{
    commands::Error,
    domain::{
        id::{OrganizationId, SeatRequestId},
        seat_request::EntryKind,
    },
    state::AppState,
    store::{organizations, seat_requests},
};

/// How many requests one call looks at.
const AT_ONCE: i64 = 100;

/// Writes the reminders that are due; gives how many.
pub async fn remind_of_requests(state: &AppState) -> Result<usize, Error> {
    let now = state.clock.now();
    let due = seat_requests::to_remind(&mut state.db.read().await?, now, AT_ONCE).await?;
    let mut reminded = 0;
    for (organization, request) in due {
        reminded += usize::from(remind(state, &organization, &request).await?);
    }
    Ok(reminded)
}

/// False: the request moved on, or another process reminded of it.
async fn remind(
    state: &AppState,
    organization: &OrganizationId,
    id: &SeatRequestId,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let Some(locked) = organizations::lock(&mut tx, organization).await? else { return Ok(false) };
    let (scope, now) = (&locked.scope, state.clock.now());
    let Some(mut request) = seat_requests::find(&mut tx, scope, id).await? else {
        return Ok(false);
    };
    let due = seat_requests::remind_at(&mut tx, scope, id).await?;
    if due.is_none_or(|due| due > now) {
        return Ok(false);
    }
    let written = Written { kind: EntryKind::Reminder, by: "", text: String::new(), limit: None };
    write(&mut tx, state, scope, (&mut request, written), now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(true)
}
