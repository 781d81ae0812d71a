//! Takes factors away: the owner one of them, and a staff admin or the command line all of them,
//! for a person who lost them.

use super::{note_change, renew};
use crate::{
    commands::{Actor, Error, Renewed},
    db::Tx,
    domain::{
        access::{FreshProof, Viewer},
        account::FactorMessage,
        audit::AuditAction,
        factor::{APP, Factors},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        accounts, authenticator_apps, factor_steps, factors, passkey_ceremonies, passkeys,
        recovery_codes, sessions, settings,
    },
};

/// Takes the app away from the viewer's account. False: it has none. The recovery codes go with the
/// last factor.
pub async fn remove_app(
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    _: &FreshProof,
    renewed: &Renewed,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    if !authenticator_apps::remove(&mut tx, &viewer.account).await? {
        return Ok(false);
    }
    end_codes_with_last_factor(&mut tx, state, viewer).await?;
    let what = (AuditAction::RemoveFactor, FactorMessage::AppRemoved);
    let values = (Some(APP), None);
    note_change(&mut tx, state, (actor, viewer), what, values).await?;
    renew(&mut tx, viewer, renewed, state.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// Refuses to leave staff without a factor if they need one.
pub(super) async fn end_codes_with_last_factor(
    tx: &mut Tx,
    state: &AppState,
    viewer: &Viewer,
) -> Result<(), Error> {
    if factors::of(tx, &viewer.account).await?.is_any() {
        return Ok(());
    }
    let is_needed = settings::values(tx, &state.settings.fixed).await?.staff_second_factor;
    if is_needed && viewer.role.is_staff() {
        return Err(Refusal::FactorNeeded.into());
    }
    recovery_codes::remove(tx, &viewer.account).await?;
    Ok(())
}

/// Takes all factors of an account away, in a transaction that has locked the account, and ends its
/// sessions. Gives what it had.
pub(in crate::commands) async fn remove_factors(
    tx: &mut Tx,
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
) -> Result<Factors, Error> {
    let (account, now) = (&viewer.account, state.clock.now());
    let before = factors::of(tx, account).await?;
    if !before.is_any() {
        return Ok(before);
    }
    authenticator_apps::remove(tx, account).await?;
    passkeys::remove_all(tx, account).await?;
    recovery_codes::remove(tx, account).await?;
    factor_steps::end_all(tx, account).await?;
    passkey_ceremonies::end_all(tx, account).await?;
    sessions::end_all(tx, account, now).await?;
    let what = (AuditAction::ResetFactors, FactorMessage::Reset);
    note_change(tx, state, (actor, viewer), what, (Some(&before.words()), None)).await?;
    Ok(before)
}
