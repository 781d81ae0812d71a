//! Opens and resolves alerts that concern no single organization, with one message to each member
//! of staff.

use super::{Error, enqueue, staff};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        alert::{Message, Notice, SystemAlert},
        id::AlertId,
        time::Timestamp,
    },
    state::AppState,
    store::system_alerts,
};

/// Opens an alert with a message to each member of staff, unless it is open already. If there are
/// no staff yet, the message is owed.
pub(in crate::commands) async fn open(
    tx: &mut Tx,
    state: &AppState,
    kind: SystemAlert,
    now: Timestamp,
) -> Result<(), Error> {
    if system_alerts::is_open(tx, kind).await? {
        return Ok(());
    }
    let recipients = staff(tx, state, kind).await?;
    let alert = AlertId::generate(&state.clock);
    if !system_alerts::add(tx, &alert, (kind, Notice::to(recipients.len())), now).await? {
        return Ok(());
    }
    enqueue(tx, state, (None, (&alert).into(), Message::System(kind)), recipients, now).await
}
