//! Staff hear once of what concerns no single organization: an episode begins, and every member of staff gets one letter.

use super::{Error, settle};
use crate::{
    db::Tx,
    desk::Desk,
    domain::{alert::HouseAlert, id::EpisodeId, time::Timestamp},
    notify::letters::Letter,
    store::{accounts, house_episodes},
};

/// Begins an episode with a letter to each member of staff. Where one is under way, or there is nobody to tell yet, nothing
/// happens: it begins when there is.
pub(super) async fn begin(tx: &mut Tx, desk: &Desk, alert: HouseAlert, letter: &Letter, now: Timestamp) -> Result<(), Error> {
    let recipients = accounts::staff(tx).await?;
    let episode: EpisodeId = desk.clock.id("epi");
    if recipients.is_empty() || !house_episodes::begin(tx, &episode, alert, now).await? {
        return Ok(());
    }
    settle::post(tx, desk, (None, &episode), (recipients, letter), now).await
}
