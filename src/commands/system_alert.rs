//! Opens alerts that concern no single organization, with one e-mail to each member of staff.

use super::{Error, update_alerts};
use crate::{
    db::Tx,
    domain::{alert::SystemAlert, id::EpisodeId, time::Timestamp},
    notify::letters::Letter,
    state::AppState,
    store::{accounts, house_episodes},
};

/// Opens an alert with an e-mail to each member of staff. If the alert is open already, or there
/// are no staff yet, nothing happens: a later call opens it.
pub(super) async fn begin(tx: &mut Tx, state: &AppState, alert: SystemAlert, letter: &Letter, now: Timestamp) -> Result<(), Error> {
    let recipients = accounts::staff(tx).await?;
    let episode: EpisodeId = state.clock.id("epi");
    if recipients.is_empty() || !house_episodes::begin(tx, &episode, alert, now).await? {
        return Ok(());
    }
    update_alerts::post(tx, state, (None, &episode), (recipients, letter), now).await
}
