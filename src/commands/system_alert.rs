//! Opens alerts that concern no single organization, with one e-mail to each member of staff.

use super::{Error, update_alerts};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        alert::{Notice, SystemAlert},
        id::AlertId,
        time::Timestamp,
    },
    notify::emails::Email,
    state::AppState,
    store::{accounts, system_alerts},
};

/// Opens an alert with an e-mail to each member of staff, unless it is open already. If there are
/// no staff yet, the e-mail is owed.
pub(super) async fn open(
    tx: &mut Tx,
    state: &AppState,
    kind: SystemAlert,
    email: &Email,
    now: Timestamp,
) -> Result<(), Error> {
    let recipients = accounts::staff(tx).await?;
    let alert = AlertId::generate(&state.clock);
    if !system_alerts::add(tx, &alert, (kind, Notice::to(&recipients)), now).await? {
        return Ok(());
    }
    update_alerts::enqueue_emails(tx, state, (None, &alert), (recipients, email), now).await
}
