//! The second step of a sign-in: a code of the app, or a recovery code. A wrong one counts as a
//! failed sign-in.

use super::{PassedPassword, note_change, step_of};
use crate::{
    commands::{
        Actor, Error, Origin,
        login_throttle::{self, Visitor},
        sign_in::{SignedIn, Welcome},
    },
    db::Tx,
    domain::{
        account::FactorMessage,
        audit::AuditAction,
        directory_user::email_key,
        factor::{StepKind, TypedCode},
        id::AccountId,
        refusal::Refusal,
    },
    state::AppState,
    store::{authenticator_apps, factors, recovery_codes},
};

/// What the person typed.
#[derive(Clone)]
pub struct SecondStep {
    pub token: String,
    pub code: String,
    pub visitor: Visitor,
    pub origin: Origin,
}

/// Checks the code and lets the person in. The caller begins the session.
pub async fn second_step(state: &AppState, form: &SecondStep) -> Result<Welcome, Error> {
    let passed = PassedPassword::find(state, &form.token, StepKind::SecondStep).await?;
    let viewer = &passed.viewer;
    let key = email_key(&viewer.email);
    let admitted = login_throttle::admit(state, &key, &form.visitor).await?;
    let typed = TypedCode::parse(&form.code).ok_or(Refusal::Code)?;
    let (mut tx, now) = (state.db.write().await?, state.clock.now());
    passed.end(&mut tx, &form.token).await?;
    match typed {
        TypedCode::App(code) => {
            check_app_code(&mut tx, state, (&viewer.account, &code)).await?;
        }
        TypedCode::Recovery(code) => {
            if !recovery_codes::take(&mut tx, &viewer.account, &code, now).await? {
                return Err(Refusal::Code.into());
            }
            let left = factors::of(&mut tx, &viewer.account).await?.codes_left;
            let left = format!("{left} left");
            let actor = Actor::of_viewer(viewer).with_origin(form.origin.clone());
            let what = (AuditAction::UseRecoveryCode, FactorMessage::RecoveryCodeUsed);
            note_change(&mut tx, state, (&actor, viewer), what, (None, Some(&left))).await?;
        }
    }
    tx.commit().await?;
    let device = login_throttle::succeeded(state, admitted, &viewer.account).await?;
    let account = viewer.account.clone();
    let person = SignedIn { account, password_hash: passed.password_hash };
    Ok(Welcome { person, device })
}

/// Takes a code of the account's app: it and older ones are refused from now on, in every process.
pub(in crate::commands) async fn check_app_code(
    tx: &mut Tx,
    state: &AppState,
    (account, code): (&AccountId, &str),
) -> Result<(), Error> {
    let secret = authenticator_apps::secret(tx, account).await?.ok_or(Refusal::Code)?;
    let step = step_of(&secret, code, state.clock.now()).ok_or(Refusal::Code)?;
    if !authenticator_apps::take_step(tx, account, step).await? {
        return Err(Refusal::CodeUsed.into());
    }
    Ok(())
}
