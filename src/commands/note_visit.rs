//! Records which organization an account looks at, for the organization switcher. It is a matter of
//! that account alone, so the audit log has no entry.

use std::time::Duration;

use super::Error;
use crate::{
    domain::{
        access::{OrganizationScope, Viewer},
        id::OrganizationId,
        time::Timestamp,
    },
    state::AppState,
    store::organization_visits,
};

/// A visit of the same organization is written at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);

/// Records a visit, unless the account looked at this organization last: a person who stays in one
/// writes nothing. A view leaves no trace in what its staff member looked at.
pub async fn note_visit(
    state: &AppState,
    viewer: &Viewer,
    organization: &OrganizationScope,
) -> Result<(), Error> {
    if viewer.view_as.is_some() {
        return Ok(());
    }
    let now = state.clock.now();
    let account = &viewer.account;
    let visits = organization_visits::latest(&mut state.db.read().await?, account).await?;
    if is_known(&visits, organization.id(), now) {
        return Ok(());
    }
    let mut tx = state.db.write().await?;
    organization_visits::note(&mut tx, account, organization, now).await?;
    organization_visits::forget_older(&mut tx, account).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the visit says nothing new. Two windows that show two organizations in turn write once a
/// minute.
fn is_known(visits: &[(OrganizationId, Timestamp)], id: &OrganizationId, now: Timestamp) -> bool {
    let known = visits.iter().position(|(visited, _)| visited == id);
    known.is_some_and(|place| place == 0 || now.since(visits[place].1) < NOTED_EVERY)
}
