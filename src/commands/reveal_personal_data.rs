//! Records that staff look at the personal data in a delivery and in its decisions.

use super::Error;
use crate::{
    clock::Generate,
    domain::{
        access::Staff,
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
    staff: &Staff,
    id: &DeliveryId,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let kept = dead_letters::kept(&mut tx, id).await?.ok_or(Error::Missing)?;
    let entry = Entry {
        id: &HistoryEntryId::generate(&state.clock),
        delivery: &kept.key,
        actor: &staff.name,
        account: Some(&staff.account),
        done: HistoryAction::Shown,
        why: None,
    };
    delivery_history::add(&mut tx, &entry, state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
