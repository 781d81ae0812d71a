//! Staff who need a second factor and have none set one up after the password. Until then there is
//! no session.

use super::{Asked, NewPasskey, PassedPassword, apps, passkeys};
use crate::{
    commands::{
        Actor, Error, Origin,
        login_throttle::{self, Admitted, Visitor},
        sign_in::{SignedIn, Welcome},
    },
    domain::{
        directory_user::email_key,
        factor::{RecoveryCode, StepKind},
    },
    state::AppState,
    store::sessions,
};

/// A code of the new app.
#[derive(Clone)]
pub struct FirstFactor {
    pub token: String,
    pub code: String,
    pub visitor: Visitor,
    pub origin: Origin,
}

/// Gives the account an app as its first factor, and lets the person in. The recovery codes come
/// with it.
pub async fn set_first_factor(
    state: &AppState,
    form: &FirstFactor,
) -> Result<(Welcome, Vec<RecoveryCode>), Error> {
    let passed = PassedPassword::find(state, &form.token, StepKind::FirstFactor).await?;
    let viewer = &passed.viewer;
    let key = email_key(&viewer.email);
    let admitted = login_throttle::admit(state, &key, &form.visitor).await?;
    let (secret, counter) = apps::confirmed(state, &passed.step, &form.code)?;
    let actor = Actor::of_viewer(viewer).with_origin(form.origin.clone());
    let mut tx = state.db.write().await?;
    passed.end(&mut tx, &form.token).await?;
    let codes = apps::add(&mut tx, state, (&actor, viewer), (&secret, counter)).await?;
    sessions::end_all(&mut tx, &viewer.account, state.clock.now()).await?;
    tx.commit().await?;
    Ok((welcome(state, passed, admitted).await?, codes))
}

/// Asks the browser of a person who has passed the password for a passkey.
pub async fn begin_first_passkey(
    state: &AppState,
    token: &str,
    visitor: &Visitor,
) -> Result<Asked, Error> {
    login_throttle::admit_passkey(state, visitor).await?;
    let passed = PassedPassword::find(state, token, StepKind::FirstFactor).await?;
    passkeys::ask(state, &passed.viewer).await
}

/// The passkey that the browser has made.
#[derive(Clone)]
pub struct FirstPasskey {
    pub token: String,
    pub new: NewPasskey,
    pub visitor: Visitor,
    pub origin: Origin,
}

/// The same as [`set_first_factor`], with a passkey.
pub async fn set_first_passkey(
    state: &AppState,
    form: &FirstPasskey,
) -> Result<(Welcome, Vec<RecoveryCode>), Error> {
    let passed = PassedPassword::find(state, &form.token, StepKind::FirstFactor).await?;
    let viewer = &passed.viewer;
    let passkey = passkeys::made(state, viewer, &form.new).await?;
    let admitted = login_throttle::admit(state, &email_key(&viewer.email), &form.visitor).await?;
    let actor = Actor::of_viewer(viewer).with_origin(form.origin.clone());
    let mut tx = state.db.write().await?;
    passed.end(&mut tx, &form.token).await?;
    let codes = passkeys::add(&mut tx, state, (&actor, viewer), &passkey).await?;
    sessions::end_all(&mut tx, &viewer.account, state.clock.now()).await?;
    tx.commit().await?;
    Ok((welcome(state, passed, admitted).await?, codes))
}

async fn welcome(
    state: &AppState,
    passed: PassedPassword,
    admitted: Admitted,
) -> Result<Welcome, Error> {
    let account = passed.viewer.account;
    let device = login_throttle::succeeded(state, admitted, &account).await?;
    Ok(Welcome { person: SignedIn { account, password_hash: passed.password_hash }, device })
}
