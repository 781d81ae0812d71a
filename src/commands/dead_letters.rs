//! Staff get one alert for all dead letters; it is resolved when no dead letter is left. What staff
//! do with a delivery is in the audit log.

use super::{Error, alerts};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{access::OrganizationScope, alert::SystemAlert, id::AuditEntryId, time::Timestamp},
    state::AppState,
    store::{
        audit_log::{self, Entry},
        dead_letters,
        deliveries::StoredKey,
        system_alerts,
    },
};

/// Opens the alert, unless it is open already. Call it after the delivery is written.
pub(super) async fn open_alert(tx: &mut Tx, state: &AppState, now: Timestamp) -> Result<(), Error> {
    alerts::system::open(tx, state, SystemAlert::DeadLetters, now).await
}

/// Resolves the alert if no dead letter is left to replay. Call it after a step that may have
/// removed the last one.
pub(super) async fn resolve_if_none(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    if system_alerts::is_open(tx, SystemAlert::DeadLetters).await?
        && !dead_letters::are_left(tx).await?
    {
        system_alerts::resolve(tx, SystemAlert::DeadLetters, now).await?;
    }
    Ok(())
}

/// The same in its own transaction: retention may have removed the last body.
pub async fn resolve_dead_letters(state: &AppState) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    resolve_if_none(&mut tx, state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds an entry about a delivery to the audit log: to that of its organization, if it has one.
pub(super) async fn audit_delivery(
    tx: &mut Tx,
    state: &AppState,
    delivery: &StoredKey,
    entry: Entry<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let id = AuditEntryId::generate(&state.clock);
    let entry = Entry { target_id: Some(delivery.id.as_str()), ..entry };
    match &delivery.organization {
        Some(organization) => {
            let scope = OrganizationScope::of_delivery(organization.clone());
            audit_log::add(tx, &scope, &id, &entry, now).await
        }
        None => audit_log::add_to_installation(tx, &id, &entry, now).await,
    }
}
