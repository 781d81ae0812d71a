//! Opens alerts that concern no single organization, with one e-mail to each member of staff.

use super::{Error, update_alerts};
use crate::{
    db::Tx,
    domain::{
        alert::{Notice, SystemAlert},
        id::AlertId,
        time::Timestamp,
    },
    notify::letters::Letter,
    state::AppState,
    store::{accounts, system_alerts},
};

/// Opens an alert with an e-mail to each member of staff, unless it is open already. If there are no
/// staff yet, the e-mail is owed.
pub(super) async fn begin(tx: &mut Tx, state: &AppState, alert: SystemAlert, letter: &Letter, now: Timestamp) -> Result<(), Error> {
    let recipients = accounts::staff(tx).await?;
    let episode: AlertId = state.clock.id("epi");
    if !system_alerts::add(tx, &episode, (alert, Notice::to(&recipients)), now).await? {
        return Ok(());
    }
    update_alerts::post(tx, state, (None, &episode), (recipients, letter), now).await
}
