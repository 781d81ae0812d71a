//! Gives an account an authenticator app. It counts only once a code has shown that the app has the
//! secret.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::{SECRET_BYTES, begin_step, fresh_codes, note_change, renew, secret_bytes, step_of};
use crate::{
    commands::{Actor, Error, Renewed},
    db::Tx,
    domain::{
        access::{FreshProof, Viewer},
        account::FactorMessage,
        audit::AuditAction,
        factor::{APP, RecoveryCode, StepKind, TypedCode},
        refusal::Refusal,
    },
    state::AppState,
    store::{
        accounts, authenticator_apps,
        factor_steps::{self, FactorStep},
        factors, recovery_codes,
    },
};

/// A new secret, as a step keeps it.
pub(super) fn fresh_secret() -> Result<String, Error> {
    Ok(STANDARD_NO_PAD.encode(secret_bytes::<SECRET_BYTES>()?))
}

/// The secret and the step of the code that was typed, if the code is right.
pub(super) fn confirmed(
    state: &AppState,
    step: &FactorStep,
    code: &str,
) -> Result<(Vec<u8>, i64), Error> {
    let secret = STANDARD_NO_PAD.decode(&step.state);
    let secret = secret.map_err(|error| Error::Internal(format!("no secret: {error}")))?;
    let Some(TypedCode::App(code)) = TypedCode::parse(code) else {
        return Err(Refusal::AppCode.into());
    };
    let step = step_of(&secret, &code, state.clock.now()).ok_or(Refusal::AppCode)?;
    Ok((secret, step))
}

/// Gives the account the app, in a transaction that has locked it. New recovery codes come with the
/// first factor.
pub(super) async fn add(
    tx: &mut Tx,
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    (secret, step): (&[u8], i64),
) -> Result<Vec<RecoveryCode>, Error> {
    let (account, now) = (&viewer.account, state.clock.now());
    let before = factors::of(tx, account).await?;
    if before.has_app {
        return Err(Refusal::AppThere.into());
    }
    authenticator_apps::add(tx, account, (secret, step), now).await?;
    let codes = if before.codes_left == 0 { fresh_codes()? } else { Vec::new() };
    if !codes.is_empty() {
        recovery_codes::replace(tx, account, &codes).await?;
    }
    let what = (AuditAction::AddFactor, FactorMessage::AppAdded);
    note_change(tx, state, (actor, viewer), what, (None, Some(APP))).await?;
    Ok(codes)
}

/// Begins the set-up of an app for the viewer; gives the token for the browser.
pub async fn begin_app(state: &AppState, viewer: &Viewer, _: &FreshProof) -> Result<String, Error> {
    if factors::of(&mut state.db.read().await?, &viewer.account).await?.has_app {
        return Err(Refusal::AppThere.into());
    }
    let account = viewer.account.clone();
    let step = FactorStep { account, password_mark: None, state: fresh_secret()? };
    begin_step(state, StepKind::AddApp, &step).await
}

/// A code of the app that is being set up.
#[derive(Clone, Debug)]
pub struct NewApp {
    pub token: String,
    pub code: String,
}

/// Gives the viewer's account the app. New recovery codes come with the first factor.
pub async fn add_app(
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    _: &FreshProof,
    new: &NewApp,
    renewed: &Renewed,
) -> Result<Vec<RecoveryCode>, Error> {
    let named = (new.token.as_str(), StepKind::AddApp);
    let now = state.clock.now();
    let step = factor_steps::find(&mut state.db.read().await?, named, now).await?;
    let step = step.filter(|step| step.account == viewer.account);
    let step = step.ok_or(Refusal::SetUpOver)?;
    let (secret, counter) = confirmed(state, &step, &new.code)?;
    let mut tx = state.db.write().await?;
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    if !factor_steps::end(&mut tx, &new.token).await? {
        return Err(Refusal::SetUpOver.into());
    }
    let codes = add(&mut tx, state, (actor, viewer), (&secret, counter)).await?;
    renew(&mut tx, viewer, renewed, state.clock.now()).await?;
    tx.commit().await?;
    Ok(codes)
}
