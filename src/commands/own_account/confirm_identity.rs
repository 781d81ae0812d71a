//! Confirms that the person at the browser is the account's owner, before something that is worth a
//! stolen session: with the password, or with a code of the account's app.

use super::check_present;
use crate::{
    commands::{
        Error, Renewed,
        factors::check_app_code,
        login_throttle::{self, Visitor},
    },
    domain::{
        access::Viewer, directory_user::email_key, factor::TypedCode, id::SessionId,
        refusal::Refusal,
    },
    state::AppState,
    store::{accounts, sessions},
};

/// What the owner knows or has.
#[derive(Clone)]
pub struct IdentityForm {
    pub present: String,
    pub visitor: Visitor,
}

/// Checks the password or the code, and notes in the session that its person proved who they are. A
/// wrong one counts as a failed sign-in. No password is as short as a code.
pub async fn confirm_identity(
    state: &AppState,
    viewer: &Viewer,
    form: &IdentityForm,
    renewed: &Renewed,
) -> Result<(), Error> {
    let session = (&renewed.session, &*renewed.token_hash);
    if let Some(TypedCode::App(code)) = TypedCode::parse(&form.present) {
        return confirm_by_code(state, viewer, (&code, &form.visitor), session).await;
    }
    let hash = check_present(state, viewer, (&form.present, &form.visitor)).await?;
    let mut tx = state.db.write().await?;
    // the password may have changed, or the account may be disabled, during the wait for the hash
    if !accounts::is_unchanged(&mut tx, &viewer.account, &hash).await? {
        return Err(Refusal::PresentPassword.into());
    }
    if !sessions::prove(&mut tx, session, state.clock.now()).await? {
        return Err(Error::Missing);
    }
    Ok(tx.commit().await?)
}

async fn confirm_by_code(
    state: &AppState,
    viewer: &Viewer,
    (code, visitor): (&str, &Visitor),
    session: (&SessionId, &str),
) -> Result<(), Error> {
    let admitted = login_throttle::admit(state, &email_key(&viewer.email), visitor).await?;
    let mut tx = state.db.write().await?;
    accounts::lock_all(&mut tx, &[viewer.account.clone()].into()).await?;
    check_app_code(&mut tx, state, (&viewer.account, code)).await?;
    if !sessions::prove(&mut tx, session, state.clock.now()).await? {
        return Err(Error::Missing);
    }
    tx.commit().await?;
    login_throttle::was_right(state, admitted);
    Ok(())
}
