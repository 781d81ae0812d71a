//! Signs a person in by a passkey: no address, no password, and no second step.

use super::{Answer, Asked, Signed, ask_to_sign};
use crate::{
    commands::{
        Actor, Error, Origin,
        login_throttle::{self, Visitor},
        sign_in::{SignedIn, Welcome},
    },
    domain::{directory_user::email_key, passkey::CeremonyKind, refusal::PasskeyRefusal},
    state::AppState,
    store::accounts,
};

/// Asks a browser to sign with any passkey of this installation.
pub async fn begin_sign_in_by_passkey(state: &AppState, visitor: &Visitor) -> Result<Asked, Error> {
    login_throttle::admit_passkey(state, visitor).await?;
    ask_to_sign(state, (CeremonyKind::SignIn, None)).await
}

#[derive(Clone)]
pub struct PasskeySignIn {
    pub signed: Signed,
    pub visitor: Visitor,
    pub origin: Origin,
}

/// Checks the signature and lets the person in. The caller begins the session.
pub async fn sign_in_by_passkey(state: &AppState, form: &PasskeySignIn) -> Result<Welcome, Error> {
    let answer = Answer::read(state, CeremonyKind::SignIn, &form.signed).await?;
    let mut tx = state.db.read().await?;
    let account = answer.signer(&mut tx).await?.account;
    let viewer = accounts::viewer(&mut tx, &account).await?;
    drop(tx);
    // a disabled account is like one that has no such passkey
    let viewer = viewer.ok_or(PasskeyRefusal::NotAccepted)?;
    let admitted = login_throttle::admit(state, &email_key(&viewer.email), &form.visitor).await?;
    let actor = Actor::of_viewer(&viewer).with_origin(form.origin.clone());
    let tx = state.db.write().await?;
    let mut tx = answer.check(state, tx, (&actor, &viewer)).await?;
    let password_hash = accounts::password_hash(&mut tx, &account).await?;
    let password_hash = password_hash.ok_or(PasskeyRefusal::NotAccepted)?;
    tx.commit().await?;
    let device = login_throttle::succeeded(state, admitted, &account).await?;
    Ok(Welcome { person: SignedIn { account, password_hash }, device })
}
