//! Staff get one alert for all dead letters; it is resolved when no dead letter is left. What staff
//! do with a delivery is in the audit log.

use super::{Error, system_alert};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        alert::SystemAlert,
        id::{AuditEntryId, OrganizationId},
        time::Timestamp,
    },
    notify::emails::{DeadLetters, Email},
    state::AppState,
    store::{
        audit_log::{self, Entry},
        dead_letters,
        deliveries::{DeliveryRecord, StoredKey},
        system_alerts,
    },
};

/// Opens the alert with an e-mail to each member of staff, unless it is open already. Call it after
/// the delivery is written.
pub(super) async fn open_alert(
    tx: &mut Tx,
    state: &AppState,
    dead: &DeliveryRecord,
    now: Timestamp,
) -> Result<(), Error> {
    if system_alerts::is_open(tx, SystemAlert::DeadLetters).await? {
        return Ok(());
    }
    let facts = DeadLetters {
        kind: dead.kind.clone(),
        organization: dead.organization.as_ref().map(OrganizationId::to_string),
        why: dead.why.clone().unwrap_or_default(),
    };
    system_alert::open(
        tx,
        state,
        SystemAlert::DeadLetters,
        &facts.email(&state.settings.public_url),
        now,
    )
    .await
}

/// The e-mail about the newest dead letter; `None` if no dead letter is left.
pub(super) async fn email(tx: &mut Tx, state: &AppState) -> Result<Option<Email>, Error> {
    let newest = dead_letters::newest_facts(tx).await?;
    Ok(newest.map(|(kind, organization, why)| {
        let organization = organization.map(|organization| organization.to_string());
        DeadLetters { kind, organization, why: why.unwrap_or_default() }
            .email(&state.settings.public_url)
    }))
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
