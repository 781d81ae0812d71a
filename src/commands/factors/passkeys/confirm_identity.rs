//! Confirms by a passkey that the person at the browser is the account's owner.

use super::{Answer, Asked, Signed, ask_to_sign};
use crate::{
    commands::{
        Actor, Error, Origin, Renewed,
        login_throttle::{self, Visitor},
    },
    domain::{
        access::Viewer, directory_user::email_key, passkey::CeremonyKind, refusal::PasskeyRefusal,
    },
    state::AppState,
    store::sessions,
};

/// Asks the viewer's browser to sign with a passkey of the viewer's account.
pub async fn begin_identity_by_passkey(
    state: &AppState,
    viewer: &Viewer,
    visitor: &Visitor,
) -> Result<Asked, Error> {
    login_throttle::admit_passkey(state, visitor).await?;
    ask_to_sign(state, (CeremonyKind::ConfirmIdentity, Some(&viewer.account))).await
}

#[derive(Clone)]
pub struct PasskeyProof {
    pub signed: Signed,
    pub visitor: Visitor,
    pub origin: Origin,
}

/// Checks the signature, and notes in the session that its person proved who they are. A wrong one
/// counts as a failed sign-in.
pub async fn confirm_identity_by_passkey(
    state: &AppState,
    viewer: &Viewer,
    form: &PasskeyProof,
    renewed: &Renewed,
) -> Result<(), Error> {
    let answer = Answer::read(state, CeremonyKind::ConfirmIdentity, &form.signed).await?;
    if answer.account.as_ref() != Some(&viewer.account) {
        return Err(PasskeyRefusal::Over.into()); // another person signed in meanwhile
    }
    let admitted = login_throttle::admit(state, &email_key(&viewer.email), &form.visitor).await?;
    let actor = Actor::of_viewer(viewer).with_origin(form.origin.clone());
    let tx = state.db.write().await?;
    let mut tx = answer.check(state, tx, (&actor, viewer)).await?;
    let session = (&renewed.session, &*renewed.token_hash);
    if !sessions::prove(&mut tx, session, state.clock.now()).await? {
        return Err(Error::Missing);
    }
    tx.commit().await?;
    login_throttle::was_right(state, admitted);
    Ok(())
}
