//! Staff who need a second factor and have none set one up after the password. Until then there is
//! no session.

use super::{PassedPassword, apps};
use crate::{
    commands::{
        Actor, Error, Origin,
        login_throttle::{self, Visitor},
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

/// Gives the account its first factor, and lets the person in. The recovery codes come with it.
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
    let device = login_throttle::succeeded(state, admitted, &viewer.account).await?;
    let account = viewer.account.clone();
    let person = SignedIn { account, password_hash: passed.password_hash };
    Ok((Welcome { person, device }, codes))
}
