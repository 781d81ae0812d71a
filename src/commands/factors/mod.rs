//! Factors: what a person shows besides the password, or in its place. An authenticator app,
//! passkeys, recovery codes, and the second step of a sign-in.
//!
//! A changed factor ends the other sessions of the account, is in the audit log, and its owner gets
//! an e-mail about it.

mod apps;
mod first_factor;
mod passkeys;
mod recovery_codes;
mod remove;
mod second_step;

use sha2::{Digest, Sha256};

pub use self::{
    apps::{NewApp, add_app, begin_app},
    first_factor::{
        FirstFactor, FirstPasskey, begin_first_passkey, set_first_factor, set_first_passkey,
    },
    passkeys::{
        Asked, NewPasskey, PasskeyProof, PasskeySignIn, Signed, add_passkey,
        begin_identity_by_passkey, begin_passkey, begin_sign_in_by_passkey,
        confirm_identity_by_passkey, remove_passkey, rename_passkey, sign_in_by_passkey,
    },
    recovery_codes::make_recovery_codes,
    remove::remove_app,
    second_step::{SecondStep, second_step},
};
pub(super) use self::{remove::remove_factors, second_step::check_app_code};
use super::{Actor, Error, Renewed, own_account};
use crate::{
    db::Tx,
    domain::{
        access::Viewer,
        account::{AccountMessage, FactorMessage},
        audit::AuditAction,
        factor::{APP_PERIOD, RecoveryCode, STEP_LASTS, StepKind},
        id::AccountId,
        refusal::Refusal,
        time::Timestamp,
    },
    state::AppState,
    store::{
        accounts,
        factor_steps::{self, FactorStep},
        sessions,
    },
};

/// The length of an app's secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;

fn secret_bytes<const N: usize>() -> Result<[u8; N], Error> {
    crate::clock::secret_bytes()
        .map_err(|error| Error::Internal(format!("the machine has no randomness: {error}")))
}

/// The step of the code that an app with this secret shows now, or showed or will show within
/// half a minute. `None`: the code is wrong.
fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.nanos() / 1_000_000_000).ok()?;
    let builder = totp_rs::Builder::new().with_secret(secret).with_step_duration(APP_PERIOD);
    let app = builder.with_skew(1).build().ok()?;
    app.check(code, seconds).and_then(|step| i64::try_from(step).ok())
}

/// What a password hash is known by in a step that depends on it.
fn password_mark(password_hash: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    URL_SAFE_NO_PAD.encode(Sha256::digest(password_hash))
}

/// Begins a step of this browser, and gives its token.
async fn begin_step(state: &AppState, kind: StepKind, step: &FactorStep) -> Result<String, Error> {
    let token = super::link_token::fresh_token()?;
    let mut tx = state.db.write().await?;
    let expires_at = state.clock.now().plus(STEP_LASTS);
    factor_steps::add(&mut tx, (&token, kind), step, expires_at).await?;
    tx.commit().await?;
    Ok(token)
}

/// The step of a browser that has passed the password, and its account.
struct PassedPassword {
    step: FactorStep,
    viewer: Viewer,
    password_hash: String,
}

impl PassedPassword {
    /// Refused if the time is over, or the account or its password has changed since.
    async fn find(state: &AppState, token: &str, kind: StepKind) -> Result<Self, Error> {
        let mut tx = state.db.read().await?;
        let step = factor_steps::find(&mut tx, (token, kind), state.clock.now()).await?;
        let step = step.ok_or(Refusal::StepOver)?;
        let account = step.account.clone();
        let viewer = accounts::viewer(&mut tx, &account).await?.ok_or(Refusal::StepOver)?;
        let password_hash = accounts::password_hash(&mut tx, &account).await?;
        let password_hash = password_hash.ok_or(Refusal::StepOver)?;
        if step.password_mark.as_deref() != Some(&password_mark(&password_hash)) {
            return Err(Refusal::StepOver.into());
        }
        Ok(Self { step, viewer, password_hash })
    }

    /// Locks the account, and ends the step: it opens one session.
    async fn end(&self, tx: &mut Tx, token: &str) -> Result<(), Error> {
        let account = &self.viewer.account;
        let is_unchanged = accounts::is_unchanged(tx, account, &self.password_hash).await?;
        if !is_unchanged || !factor_steps::end(tx, token).await? {
            return Err(Refusal::StepOver.into());
        }
        Ok(())
    }
}

/// Begins the second step of a sign-in whose password was right.
pub(super) async fn begin_second_step(
    state: &AppState,
    account: &AccountId,
    password_hash: &str,
) -> Result<String, Error> {
    let step = FactorStep {
        account: account.clone(),
        password_mark: Some(password_mark(password_hash)),
        state: String::new(),
    };
    begin_step(state, StepKind::SecondStep, &step).await
}

/// Begins the set-up of the first factor, which the account needs for a session.
pub(super) async fn begin_first_factor(
    state: &AppState,
    account: &AccountId,
    password_hash: &str,
) -> Result<String, Error> {
    let step = FactorStep {
        account: account.clone(),
        password_mark: Some(password_mark(password_hash)),
        state: apps::fresh_secret()?,
    };
    begin_step(state, StepKind::FirstFactor, &step).await
}

/// The change of a factor by its owner: the other sessions end, this one goes on with a new token,
/// and the owner is told.
async fn note_change(
    tx: &mut Tx,
    state: &AppState,
    (actor, viewer): (&Actor, &Viewer),
    (action, message): (AuditAction, FactorMessage),
    (before, after): (Option<&str>, Option<&str>),
) -> Result<(), Error> {
    let act = (actor, action, viewer);
    let entry = own_account::note(tx, state, act, (before, after)).await?;
    let (about, now) = ((AccountMessage::Factor(message), (&entry).into()), state.clock.now());
    own_account::enqueue(tx, state, about, viewer.email.clone(), now).await
}

/// Ends the other sessions of the account; this one goes on with a new token.
async fn renew(
    tx: &mut Tx,
    viewer: &Viewer,
    renewed: &Renewed,
    now: Timestamp,
) -> Result<(), Error> {
    sessions::end_others(tx, (&viewer.account, &renewed.session), now).await?;
    if !sessions::rotate(tx, (&renewed.session, &renewed.token_hash), now).await? {
        return Err(Error::Missing);
    }
    Ok(())
}

/// New recovery codes, not yet stored.
fn fresh_codes() -> Result<Vec<RecoveryCode>, Error> {
    (0..RecoveryCode::COUNT).map(|_| secret_bytes().map(RecoveryCode::of)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code, step) in [
            (59, "287082", 1),
            (1_111_111_109, "081804", 37_037_036),
            (2_000_000_000, "279037", 66_666_666),
        ] {
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(step_of(secret, code, now), Some(step));
            let half = Duration::from_secs(APP_PERIOD);
            for near in [now.plus(half), now.minus(half)] {
                assert_eq!(step_of(secret, code, near), Some(step), "a clock that goes wrong");
            }
            for far in [now.plus(half * 2), now.minus(half * 2)] {
                assert_eq!(step_of(secret, code, far), None);
            }
        }
        assert_eq!(step_of(secret, "000000", Timestamp::from_seconds(59)), None);
    }
}
