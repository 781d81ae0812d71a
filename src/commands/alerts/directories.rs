//! The alert that a directory is switched off while people hold seats. Webhooks do not say which
//! directory a person comes from, so every seat of the organization may depend on it.

use super::{AppState, Error, Notify, open_as, resolve};
use crate::{
    db::Tx,
    domain::{alert::AlertKind, time::Timestamp},
    store::{directories, organizations::Locked},
};

/// Call it after a directory may have changed its state, and after a resync.
pub(in crate::commands) async fn update_directory_alert(
    tx: &mut Tx,
    state: &AppState,
    organization: &Locked,
    (now, messages): (Timestamp, Notify),
) -> Result<(), Error> {
    let scope = &organization.scope;
    let holds = organization.roster.usage().used > 0
        && !organization.roster.archived
        && !directories::switched_off(tx, scope).await?.is_empty();
    if holds {
        open_as(tx, state, scope, AlertKind::DirectoryDisabled, (now, messages)).await
    } else {
        resolve(tx, scope, AlertKind::DirectoryDisabled, now).await
    }
}
