//! Records that staff look at the personal data in a delivery and in its decisions: in the history
//! of the delivery, which opens it for them, and in the audit log.

use super::{Actor, Error, dead_letters::audit_delivery};
use crate::{
    clock::Generate,
    domain::{
        audit::AuditAction,
        delivery::HistoryAction,
        id::{DeliveryId, HistoryEntryId},
    },
    state::AppState,
    store::{
        dead_letters,
        delivery_history::{self, Entry},
    },
};

pub async fn reveal_personal_data(
    state: &AppState,
    actor: &Actor,
    id: &DeliveryId,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let kept = dead_letters::kept(&mut tx, id).await?.ok_or(Error::Missing)?;
    let (name, now) = (actor.name(), state.clock.now());
    let entry = Entry {
        id: &HistoryEntryId::generate(&state.clock),
        delivery: &kept.key,
        actor: &name,
        account: actor.account(),
        done: HistoryAction::Shown,
        why: None,
    };
    delivery_history::add(&mut tx, &entry, now).await?;
    let entry = actor.entry(AuditAction::RevealPersonalData);
    audit_delivery(&mut tx, state, &kept.key, entry, now).await?;
    tx.commit().await?;
    Ok(())
}
