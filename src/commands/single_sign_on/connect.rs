//! Connects an account with an identity, while its owner is signed in; and disconnects it.

use super::{Actor, Error, Origin, Place, rules::may_open};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::{OrganizationScope, Viewer},
        audit::AuditAction,
        id::AuditEntryId,
        refusal::SignOnRefusal,
    },
    oidc::Identity,
    state::AppState,
    store::{
        accounts,
        audit_log::{self, Entry},
        identities, organizations,
    },
};

pub(super) async fn connect(
    state: &AppState,
    place: Place<'_>,
    (viewer, identity): (&Viewer, &Identity),
    origin: &Origin,
) -> Result<(), Error> {
    let mut tx = state.db.write().await?;
    let scope = match place {
        Some(id) => {
            let locked = organizations::lock(&mut tx, id).await?;
            Some(locked.ok_or(SignOnRefusal::NotSetUp)?.scope)
        }
        None => None,
    };
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    let viewer = accounts::viewer(&mut tx, &viewer.account).await?;
    let viewer = viewer.ok_or(SignOnRefusal::SignedOut)?;
    may_open(place, &viewer)?;
    let key = (identity.issuer.as_str(), identity.subject.as_str());
    if !identities::connect(&mut tx, key, &viewer.account, state.clock.now()).await? {
        let owner = identities::account(&mut tx, key).await?;
        if owner.as_ref() != Some(&viewer.account) {
            return Err(SignOnRefusal::ConnectedToAnother.into());
        }
        return Ok(());
    }
    let actor = Actor::of_viewer(&viewer).with_origin(origin.clone());
    let act = (&actor, AuditAction::ConnectIdentity, scope.as_ref());
    note(&mut tx, state, act, (&viewer, &identity.issuer)).await?;
    Ok(tx.commit().await?)
}

/// Disconnects an account from the identities of an issuer. False: there were none.
pub async fn disconnect_identity(
    state: &AppState,
    actor: &Actor,
    viewer: &Viewer,
    issuer: &str,
) -> Result<bool, Error> {
    let mut tx = state.db.write().await?;
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    let hash = accounts::password_hash(&mut tx, &viewer.account).await?;
    if hash.ok_or(Error::Missing)? == accounts::NO_PASSWORD {
        return Err(SignOnRefusal::NoPassword.into());
    }
    if identities::disconnect(&mut tx, &viewer.account, issuer).await? == 0 {
        return Ok(false);
    }
    let act = (actor, AuditAction::DisconnectIdentity, None);
    note(&mut tx, state, act, (viewer, issuer)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Records that an account is connected, or is not any more.
pub(super) async fn note(
    tx: &mut Tx,
    state: &AppState,
    (actor, action, scope): (&Actor, AuditAction, Option<&OrganizationScope>),
    (viewer, issuer): (&Viewer, &str),
) -> Result<(), Error> {
    let (id, now) = (AuditEntryId::generate(&state.clock), state.clock.now());
    let is_over = action == AuditAction::DisconnectIdentity;
    let entry = Entry {
        target_id: Some(viewer.account.as_str()),
        target: Some(&viewer.email),
        before: is_over.then_some(issuer),
        after: (!is_over).then_some(issuer),
        ..actor.entry(action)
    };
    match scope {
        Some(scope) => audit_log::add(tx, scope, &id, &entry, now).await?,
        None => audit_log::add_to_installation(tx, &id, &entry, now).await?,
    }
    Ok(())
}
