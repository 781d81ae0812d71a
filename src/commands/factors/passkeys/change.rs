//! Renames a passkey, and takes it away.

use super::called;
use crate::{
    commands::{
        Actor, Error, Renewed,
        factors::{note_change, remove::end_codes_with_last_factor, renew},
        own_account,
    },
    db::Tx,
    domain::{
        access::{FreshProof, Viewer},
        account::FactorMessage,
        audit::AuditAction,
        id::PasskeyId,
        passkey::parse_name,
    },
    state::AppState,
    store::{
        accounts,
        passkeys::{self, StoredPasskey},
    },
};

/// The passkey of the viewer with this id, in a transaction that has locked the account.
async fn own(tx: &mut Tx, viewer: &Viewer, id: &PasskeyId) -> Result<Option<StoredPasskey>, Error> {
    accounts::lock_all(tx, &[viewer.account.clone()].into()).await?;
    let own = passkeys::of_account(tx, &viewer.account).await?;
    Ok(own.into_iter().find(|one| one.id == *id))
}

/// False: it is called so already, or the viewer has no such passkey any more.
pub async fn rename_passkey(
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    (id, name): (&PasskeyId, &str),
) -> Result<bool, Error> {
    let name = parse_name(name)?;
    let mut tx = state.db.write().await?;
    let Some(passkey) = own(&mut tx, viewer, id).await?.filter(|one| one.name != name) else {
        return Ok(false);
    };
    passkeys::rename(&mut tx, (&viewer.account, id), name).await?;
    let values = (Some(passkey.name.as_str()), Some(name));
    let act = (actor, AuditAction::RenamePasskey, viewer);
    own_account::note(&mut tx, state, act, values).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes a passkey away from the viewer's account. False: it has no such passkey any more. The
/// recovery codes go with the last factor.
pub async fn remove_passkey(
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    _: &FreshProof,
    id: &PasskeyId,
    renewed: &Renewed,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    let Some(passkey) = own(&mut tx, viewer, id).await? else { return Ok(false) };
    passkeys::remove(&mut tx, (&viewer.account, id)).await?;
    end_codes_with_last_factor(&mut tx, state, viewer).await?;
    let what = (AuditAction::RemoveFactor, FactorMessage::PasskeyRemoved);
    let before = called(&passkey.name);
    note_change(&mut tx, state, (actor, viewer), what, (Some(&before), None)).await?;
    renew(&mut tx, viewer, renewed, state.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}
