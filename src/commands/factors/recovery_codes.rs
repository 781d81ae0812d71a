//! Gives an account new recovery codes, when the old ones are used up or were seen by others.

use super::{fresh_codes, note_change, renew};
use crate::{
    commands::{Actor, Error, Renewed},
    domain::{
        access::{FreshProof, Viewer},
        account::FactorMessage,
        audit::AuditAction,
        factor::RecoveryCode,
        refusal::Refusal,
    },
    state::AppState,
    store::{accounts, factors, recovery_codes},
};

/// New codes for the viewer's account; the old ones work no more.
pub async fn make_recovery_codes(
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    _: &FreshProof,
    renewed: &Renewed,
) -> Result<Vec<RecoveryCode>, Error> {
    let codes = fresh_codes()?;
    let mut tx = state.db.write().await?;
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    let before = factors::of(&mut tx, &viewer.account).await?;
    if !before.is_any() {
        return Err(Refusal::NoFactor.into());
    }
    recovery_codes::replace(&mut tx, &viewer.account, &codes).await?;
    let left = |codes: i64| format!("{codes} left");
    let (before, after) = (left(before.codes_left), format!("{} left", codes.len()));
    let what = (AuditAction::MakeRecoveryCodes, FactorMessage::RecoveryCodesMade);
    let values = (Some(before.as_str()), Some(after.as_str()));
    note_change(&mut tx, state, (actor, viewer), what, values).await?;
    renew(&mut tx, viewer, renewed, state.clock.now()).await?;
    tx.commit().await?;
    Ok(codes)
}
