//! Staff hear once that there are dead letters; the episode ends when none is left.

use super::{Error, house_alert};
use crate::{
    db::Tx,
    desk::Desk,
    domain::{alert::HouseAlert, id::OrganizationId, time::Timestamp},
    notify::letters::DeadLetters,
    store::{dead_letters, deliveries::Taken, house_episodes},
};

/// Tells every member of staff of a dead letter, unless they know of one. Call it after the delivery is written.
pub(super) async fn tell(tx: &mut Tx, desk: &Desk, dead: &Taken, now: Timestamp) -> Result<(), Error> {
    if house_episodes::is_open(tx, HouseAlert::DeadLetters).await? {
        return Ok(());
    }
    let facts = DeadLetters {
        kind: dead.kind.clone(),
        organization: dead.organization.as_ref().map(OrganizationId::to_string),
        why: dead.why.clone().unwrap_or_default(),
    };
    house_alert::begin(tx, desk, HouseAlert::DeadLetters, &facts.letter(&desk.settings.public_url), now).await
}

/// Ends the episode if nothing is left to replay. Call it at the end of what may have taken the last one away.
pub(super) async fn end_if_none(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    if house_episodes::is_open(tx, HouseAlert::DeadLetters).await? && !dead_letters::are_left(tx).await? {
        house_episodes::end(tx, HouseAlert::DeadLetters, now).await?;
    }
    Ok(())
}

/// The same on its own: retention may have taken the last body.
pub async fn end_dead_letters(desk: &Desk) -> Result<(), Error> {
    let mut tx = desk.db.write().await?;
    end_if_none(&mut tx, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
