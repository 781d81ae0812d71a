//! Marks open alerts as read by an account: its bell does not count them any more, and their
//! banners are dismissed. It is a matter of that account alone, so the audit log has no entry.

use super::Error;
use crate::{
    domain::{
        access::{OrganizationScope, Viewer},
        id::AlertId,
    },
    state::AppState,
    store::{alerts::reads, organizations},
};

/// How many alerts are marked at once.
const MOST: i64 = 1_000;

/// Marks one alert of those that the viewer sees, or without an id all of them: of an
/// organization, or for staff of all. An alert that is not open, or that the viewer does not see,
/// changes nothing.
pub async fn read_alerts(
    state: &AppState,
    viewer: &Viewer,
    organization: Option<&OrganizationScope>,
    alert: Option<&AlertId>,
) -> Result<(), Error> {
    let is_staff = viewer.role.is_staff();
    if organization.is_none() && !is_staff {
        return Err(Error::Missing);
    }
    let mut tx = state.db.write().await?;
    if let Some(scope) = organization {
        organizations::revision(&mut tx, scope).await?.ok_or(Error::Missing)?;
    }
    loop {
        let mut unread =
            reads::unread(&mut tx, organization, &viewer.account, is_staff, MOST).await?;
        let is_last = i64::try_from(unread.len()).is_ok_and(|length| length < MOST);
        unread.retain(|unread| alert.is_none_or(|alert| *alert == unread.id));
        reads::mark_read(&mut tx, &viewer.account, &unread).await?;
        if is_last || alert.is_some() {
            break;
        }
    }
    tx.commit().await?;
    Ok(())
}
