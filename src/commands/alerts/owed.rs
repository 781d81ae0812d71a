//! Notifies the recipients of open alerts that notified no recipient: there was none when the alert
//! opened, or the only one lost access before the message was sent.

use tracing::warn;

use super::{Error, enqueue, notify, staff};
use crate::{
    domain::{
        alert::{Message, Notice, SystemAlert},
        id::OrganizationId,
    },
    state::AppState,
    store::{alerts, organizations, settings, system_alerts},
};

/// Organizations looked after together.
const PART: i64 = 100;

/// Writes the messages that open alerts owe to the recipients of now. An error concerns one
/// organization or one system alert, and does not keep the others from their recipients. Gives how
/// many alerts and organizations were looked after.
pub async fn notify_owed(state: &AppState) -> Result<usize, Error> {
    let mut tx = state.db.read().await?;
    let system = system_alerts::owed(&mut tx).await?;
    let for_staff = settings::values(&mut tx, &state.settings.fixed).await?.notify_staff_of_usage;
    drop(tx);
    let (mut organizations, mut last) = (0, None);
    loop {
        let mut tx = state.db.read().await?;
        let part = alerts::owed(&mut tx, last.as_ref(), for_staff, PART).await?;
        drop(tx);
        for organization in &part {
            if let Err(error) = notify_of_organization(state, organization).await {
                warn!(%error, %organization, "an alert could not notify its recipients; trying again");
            }
        }
        organizations += part.len();
        last = part.into_iter().last();
        if last.is_none() {
            break;
        }
    }
    for alert in &system {
        if let Err(error) = notify_staff(state, *alert).await {
            warn!(%error, alert = alert.as_str(), "an alert could not notify staff; trying again");
        }
    }
    Ok(organizations + system.len())
}

async fn notify_of_organization(state: &AppState, id: &OrganizationId) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let Some(locked) = organizations::lock(&mut tx, id).await? else { return Ok(()) };
    for alert in
        alerts::open(&mut tx, &[id]).await?.iter().filter(|alert| alert.notice == Notice::Owed)
    {
        let about = (alert.kind, &alert.id);
        let notice = notify(&mut tx, state, &locked.scope, about, now).await?;
        alerts::note(&mut tx, &locked.scope, &alert.id, notice).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn notify_staff(state: &AppState, kind: SystemAlert) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let now = state.clock.now();
    let Some(alert) = system_alerts::lock_owed(&mut tx, kind).await? else { return Ok(()) };
    let staff = staff(&mut tx, state, kind).await?;
    if staff.is_empty() {
        return Ok(());
    }
    enqueue(&mut tx, state, (None, (&alert).into(), Message::System(kind)), staff, now).await?;
    system_alerts::notified(&mut tx, &alert).await?;
    tx.commit().await?;
    Ok(())
}
